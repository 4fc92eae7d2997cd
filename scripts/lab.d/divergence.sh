# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# What a user sets on the phone while pbx-b serves: kept before the copy overwrites it, listed, and carried back to
# pbx-a. Needs drills.sh, database.sh, takeover.sh and replication.sh.

readonly forward_to=5551234 forwarding=11 # a number; the user's id
forwarding_user=''

forward_of() { sql "$1" "SELECT enableunc || ' ' || destunc FROM userfeatures WHERE id = $forwarding"; }
is_forwarded() { [ "$(forward_of "$1")" = "1 $forward_to" ]; }
is_not_forwarded() { ! is_forwarded "$1"; }

# Between the takeover and the failback.
users_change_things() {
  replicates || return 0
  step 'A user forwards all calls, on the phone that pbx-b serves'
  forwarding_user=$(sql pbx-b "SELECT uuid FROM userfeatures WHERE id = $forwarding")
  sql pbx-b "UPDATE userfeatures SET enableunc = 1, destunc = '$forward_to' WHERE id = $forwarding"
  say 'pbx-b wrote down when it began to serve:'
  sql pbx-b 'SELECT since, epoch, transaction FROM tandem.activation' | quote
  expect 'pbx-a knows nothing of the forward' pbx-a is_not_forwarded pbx-a
}

divergence_has() { # NODE STATE
  tandem_on "$1" divergence -o json 2>/dev/null | jq -e ".users[] |
    select(.user.uuid == \"$forwarding_user\" and .feature == \"forwards.unconditional\" and .state == \"$2\")" >/dev/null
}
apply_forwards() {
  say 'tandem divergence --apply forwards on pbx-a:'
  tandem_on pbx-a divergence --apply forwards 2>&1 | quote || fail pbx-a 'tandem divergence --apply forwards'
}
forward_is_home() { is_forwarded pbx-a && is_forwarded pbx-b; }
nothing_waits() { condition_is "$1" DivergenceOpen False; }

# After the failback and the first copy.
bring_changes_home() {
  replicates || return 0
  step 'The copy made both equal again; what the user set was kept before, and is carried back on request'
  expect 'the copy has overwritten the forward on pbx-b' pbx-b is_not_forwarded pbx-b
  expect 'it is in the list, on pbx-a' pbx-a divergence_has pbx-a pending
  expect 'it is in the list, on pbx-b' pbx-b divergence_has pbx-b pending
  show pbx-a divergence
  # The stand-in for confd knows a user when it is told of one.
  wazo pbx-a POST /subscribers "{\"uuid\": \"$forwarding_user\"}" >/dev/null
  arrives 'the forward: carried back to pbx-a, and copied to pbx-b' ordered apply_forwards forward_is_home
  expect 'the list says so' pbx-a divergence_has pbx-a applied
  show pbx-a divergence
  # The other rows that were changed during the takeover are those of the drills.
  if ! nothing_waits pbx-a; then
    say 'the rest is the drills'\'' own:'
    tandem_on pbx-a divergence --discard --reason 'edits of the lab' 2>&1 | quote
  fi
  expect 'nothing waits any more' pbx-a nothing_waits pbx-a
}
