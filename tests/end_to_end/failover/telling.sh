# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this
# What the scenes tell, and how they wait. Every wait has a bound and ends the course when it is over.

readonly patience=${TANDEM_PATIENCE-90} # seconds for whatever must happen; a busy machine takes its time

scene() { printf '[%s] %3d s  %s\n' "$course" "$((SECONDS - began))" "$*"; }
tell() { printf '[%s]          %s\n' "$course" "$*"; }

fail() {
  trap - ERR
  local host log
  echo "FAILED: [$course] $*"
  for host in a b; do
    echo "--- pbx-$host: status"
    timeout 20 nsenter "--net=/run/netns/$net-$host" "$tandem" --operator "$home/$host/operator.yaml" status 2>&1 | tail -n 60 || true
    timeout 20 nsenter "--net=/run/netns/$net-$host" "$tandem" --operator "$home/$host/operator.yaml" why 2>&1 || true
    timeout 20 nsenter "--net=/run/netns/$net-$host" "$tandem" --operator "$home/$host/operator.yaml" get events 2>&1 | tail -n 30 || true
    for log in "$home/$host"/*.log; do
      echo "--- $log"
      tail -n 25 "$log"
    done
  done
  echo "FAILED: [$course] $*"
  exit 1
}

# within SECONDS COMMAND...: until it succeeds.
within() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "not within its time: $*"
    sleep 0.25
  done
}
soon() { within "$patience" "$@"; }

# throughout SECONDS COMMAND...: it holds all that time.
throughout() {
  local deadline=$((SECONDS + $1))
  shift
  while [ "$SECONDS" -lt "$deadline" ]; do
    "$@" >/dev/null 2>&1 || fail "did not hold throughout: $*"
    sleep 0.3
  done
}
check() { "$@" >/dev/null 2>&1 || fail "does not hold: $*"; }
