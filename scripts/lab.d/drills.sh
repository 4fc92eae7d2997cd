# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# One drill: something is broken, the operator repairs it, and the time between is taken. Each break and
# each check is a function of the node. Needs say.sh, waiting.sh, processes.sh and nodes.sh.

rows=()   # of the table at the end: what, how it was noticed, the time
failed=() # what did not converge
noticed='' log_lines=0

failures_max=3 # with more, the rest of the story would only wait
note_row() { rows+=("$1"$'\t'"$2"$'\t'"$3"); }

# fail NODE WHAT: named at the end.
fail() {
  failed+=("$2: $dir/$1/operator.log")
  if [ "${#failed[@]}" -ge "$failures_max" ]; then
    printf '\n%sThe rest is left out.%s\n' "$red" "$plain"
    conclude
  fi
}

note_failure() { # WHAT NODE
  bad "NOT repaired within the limit; see $dir/$2/operator.log"
  note_row "$2: $1" "$noticed" "not repaired"
  fail "$2" "not repaired on $2: $1"
}

# The operator's words on its repairs since the drill began.
repairs() { # NODE RESOURCE
  tail -n "+$((log_lines + 1))" "$dir/$1/operator.log" |
    sed -n "s/.* msg=\"repaired drift\" resource=$2 changes=//p" | sed 's/^"//; s/"$//; s/\\"/"/g'
}
has_told() { [ -n "$(repairs "$1" "$2")" ]; }

look_again() { kill -HUP "${pid_of[$1]}"; }

# drill HOW NODE RESOURCE WHAT BREAK CHECK: HOW is `event` (the operator sees the file), `asked` (we send
# SIGHUP, which means: look again), `pass` (we wait for its own look, every 30 s).
drill() {
  local how=$1 node=$2 resource=$3 what=$4 break_it=$5 check=$6 began ended limit=20
  step "$node: $what"
  log_lines=$(wc -l <"$dir/$node/operator.log")
  case $how in
    event) noticed='file event' ;;
    asked) noticed='asked (SIGHUP)' ;;
    pass) noticed='own pass' limit=45 ;;
  esac
  clock began
  "$break_it" "$node" || die "the lab could not break it: $break_it"
  [ "$how" = asked ] && look_again "$node"
  if ! { wait_for "$limit" "$check" "$node" && clock ended && wait_for 5 has_told "$node" "$resource"; }; then
    note_failure "$what" "$node"
    return
  fi
  say_repair "$how" "$node" "$resource" "$((ended - began))" "$what"
}

say_repair() { # HOW NODE RESOURCE MICROSECONDS WHAT
  local time
  time=$(shown_time "$4")
  [ "$1" = asked ] && say 'would be seen at the next 30 s pass; asked for it now'
  repairs "$2" "$3" | shorten 110 | sed "s/^/repaired $3: /" | quote
  good "repaired after $time"
  note_row "$2: $5" "$noticed" "$time"
}

# What is on the disk of NODE and how often its services were written to: equal before and after means
# that nothing was touched. What the servers themselves write is left out, and what is Tandem's own.
fingerprint() { # NODE
  local root=$dir/$1/root
  find "$root/etc" "$root/var" "$root/root" \( -path "$root/etc/tandem" -o -path "$root/var/log" -o \
    -path "$root/var/lib/postgresql" -o -path "$root/var/lib/fail2ban" \) -prune -o \
    -type f -printf '%P %s %T@ %i %m\n' | sort
  wazo "$1" GET /journal | jq '[.[] | select(.service != "auth" and .changed)] | length'
}

print_table() {
  local row what how time
  [ "${#rows[@]}" -gt 0 ] || return 0
  printf '\n    %s%-52s %-16s %12s%s\n' "$bold" 'WHAT HAPPENED' 'NOTICED BY' 'TIME' "$plain"
  for row in "${rows[@]}"; do
    IFS=$'\t' read -r what how time <<<"$row"
    printf '    %-52s %-16s %12s\n' "$what" "$how" "$time"
  done
}

# The table and the failures; with any, the end. The script has how_to_look(), for --keep.
conclude() {
  local line
  print_table
  printf '    Times as this script sees them: it looks every 5 ms, and the services every 30 ms or so.\n'
  if [ "${#failed[@]}" -gt 0 ]; then
    printf '\n'
    for line in "${failed[@]}"; do bad "$line"; done
  else
    clock lab_ended
    printf '\n%sAll converged%s, %s after the build.\n' "$green" "$plain" \
      "$(shown_time "$((lab_ended - lab_began))")"
  fi
  if "$keep"; then how_to_look; fi
  [ "${#failed[@]}" -eq 0 ] || exit 1
}
