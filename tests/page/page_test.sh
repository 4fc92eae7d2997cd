#!/usr/bin/env bash
# The status page in a real Chromium: a pair of hosts in network namespaces, with both operators, real ICMP and SIP;
# the browser runs on a third host, as an administrator's does. page_test.mjs tells what it must show.
#   page_test.sh TANDEM WAZO_SIM SYSTEMD_SIM BUS_CONFIG SEEN
# SEEN is the folder for the pictures.
# shellcheck disable=SC2034,SC2154    # what the sourced scripts and pair_acts.sh use
set -euo pipefail
[ $# -eq 5 ] || exit 64
export tandem=$1 wazo_sim=$2 systemd_sim=$3 bus_config=$4 seen=$5
tests=$(cd "$(dirname "$0")" && pwd)
here=$(cd "$tests/../end_to_end/failover" && pwd)
export tests here NO_COLOR=1 course=page net=page$$
unset DBUS_SYSTEM_BUS_ADDRESS TANDEM_OPERATOR TANDEM_PAIR TANDEM_NODE TANDEM_ROOT TANDEM_LISTEN TANDEM_STATE_DIR
if [ "$(id -u)" -ne 0 ]; then
  echo "FAILED: network namespaces need root" >&2
  exit 1
fi
for program in ip iptables kamailio jq curl dbus-daemon chromium node; do
  command -v "$program" >/dev/null || { echo "FAILED: $program is missing: scripts/install-deps test" >&2 && exit 1; }
done

home=$(mktemp -d /tmp/tandem-page.XXXXXX)
export home
# shellcheck source=tests/page/pair_acts.sh
. "$tests/pair_acts.sh"
# shellcheck disable=SC2317  # called by the trap
cleanup() {
  remove_network
  rm -rf "$home"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

mkdir -p "$seen"
rm -f "$seen"/*.png
began=$SECONDS
make_watched_pair
echo "==> both nodes run after $((SECONDS - began)) s"
# Chromium talks to the test by a pipe, so that it may be in another network than the test. It needs no bus, and must not
# wait for one that somebody else runs on this machine.
printf '#!/bin/sh\nexport DBUS_SESSION_BUS_ADDRESS=disabled: DBUS_SYSTEM_BUS_ADDRESS=disabled:\nexec nsenter "--net=/run/netns/%s-w" chromium "$@"\n' "$net" >"$home/browser"
chmod 0755 "$home/browser"
node "$tests/page_test.mjs"
no_secret_is_told
