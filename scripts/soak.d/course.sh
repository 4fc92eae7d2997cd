# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # some variables belong to the script that sources this, or to its other pieces
# The course of the soak: faults are made every few seconds, several are open at a time, and each is watched until it is
# over or its bound has passed. Now and then none is made until both nodes are as declared: there descriptors are counted.

readonly stretch=75       # seconds of faults before each rest
readonly rest_limit=120   # seconds, until both nodes are as declared
readonly rest=15          # seconds that a rest lasts once they are

declare -A phase=() kind_of=() node_of=() mend_at=() due_at=() locked_by=()
in_course=false next_id=0 open=0 problems=() ended_by_themselves=0

# What each operator tells is asked for once a turn.
ask_pair() { # NODE
  curl -sf --max-time 5 "http://${listen[$1]}/api/v1/pair" >"$dir/$1/pair.json" 2>/dev/null || echo '{}' >"$dir/$1/pair.json"
}
refresh() { both ask_pair; }
pair_is() { # NODE FILTER
  "$in_course" || ask_pair "$1"
  jq -e "$2" "$dir/$1/pair.json" >/dev/null 2>&1
}
both_converged() { is_converged pbx-a && is_converged pbx-b && hear_each_other; }

note_problem() { # WORDS
  problems+=("$1")
  bad "$((SECONDS - course_began)) s: $1"
}

row_of() { faults | grep "^$1 "; }

# The locks of a fault, with its node in them.
locks_of() { # KIND NODE
  local kind nodes locks
  read -r kind nodes locks _ < <(row_of "$1")
  tr ',' '\n' <<<"${locks//@/@$2}"
}
is_free() { # KIND NODE
  local lock
  for lock in $(locks_of "$1" "$2"); do [ -z "${locked_by[$lock]-}" ] || return 1; done
}

# One of those that may begin now, each as likely as the others.
choose() { # leaves `kind` and `node`
  local row nodes each candidates=()
  while read -r row nodes _; do
    for each in ${nodes//,/ }; do ! is_free "$row" "$each" || candidates+=("$row $each"); done
  done < <(faults)
  [ "${#candidates[@]}" -gt 0 ] || return 1
  read -r kind node <<<"${candidates[RANDOM % ${#candidates[@]}]}"
}

begin_fault() { # KIND NODE
  local id=$next_id lock hold bound
  read -r _ _ _ hold bound _ < <(row_of "$1")
  "break_$1" "$2" || {
    note_problem "the soak could not make $1 on $2"
    return 0
  }
  next_id=$((next_id + 1)) open=$((open + 1))
  kind_of[$id]=$1 node_of[$id]=$2 mend_at[$id]=$SECONDS due_at[$id]=$((SECONDS + bound))
  case $hold in
    -) phase[$id]=mended ;;
    seen) phase[$id]=unseen ;;
    *)
      phase[$id]=held
      mend_at[$id]=$((SECONDS + ${hold%-*} + RANDOM % (${hold#*-} - ${hold%-*} + 1)))
      ;;
  esac
  for lock in $(locks_of "$1" "$2"); do locked_by[$lock]=$id; done
}

mend_fault() { # ID
  local bound
  read -r _ _ _ _ bound _ < <(row_of "${kind_of[$1]}")
  "mend_${kind_of[$1]}" "${node_of[$1]}" || note_problem "the soak could not mend ${kind_of[$1]} on ${node_of[$1]}"
  phase[$1]=mended mend_at[$1]=$SECONDS due_at[$1]=$((SECONDS + bound))
}

end_fault() { # ID RESULT
  local lock
  printf '%s %s %s %s\n' "${kind_of[$1]}" "${node_of[$1]}" "$2" "$((SECONDS - mend_at[$1]))" >>"$dir/faults"
  for lock in $(locks_of "${kind_of[$1]}" "${node_of[$1]}"); do unset "locked_by[$lock]"; done
  unset "phase[$1]"
  open=$((open - 1))
}

# After its bound a fault is still watched for as long again, to tell late from never.
turn_fault() { # ID
  local id=$1 kind=${kind_of[$1]} node=${node_of[$1]}
  case ${phase[$id]} in
    held) [ "$SECONDS" -lt "${mend_at[$id]}" ] || mend_fault "$id" ;;
    unseen)
      if "seen_$kind" "$node"; then
        mend_fault "$id"
      elif [ "$SECONDS" -ge "${due_at[$id]}" ]; then
        note_problem "$kind on $node: not told of within its bound"
        mend_fault "$id"
      fi
      ;;
    mended | late)
      if "well_$kind" "$node"; then
        end_fault "$id" "${phase[$id]}"
      elif [ "${phase[$id]}" = mended ] && [ "$SECONDS" -ge "${due_at[$id]}" ]; then
        phase[$id]=late due_at[$id]=$((SECONDS + SECONDS - mend_at[$id]))
        note_problem "$kind on $node: not over within its bound: $(state_in_short)"
      elif [ "$SECONDS" -ge "${due_at[$id]}" ]; then
        note_problem "$kind on $node: given up: $(state_in_short)"
        end_fault "$id" never
      fi
      ;;
  esac
}

# What the operators say where something is not as it should be.
state_in_short() {
  local node
  for node in pbx-a pbx-b; do
    jq -r --arg node "$node" '"\($node) is \(.status.failover.state // "silent"); " + ([.status.resources[]? |
      select(.result | IN("Synced", "Deferred", "Off") | not) | "\(.name) \(.result): \(.note // "")"] | join("; "))' "$dir/$node/pair.json"
  done | tr '\n' ' ' | cut -c 1-400
}

# --- the operators' own lives

restart_by() { # NODE SIGNAL
  say "$((SECONDS - course_began)) s: $1 ends by $2, and starts again"
  end_pid "${pid_of[$1]}" "$2" || note_problem "the operator of $1 did not end by $2"
  run_operator "$1"
  # A run's number lives in the primary's operator alone, and starts anew with it; the other's restart changes nothing of it.
  [ "$1" != pbx-a ] || run_before=0
  wait_for 20 is_ready "$1" || note_problem "the operator of $1 is not ready 20 s after its start"
}
watch_operators() {
  local node
  for node in pbx-a pbx-b; do
    if ! runs "$node"; then
      note_problem "the operator of $node ended by itself: $(tail -n 1 "$dir/$node/operator.log" | cut -c 1-200)"
      ended_by_themselves=$((ended_by_themselves + 1))
      run_operator "$node"
    fi
  done
}

# Within the warm-up and near the end, so that between there is one life to measure: per mille of the whole.
restarts() {
  cat <<'TABLE'
40 pbx-a TERM
80 pbx-b KILL
930 pbx-b TERM
960 pbx-a KILL
TABLE
}
restart_if_due() {
  local at node signal
  read -r at node signal < <(restarts | sed -n "$((restarted + 1))p") || return 0
  [ $(((SECONDS - course_began) * 1000)) -ge $((at * minutes * 60)) ] || return 0
  restarted=$((restarted + 1))
  restart_by "$node" "$signal"
}

# --- the whole

turn() {
  local id
  watch_operators
  refresh
  for id in "${!phase[@]}"; do turn_fault "$id"; done
  sample_if_due
  pause_for 0.5
}
pause_for() { read -r -t "$1" -u "$silence" || true; }

# Nothing is made; ends after `rest` seconds in which both nodes were as declared.
rest_now() {
  local limit=$((SECONDS + rest_limit)) until=0
  while [ "$until" -eq 0 ] || [ "$SECONDS" -lt "$until" ]; do
    turn
    if [ "$open" -gt 0 ] || ! both_converged; then
      until=0 quiet_since=0
      if [ "$SECONDS" -ge "$limit" ]; then
        note_problem "no rest within $rest_limit s: $open faults open, $(state_in_short)"
        return 0
      fi
    elif [ "$until" -eq 0 ]; then
      until=$((SECONDS + rest)) quiet_since=$SECONDS
      rests=$((rests + 1))
    fi
  done
  quiet_since=0
}

run_course() {
  local kind node next_fault next_rest end
  course_began=$SECONDS end=$((SECONDS + minutes * 60)) restarted=0 rests=0 quiet_since=0 in_course=true
  refresh
  next_fault=$SECONDS next_rest=$((SECONDS + stretch))
  while [ "$SECONDS" -lt "$end" ]; do
    restart_if_due
    if [ "$SECONDS" -ge "$next_rest" ]; then
      rest_now
      say "$((SECONDS - course_began)) s: $next_id faults so far, ${#problems[@]} problems; $(last_samples)"
      next_rest=$((SECONDS + stretch))
    elif [ "$SECONDS" -ge "$next_fault" ]; then
      if choose; then begin_fault "$kind" "$node"; fi
      next_fault=$((SECONDS + every / 2 + RANDOM % (every + 1)))
    fi
    turn
  done
  step 'No more faults: both nodes come to rest'
  rest_now
}
