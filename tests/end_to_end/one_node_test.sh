#!/usr/bin/env bash
# The program on one node with the stand-in for Wazo: plan, apply, run, repair, refuse, stop.
#   one_node_test.sh TANDEM WAZO_SIM
# shellcheck disable=SC2154    # out, err, root and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"
make_node

ha_conf=$root/etc/xivo/ha.conf
master='{"node_type": "master", "remote_address": "127.0.0.12"}'
is_master() { [ "$(cat "$ha_conf")" = "$master" ]; }

echo "a bare node: plan shows it and exits 2, and nothing is changed before the order"
expect 2 "$tandem" plan
contains "$out" "node_type"
contains "$out" "registrar"
contains "$out" "Structural"
[ ! -e "$ha_conf" ] || fail "plan wrote ha.conf"
expect 1 "$tandem" apply
contains "$err" "tandem apply --structural"
[ ! -e "$ha_conf" ] || fail "apply without an order wrote ha.conf"

echo "the order converges the node, byte for byte"
expect 0 "$tandem" apply --structural --reason "first set-up"
is_master || fail "ha.conf is $(cat "$ha_conf")"
[ -e "$root/var/lib/wazo/is-primary" ] || fail "no sentinel"
[ "$(stat -c %a "$ha_conf")" = 644 ] || fail "mode of ha.conf"
expect 0 "$tandem" plan
contains "$out" "Nothing to do"

echo "apply again writes nothing and sends no PUT"
before=$(find "$root" -type f -newermt 2000-01-01 -printf '%p %T@ %i\n' | grep -v run/tandem/lock | sort)
curl -sf -X DELETE "$control/journal" >/dev/null
expect 0 "$tandem" apply
after=$(find "$root" -type f -newermt 2000-01-01 -printf '%p %T@ %i\n' | grep -v run/tandem/lock | sort)
[ "$before" = "$after" ] || fail "files changed: $before / $after"
puts=$(curl -sf "$control/journal?method=PUT")
[ "$puts" = "[]" ] || fail "PUTs were sent: $puts"

echo "drift: plan exits 2, apply repairs it, plan exits 0"
echo '{"node_type": "slave"}' >"$ha_conf"
expect 2 "$tandem" plan -o json
contains "$out" '"resource": "ha-conf"'
expect 0 "$tandem" apply
expect 0 "$tandem" plan

echo "an edit that changes the declaration alone is told, with old and new"
write_pair '  failover: { failback: { hold: 7m } }'
expect 2 "$tandem" plan
contains "$out" "spec.failover.failback.hold: 5m -> 7m"
write_pair ""
expect 0 "$tandem" plan

echo "the operator repairs by itself, whatever an editor does"
start_operator
within 20 is_converged
# No systemd of its own: whether its services run is not known, and said.
expect 2 "$tandem" status
contains "$out" "UnitsNotReadable"
for damage in "echo broken > $ha_conf" "rm $ha_conf" ": > $ha_conf" \
  "echo renamed > $ha_conf.new && mv $ha_conf.new $ha_conf"; do
  sh -c "$damage"
  within 10 is_master
done
rm "$root/var/lib/wazo/is-primary"
within 10 test -e "$root/var/lib/wazo/is-primary"

echo "a second operator is refused, and the first goes on"
expect 1 "$tandem" run --listen 127.0.0.1:1
contains "$err" "pid $operator"
expect 0 "$tandem" health
echo "who asks where it does not listen is told that it runs"
expect 1 "$tandem" status --listen 127.0.0.1:1
contains "$err" "process $operator works on this node"

echo "metrics pass promtool"
curl -sf "http://$listen/metrics" >"$work/metrics.txt"
lint=$(promtool check metrics <"$work/metrics.txt" 2>&1) || fail "promtool: $lint"
[ -z "$lint" ] || fail "promtool: $lint"

echo "a bad edit changes nothing and is told with its place"
cp "$work/pair.yaml" "$work/pair.good"
write_pair "  sip: { preset: quick }"
bad_edit_is_told() { "$tandem" get conditions -o json | grep -q 'pair.yaml:8:'; }
within 10 bad_edit_is_told
expect 2 "$tandem" status

echo "killed and started again with the bad file, it runs on the last good declaration"
kill -9 "$operator"
wait "$operator" 2>/dev/null || true
echo '{}' >"$ha_conf"
start_operator
within 10 is_master
cp "$work/pair.good" "$work/pair.yaml"

echo "an order needs the token, which nobody else can read"
[ "$(stat -c %a "$work/token")" = 600 ] || fail "mode of the token"
status=$(curl -s -o /dev/null -w '%{http_code}' -X POST "http://$listen/api/v1/actions/apply")
[ "$status" = 401 ] || fail "an order without token got $status"
secret=$(cat "$work/token")
if grep -qF "$secret" "$work/operator.log"; then fail "the token is in the log"; fi

echo "what was suspended stays as it is without an operator too"
expect 0 "$tandem" suspend --for 10m --reason "works by hand"
kill -TERM "$operator"
wait "$operator" || true
echo '{}' >"$ha_conf"
expect 1 "$tandem" apply
contains "$out$err" "suspended by spec.suspend or an order"
expect 2 "$tandem" plan
contains "$out" "works by hand"
[ "$(cat "$ha_conf")" = '{}' ] || fail "apply changed a node that is suspended"

echo "and from the first moment of the next operator on, until it is resumed"
start_operator
sleep 2
[ "$(cat "$ha_conf")" = '{}' ] || fail "the operator changed a node that is suspended"
expect 0 "$tandem" resume --reason "done"
within 10 is_master

echo "what was remembered and is gone was perhaps a suspension"
kill -TERM "$operator"
wait "$operator" || true
mv "$work/tandem/failover" "$work/failover.away"
start_operator
is_suspended() { "$tandem" get conditions Suspended -o json | tr -d ' \n' | grep -q '"status":"True"'; }
within 10 is_suspended
expect 0 "$tandem" resume --reason "looked at both nodes"

echo "a structural edit waits, then switches everything off on order"
write_pair "  enabled: false"
expect 1 "$tandem" apply
is_master || fail "the structural edit did not wait"
expect 0 "$tandem" apply --structural --reason "a test"
[ "$(cat "$ha_conf")" = '{"node_type": "disabled", "remote_address": ""}' ] || fail "ha.conf off"
[ ! -e "$root/var/lib/wazo/is-primary" ] || fail "the sentinel is still there"

echo "an order that can not be kept is refused and changes nothing"
write_pair ""
mkdir "$work/full"
if mount -t tmpfs -o size=256k,mode=700 tmpfs "$work/full" 2>/dev/null; then
  cp "$work/tandem/"*.yaml "$work/tandem/"*.json "$work/tandem/failover" "$work/full/"
  dd if=/dev/zero of="$work/full/fill" bs=1k 2>/dev/null || true
  kill -TERM "$operator"
  wait "$operator" || true
  expect 1 "$tandem" apply --structural --reason "on again" --state-dir "$work/full"
  contains "$err" "could not be kept"
  [ "$(cat "$ha_conf")" = '{"node_type": "disabled", "remote_address": ""}' ] || fail "it acted all the same"
  umount "$work/full"
  start_operator
fi
write_pair "  enabled: false"

if [ "$(id -u)" -eq 0 ]; then
  echo "another user's program at its port is asked nothing, and keeps the operator from nothing"
  kill -TERM "$operator"
  wait "$operator" || true
  setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/python3 "$(dirname "$0")/stand_ins/squatter" "$listen" \
    >"$work/squatter.log" &
  squatter=$!
  pids+=("$squatter")
  within 20 grep -q listens "$work/squatter.log"
  expect 1 "$tandem" suspend --for 10m --reason "a test"
  contains "$err" "is not the operator"
  contains "$err" "65534"
  expect 1 "$tandem" health
  expect 1 "$tandem" get events
  expect 0 "$tandem" support-bundle --out "$work/squatted.tar.gz"
  contains "$err" "not in it: api/pair.json"
  "$tandem" run 2>>"$work/operator.log" &
  operator=$!
  pids+=("$operator")
  within 20 grep -q 'the API does not listen' "$work/operator.log"
  ! grep -q request "$work/squatter.log" || fail "something was sent to it: $(cat "$work/squatter.log")"
  kill "$squatter"
  within 20 "$tandem" health
fi

echo "SIGTERM ends it with 0 and leaves everything as it is"
kill -TERM "$operator"
stopped=0
wait "$operator" || stopped=$?
[ "$stopped" -eq 0 ] || fail "the operator ended with $stopped"
expect 1 "$tandem" health
expect 1 "$tandem" status
contains "$err" "tandem run"

echo "an order reaches an operator that runs since before the upgrade of the package"
"$(dirname "$0")/stand_ins/older_operator" "$listen" "$work/older" &
pids+=($!)
is_taken() { "$tandem" suspend --for 5m --reason "a test"; }
within 20 is_taken
[ "$(tail -n 1 "$work/older" | jq 'has("notAfter")')" = false ] || fail "it was never sent without notAfter"
echo "all good"
