#!/usr/bin/env bash
# ISDN lines follow the node that serves: the program on a secondary, with stand-ins for systemd and bnfos.
#   isdn_switch_test.sh TANDEM WAZO_SIM SYSTEMD_SIM BUS_CONFIG
# shellcheck disable=SC2154    # out, err, root and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
systemd_sim=$3
bus_config=$4
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"
make_node
unset DBUS_SYSTEM_BUS_ADDRESS

sed -i 's/node: pbx-a/node: pbx-b/' "$work/operator.yaml"
mkdir -p "$root"/{usr/bin,run/dbus,units}
install -m 755 "$(dirname "$0")/stand_ins/bnfos" "$root/usr/bin/bnfos"
printf '[fos1]\nhost = 127.0.0.50\nlogin = admin:s3cret\n[fos2]\nhost = 127.0.0.51\n' >"$root/etc/bnfos.conf"
relays=$root/var/lib/bnfos-sim

asterisk() {  # asterisk STATE: its unit, as systemd tells it
  printf 'asterisk.service loaded %s static success\n' "$1" >"$work/table"
  mv "$work/table" "$root/units/table"
}
start_bus() {
  local bus=unix:path=$root/run/dbus/system_bus_socket
  rm -f "$root/run/dbus/system_bus_socket"
  /usr/bin/dbus-daemon "--config-file=$bus_config" "--address=$bus" --nofork 2>"$work/bus.log" &
  bus_pid=$!
  pids+=("$bus_pid")
  within 20 test -S "$root/run/dbus/system_bus_socket"
  "$systemd_sim" --bus "$bus" --units "$root/units/table" >"$work/systemd_sim.out" 2>"$work/systemd_sim.log" &
  sim_pid=$!
  pids+=("$sim_pid")
  within 20 grep -q ready "$work/systemd_sim.out"
}
look() { kill -HUP "$operator"; }
stand_by() { asterisk "inactive dead" && touch "$root/var/lib/wazo/disabled"; }
serve() { rm -f "$root/var/lib/wazo/disabled" && asterisk "active running"; }
lines_are() { [ "$(cat "$relays/fos1")$(cat "$relays/fos2")" = "$1$1" ]; }
tells() { "$tandem" get conditions -o json | tr -d ' \n' | grep -q "\"$1\"[^}]*\"$2\"\|\"$2\"[^}]*\"$1\""; }
calls() { wc -l <"$relays/called"; }

reading='[/usr/bin/bnfos, --get, mode, -f, "{device}"]'
write_pair "  changes: { allow: file }
  isdnSwitch: { driver: berofos, dwell: 1s, readCommand: $reading }
  failover: { owner: vendor }"

echo "neither plan nor an apply of its own switches anything"
stand_by
start_bus
expect 1 "$tandem" apply --structural --reason "first set-up"
contains "$out" "only an operator that stays"
expect 1 "$tandem" apply --now
[ ! -e "$relays/called" ] || fail "switched by apply: $(cat "$relays/called")"

echo "the lines go to the primary while this node stands by, whatever changes.allow is"
start_operator
within 20 lines_are 1
within 10 tells IsdnSwitchFollows Follows

echo "and to this node when it serves"
sleep 1.1   # the dwell time
serve
look
within 25 lines_are 0
before=$(calls)

echo "between the two nothing is switched: the marker says one thing, Asterisk another"
sleep 1.1
touch "$root/var/lib/wazo/disabled"
within 10 tells IsdnSwitchFollows ServingUnknown
sleep 1.1
[ "$(calls)" = "$before" ] || fail "switched while it was not known who serves"

echo "nor without a bus"
kill "$sim_pid"
wait "$sim_pid" 2>/dev/null || true
kill "$bus_pid"
asterisk "inactive dead"
sleep 2
[ "$(calls)" = "$before" ] || fail "switched without a bus"
start_bus
again() { look && lines_are 1; }
within 40 again

echo "a switch out of reach is told, the other is set, and it is tried again"
sleep 1.1
touch "$relays/fos1.lost"
serve
look
other_is_set() { [ "$(cat "$relays/fos2")" = 0 ]; }
within 25 other_is_set
within 10 tells IsdnSwitchFollows NotReadable
rm "$relays/fos1.lost"
look
within 30 lines_are 0

echo "another hand is set right, and told when it comes again"
for time in first second; do
  sleep 1.1
  echo 1 >"$relays/fos2"
  look
  within 40 lines_are 0 || fail "$time"
done
look
within 40 tells IsdnSecondWriter SetByOthers

echo "the login is nowhere"
"$tandem" get conditions -o json >"$work/conditions.log"
"$tandem" get resources -o json >"$work/resources.log"
if grep -l s3cret "$work"/*.log "$work"/tandem/*; then fail "the login is shown"; fi
echo "all good"
