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

# Its own operator.yaml has the folders of the lab; what import writes stands beside it.
adopt() { # NODE
  local before
  rm -rf -- "${dir:?}/$1/state"
  before=$(fingerprint "$1")
  tandem_on "$1" --pair "$dir/$1/adopted/pair.yaml" import --peer-name "$(peer_of "$1")" --write "$dir/$1/adopted" 2>&1 |
    sed "s|$dir/||g" | quote
  start "$1" /dev/null "$dir/$1/operator.log" "$program" --operator "$dir/$1/operator.yaml" \
    --pair "$dir/$1/adopted/pair.yaml" run
  expect 'the declaration is in force without an order' "$1" is_accepted "$1"
  expect 'no order is waited for' "$1" condition_is "$1" StructuralChangePending False
  untouched "$1" "$before"
}

release_and_adopt() {
  step "Both nodes are given back to the vendor's mechanism"
  both end_process
  both give_back
  step 'And adopted again, as they are: import writes the declaration, and nothing else is changed'
  both adopt
}
