# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# The parts of the story that are no simple drill: a declaration, orders, edits, a kill. Needs drills.sh,
# breaks.sh and vendor.sh.

both() {
  "$1" pbx-a "${@:2}"
  "$1" pbx-b "${@:2}"
}

is_pending() { pair_is "$1" '.status.conditions[] | select(.type == "StructuralChangePending").status == "True"'; }
is_converged() { pair_is "$1" '.status.conditions[] | select(.type == "Converged").status == "True"'; }
is_refused() { pair_is "$1" '.status.conditions[] | select(.type == "SpecAccepted").status == "False"'; }
is_accepted() { pair_is "$1" '.status.conditions[] | select(.type == "SpecAccepted").status == "True"'; }

show_condition() { # NODE TYPE
  condition "$1" "$2" '"\(.type) is \(.status) (\(.reason)): \(.message)"' | sed "s|$dir/||g" | fold -s -w 100 | quote
}

show_plan() { # NODE
  local status=0 answer
  say "tandem plan on $1:"
  answer=$(tandem_on "$1" plan 2>&1) || status=$?
  quote <<<"$answer"
  [ "$status" -eq 2 ] && return
  bad "tandem plan exits with $status, not with 2 for changes"
  fail "$1" "tandem plan on $1"
}

# order WHAT NODE REASON [OPTION]...: the order that a structural change waits for.
order() {
  local began ended answer
  say "tandem apply --structural ${4+${*:4} }--reason \"$3\" on $2:"
  clock began
  if answer=$(tandem_on "$2" apply --structural "${@:4}" --reason "$3" 2>&1); then
    clock ended
    quote <<<"$answer"
    good "done after $(shown_time "$((ended - began))")"
    note_row "$2: $1" 'ordered' "$(shown_time "$((ended - began))")"
  else
    quote <<<"$answer"
    noticed=ordered
    note_failure "$1" "$2"
  fi
}

# expect WHAT NODE COMMAND...: bounded; a thing that does not come is a failure of the lab's story.
expect() {
  local what=$1 node=$2
  shift 2
  wait_for "$wait_limit" "$@" && return 0
  bad "did not happen: $what"
  fail "$node" "on $node: $what"
}

untouched() { # NODE BEFORE
  if [ "$(fingerprint "$1")" = "$2" ]; then
    good "nothing on $1 was touched meanwhile"
  else
    bad "something on $1 was changed"
    fail "$1" "$1 was changed without an order"
  fi
}

# Of the seven steps the vendor's call does the first three, and stops where PostgreSQL does not restart.
set_up_by_the_vendor() {
  step "The pair is set up the vendor's way, by PUT /ha; on pbx-b PostgreSQL's restart fails in the middle"
  both add_administrator
  fail_restart_once pbx-b
  say "PUT /ha master on pbx-a: $(put_ha pbx-a master 127.0.0.12)"
  show_traces pbx-a | quote
  say "PUT /ha slave on pbx-b: $(put_ha pbx-b slave 127.0.0.11)"
  show_traces pbx-b | quote
}

# What the administrator is told before anything is installed.
import_what_is_there() {
  local status=0
  step 'tandem import on pbx-b: the declaration of the node as it is, and what is wrong with it'
  tandem_on pbx-b import --peer-name pbx-a 2>"$dir/pbx-b/import.said" >"$dir/pbx-b/imported.yaml" || status=$?
  quote <"$dir/pbx-b/import.said"
  [ "$status" -eq 0 ] || fail pbx-b "tandem import exits with $status"
}

first_declaration_waits() {
  local before_a before_b
  step 'Two operators start. The first declaration of a pair waits for an order'
  before_a=$(fingerprint pbx-a) before_b=$(fingerprint pbx-b)
  both start_operator
  both expect_pending
  show_condition pbx-a StructuralChangePending
  show_plan pbx-a
  say "and what the vendor's failure left on pbx-b:"
  show_plan pbx-b
  untouched pbx-a "$before_a"
  untouched pbx-b "$before_b"
}
expect_pending() { expect 'a structural change waits' "$1" is_pending "$1"; }

is_as_declared() { # NODE
  ha_conf_is_right "$1" && sentinels_are_right "$1" && cron_files_are_right "$1" && is_converged "$1"
}

first_order() {
  step 'The order is given: both nodes are put in order'
  order 'first set-up' pbx-a 'first set-up'
  say 'on pbx-b with --now: PostgreSQL has to restart, which is more than spec.changes.allow'
  order 'first set-up' pbx-b 'first set-up' --now
  expect 'as declared' pbx-a is_as_declared pbx-a
  expect 'expiry as documented' pbx-a expiry_is_documented pbx-a
  expect 'as declared' pbx-b is_as_declared pbx-b
}

bad_edit() {
  local before generation
  step 'pbx-a: a bad edit of pair.yaml'
  before=$(fingerprint pbx-a)
  generation=$(curl -sf --max-time 5 "http://${listen[pbx-a]}/api/v1/pair" | jq .metadata.generation) || generation=0
  sed -i 's/^  enabled: true/  enbled: true/; s/preset: documented/preset: fastest/' "$dir/pbx-a/pair.yaml"
  expect 'the edit is refused' pbx-a is_refused pbx-a
  show_condition pbx-a SpecAccepted
  expect 'the last good declaration stays' pbx-a pair_is pbx-a ".metadata.generation == $generation"
  untouched pbx-a "$before"
}

# Killed while the services still work on its PUT: it can not know what became of it.
kill_in_the_middle() {
  local began ended
  step 'pbx-a: kill -9 in the middle of a repair; restart while pair.yaml is bad, and ha.conf gone'
  answer_slowly_once pbx-a
  raise_expiry pbx-a
  look_again pbx-a
  expect 'the repair is under way' pbx-a has_a_write pbx-a
  kill -KILL "${pid_of[pbx-a]}"
  wait_for 5 is_gone "${pid_of[pbx-a]}" || die 'kill -9 did not end the operator'
  wazo pbx-a DELETE /journal >/dev/null
  remove_ha_conf pbx-a
  clock began
  run_operator pbx-a
  noticed='restart'
  if wait_for 20 ha_conf_is_right pbx-a && wait_for 20 last_write_is_clean pbx-a && clock ended; then
    expect 'still refused' pbx-a is_refused pbx-a
    show_condition pbx-a SpecAccepted
    say "its unconfirmed write was sent again and answered: $(writes pbx-a)"
    good "ha.conf and expiry whole $(shown_time "$((ended - began))") after the start, by the last good declaration"
    note_row 'pbx-a: killed in a repair, pair.yaml bad' "$noticed" "$(shown_time "$((ended - began))")"
  else
    note_failure 'killed in a repair, pair.yaml bad' pbx-a
  fi
}

is_deferred_to_fast() {
  pair_is pbx-b '.status.resources[] | select(.name == "sip-expiry") |
    .result == "Deferred" and any(.drift[]; (.field | endswith("maximum_expiration")) and .to == "240")'
}

good_edit() {
  local began ended
  step 'A good edit on both: sip.preset documented -> fast'
  clock began
  write_pair pbx-a fast true
  write_pair pbx-b fast true
  noticed='file event'
  if wait_for 20 expiry_is_fast pbx-a && clock ended; then
    good "pbx-a: 60/240/120 s in force after $(shown_time "$((ended - began))")"
    note_row 'pbx-a: sip.preset edited to fast' "$noticed" "$(shown_time "$((ended - began))")"
  else
    note_failure 'sip.preset edited to fast' pbx-a
  fi
  expect 'accepted again' pbx-a is_accepted pbx-a
  expect 'deferred on the node that stands by' pbx-b is_deferred_to_fast
  say 'pbx-b stands by, its database is the copy of the primary: it waits on purpose'
  tandem_on pbx-b get resources -o json |
    jq -r '.[] | select(.name == "sip-expiry") | "\(.name) is \(.result): \(.note)"' | quote
}

switch_off_and_on() {
  local before
  step 'A structural edit on both: enabled: false. It waits'
  before=$(fingerprint pbx-a)
  both write_pair fast false
  both expect_pending
  show_condition pbx-a StructuralChangePending
  show_plan pbx-a
  untouched pbx-a "$before"

  step 'The order is given: high availability is off'
  both_ordered 'switched off' 'maintenance of the lab'
  expect 'HA is off' pbx-a is_off pbx-a
  expect 'HA is off' pbx-b is_off pbx-b
  expect 'the expiry of a single node' pbx-a expiry_is_of_a_single_node pbx-a

  step 'And on again, by edit and order'
  both write_pair fast true
  both expect_pending
  both_ordered 'switched on' 'maintenance is over'
  expect 'as declared' pbx-a is_as_declared pbx-a
  expect 'as declared' pbx-b is_as_declared pbx-b
  expect 'expiry of fast' pbx-a expiry_is_fast pbx-a
}
both_ordered() {
  order "$1" pbx-a "$2"
  order "$1" pbx-b "$2"
}
is_off() { # NODE
  holds "$(ha_conf "$1")" '{"node_type": "disabled", "remote_address": ""}' && is_converged "$1" &&
    [ -z "$(find "$dir/$1/root" -name 'is-*' -o -name 'xivo-ha-*')" ]
}

# To its role the node has come anew: the vendor asks for a restart, and phones have to hear of their backups.
after_change_of_role() {
  step 'pbx-a has become primary anew: what that leaves to do'
  look_again pbx-a
  expect 'a restart is asked for' pbx-a condition_is pbx-a RestartRequired True
  show_condition pbx-a RestartRequired
  say 'the command is given by hand; the phones are told:'
  "$dir/pbx-a/root/usr/bin/wazo-service" restart
  tell_phones
  look_again pbx-a
  # A look in the middle of the restart finds SIP silent, and the next of its own comes after 30 s.
  wait_for 8 condition_is pbx-a Ready True || look_again pbx-a
  expect 'the pair is well' pbx-a condition_is pbx-a Ready True
}

show_status() { # NODE
  local status=0 answer
  answer=$(tandem_on "$1" status 2>&1) || status=$?
  quote <<<"$answer"
  [ "$status" -eq 0 ] && return
  bad "tandem status exits with $status"
  fail "$1" "tandem status on $1"
}

