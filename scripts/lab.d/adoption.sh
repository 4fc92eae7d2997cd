# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# How a pair is given back to the vendor's mechanism, and taken again without a change. Needs drills.sh,
# access.sh and services.sh.

# Nothing of Tandem's is left among the vendor's files.
is_given_back() { # NODE
  local root=$dir/$1/root
  ha_conf_is_right "$1" && sentinels_are_right "$1" && cron_files_are_right "$1" &&
    ! grep -q Tandem "$(hba "$1")" "$(sql_conf "$1")" && ! grep -q sync-gate "$root/root/.ssh/authorized_keys" 2>/dev/null
}

give_back() { # NODE
  local status=0 answer
  say "tandem release --yes on $1:"
  answer=$(tandem_on "$1" release --yes 2>&1) || status=$?
  quote <<<"$answer"
  if [ "$status" -eq 0 ] && is_given_back "$1"; then
    good 'nothing of Tandem is left among the files of the vendor'
  else
    bad "tandem release exits with $status"
    fail "$1" "tandem release on $1"
  fi
}

# Its own operator.yaml has the folders of the lab; what import writes stands beside it. The second node gets a copy of
# the first one's declaration, and keeps it.
adopt() { # NODE
  local before name=()
  rm -rf -- "${dir:?}/$1/state"
  if [ "$1" = pbx-a ]; then
    name=(--peer-name "$(peer_of "$1")")
  else
    mkdir -p "$dir/$1/adopted"
    cp "$dir/pbx-a/adopted/pair.yaml" "$dir/$1/adopted/"
  fi
  before=$(fingerprint "$1")
  say "tandem import ${name[*]} --write on $1:"
  tandem_on "$1" --pair "$dir/$1/adopted/pair.yaml" import ${name[@]+"${name[@]}"} --write "$dir/$1/adopted" 2>&1 |
    sed "s|$dir/||g" | quote
  start "$1" /dev/null "$dir/$1/operator.log" "$program" --operator "$dir/$1/operator.yaml" \
    --pair "$dir/$1/adopted/pair.yaml" run
  expect 'the declaration is in force without an order' "$1" is_accepted "$1"
  expect 'no order is waited for' "$1" condition_is "$1" StructuralChangePending False
  untouched "$1" "$before"
}

# The edit is the same on both nodes, as docs/install.md says; the last line of status tells the next.
raise() { # REACH
  local node
  for node in pbx-a pbx-b; do
    sed -i "s/^  changes: .*/  changes: { allow: $1 }/" "$dir/$node/adopted/pair.yaml"
    expect "$1 is in force" "$node" pair_is "$node" ".spec.changes.allow == \"$1\""
  done
  say "changes.allow: $1 on both; then, of tandem status on pbx-a:"
  { tandem_on pbx-a status 2>&1 || true; } | sed -n '/^Next:/,$p' | quote
}
raise_step_by_step() {
  step 'They are let to repair, step by step'
  raise file
  drill event pbx-b sentinels 'the sentinel removed, with allow: file' remove_secondary_sentinel sentinels_are_right
  raise reload
  drill asked pbx-a sip-expiry 'the expiry raised, with allow: reload' raise_expiry expiry_is_fast
}

release_and_adopt() {
  step "Both nodes are given back to the vendor's mechanism"
  both end_process
  both give_back
  step 'And adopted again, as they are: import writes the declaration, and nothing else is changed'
  both adopt
  raise_step_by_step
}
