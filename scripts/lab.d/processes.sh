# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# The processes that the lab starts, and the end of exactly these. Needs $dir, the work folder.

declare -A pid_of=()
readonly end_limit=12 # seconds; the operator's own limit for its end is 10

# start NAME OUT LOG COMMAND...: in a session of its own, so that Ctrl-C is for the script alone.
start() {
  local name=$1 out=$2 log=$3
  shift 3
  setsid "$@" >"$out" 2>>"$log" </dev/null {silence}>&- &
  pid_of[$name]=$!
  disown "$!"
  printf '%s %s\n' "$!" "$name" >>"$dir/pids"
}

# A number may have gone to somebody else's process: ours has the work folder in its command line.
is_ours() {
  [ -n "${1-}" ] && [ -r "/proc/$1/cmdline" ] && grep -aqF -- "$dir/" "/proc/$1/cmdline" 2>/dev/null
}
runs() { is_ours "${pid_of[$1]-}"; }
# A killed process loses its command line before its files and locks: it is gone when all its threads are,
# which a first one that is a zombie says nothing of, or its number is nobody's or somebody else's.
is_gone() {
  local stat words='' threads
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  case ${stat##*) } in
    Z* | X*)
      threads=("/proc/$1/task/"*)
      [ "${#threads[@]}" -le 1 ]
      return
      ;;
  esac
  { read -r -d '' words <"/proc/$1/cmdline"; } 2>/dev/null || true
  [ -n "$words" ] && ! is_ours "$1"
}

end_pid() { # PID [SIGNAL]
  is_ours "$1" || return 0
  kill "-${2-TERM}" "$1" 2>/dev/null || true
  wait_for "$end_limit" is_gone "$1" && return 0
  is_ours "$1" && kill -KILL "$1" 2>/dev/null
  wait_for 2 is_gone "$1"
}

end_process() { end_pid "${pid_of[$1]-}"; }

# The last one first. A PostgreSQL server waits on SIGTERM for its clients, on SIGINT for none.
end_all() {
  local pid name signal line lines
  [ -f "$dir/pids" ] || return 0
  mapfile -t lines < <(tac "$dir/pids")
  for line in "${lines[@]}"; do
    read -r pid name <<<"$line"
    signal=TERM
    [[ $name == *-postgresql ]] && signal=INT
        end_pid "$pid" "$signal" || bad "process $pid ($name) does not end"
  done
}
