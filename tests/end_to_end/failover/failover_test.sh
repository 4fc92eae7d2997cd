#!/usr/bin/env bash
# Takeover and failback for real: pairs of hosts in network namespaces with a witness, real ICMP, a real SIP
# server, real losses, both operators and their peer link. Each course is a pair of its own, and a row of
# scenes; the courses run at the same time. What a scene asserts is what happens, never when.
#   failover_test.sh TANDEM WAZO_SIM SYSTEMD_SIM BUS_CONFIG [COURSE...]
# TANDEM_KEEP=yes keeps the folder.
set -euo pipefail
[ $# -ge 4 ] || exit 64
export tandem=$1 wazo_sim=$2 systemd_sim=$3 bus_config=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
export here NO_COLOR=1
unset DBUS_SYSTEM_BUS_ADDRESS TANDEM_OPERATOR TANDEM_PAIR TANDEM_NODE TANDEM_ROOT TANDEM_LISTEN TANDEM_STATE_DIR

readonly all=(hosts services orders network mishaps)
courses=("${@:-${all[@]}}")
[ "$#" -gt 0 ] || courses=("${all[@]}")

if [ "$(id -u)" -ne 0 ] || ! unshare --net true 2>/dev/null; then
  echo "SKIPPED: network namespaces need root"
  exit 77
fi
for program in ip iptables kamailio jq curl dbus-daemon python3; do
  command -v "$program" >/dev/null || { echo "FAILED: $program is missing: scripts/install-deps test" >&2 && exit 1; }
done

work=$(mktemp -d /tmp/tandem-scenes.XXXXXX)
declare -A pid_of=()
# What a course that was ended did not remove: its namespaces have the number of this process.
# shellcheck disable=SC2317  # called by the trap
cleanup() {
  trap - EXIT INT TERM HUP
  local course pid
  for course in "${!pid_of[@]}"; do kill "${pid_of[$course]}" 2>/dev/null || true; done
  for pid in "${pid_of[@]}"; do wait "$pid" 2>/dev/null || true; done
  # shellcheck source=tests/end_to_end/failover/network.sh
  . "$here/network.sh"
  for course in "${courses[@]}"; do net=scenes$$-$course remove_network; done
  [ -n "${TANDEM_KEEP-}" ] || rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

for course in "${courses[@]}"; do
  mkdir "$work/$course"
  net=scenes$$-$course home=$work/$course bash "$here/course.sh" "$course" >"$work/$course.log" 2>&1 &
  pid_of[$course]=$!
done

status=0
for course in "${courses[@]}"; do
  wait "${pid_of[$course]}" || status=1
  unset "pid_of[$course]"
  cat "$work/$course.log"
done
[ "$status" -ne 0 ] || echo "all good"
exit "$status"
