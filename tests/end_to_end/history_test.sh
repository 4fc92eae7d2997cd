#!/usr/bin/env bash
# Events and orders, typed at the program, with a running operator.
#   history_test.sh TANDEM WAZO_SIM
# shellcheck disable=SC2154    # out, err, root and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"
make_node
expect 0 "$tandem" apply --structural --reason "first set-up"
start_operator
within 20 is_converged

has_event() { "$tandem" get events -o json | grep -q "\"reason\": \"$1\""; }
count_events() { "$tandem" get events --no-headers | grep -c "$1" || true; }

echo "a repair is an event that a person can read"
echo broken >"$root/etc/xivo/ha.conf"
within 10 has_event Repaired
expect 0 "$tandem" get events
contains "$out" "LAST SEEN"
contains "$out" "resource/ha-conf"
contains "$out" "ago"
expect 0 "$tandem" get events resource/ha-conf -o name
[ "$out" = "resource/ha-conf" ] || fail "names: $out"
expect 0 "$tandem" get events nothing/here
[ -z "$out" ] || fail "events of nothing: $out"
contains "$err" "no events"

echo "they are read from an id on, and by age"
last=$(curl -sf "http://$listen/api/v1/events" | sed -n 's/.*"lastId": \([0-9]*\).*/\1/p')
expect 0 "$tandem" get events --since "$last" -o json
[ "$out" = "[]" ] || fail "something behind the last: $out"
expect 0 "$tandem" get events --since 1h
contains "$out" "Repaired"

echo "a watcher is told what comes"
"$tandem" get events -w -o json >"$work/watched" 2>"$work/watch.log" &
watcher=$!
pids+=("$watcher")
within 10 grep -q Repaired "$work/watched"
"$tandem" get events -w --type warning -o name >"$work/warned" 2>"$work/warned.log" &
watchers=("$watcher" $!)
pids+=($!)
write_pair "  surprise: yes"
within 20 grep -q SpecRejected "$work/watched"
within 20 grep -qx pair "$work/warned"
! grep -q resource/ha-conf "$work/warned" || fail "what is normal is no warning: $(cat "$work/warned")"
kill "${watchers[@]}"
expect 0 "$tandem" get events --type warning -o json
contains "$out" SpecRejected
[[ "$out" != *'"Normal"'* ]] || fail "normal ones among the warnings: $out"
expect 64 "$tandem" get events --type loud

echo "a start and an order that nobody may give are events"
expect 0 "$tandem" get events
contains "$out" OperatorStarted
[ "$(curl -s -o /dev/null -w '%{http_code}' -X POST -H 'Authorization: Bearer wrong' "http://$listen/api/v1/actions/apply")" = 401 ] || fail "not refused"
within 10 has_event OrderUnauthorized

echo "the stream tells them as they come, and goes on where it was cut"
curl -sN "http://$listen/api/v1/events/stream?since=$last" >"$work/stream" 2>/dev/null &
watcher=$!
pids+=("$watcher")
within 10 grep -q '"reason":"SpecRejected"' "$work/stream"
grep -q '^event: change$' "$work/stream" || fail "no change was told: $(cat "$work/stream")"
kill "$watcher"
seen=$(sed -n 's/^id: //p' "$work/stream" | tail -1)
write_pair ""
curl -sN -H "Last-Event-ID: $seen" "http://$listen/api/v1/events/stream" >"$work/stream" 2>/dev/null &
watcher=$!
pids+=("$watcher")
within 20 grep -q '"reason":"Accepted"' "$work/stream"
grep -qx "id: $seen" "$work/stream" && fail "event $seen was told twice"
kill "$watcher"

echo "they outlive the operator, and their files are nobody else's"
before=$(count_events Repaired)
[ "$before" -gt 0 ] || fail "no repair is known"
kill -9 "$operator"
wait "$operator" || true
write_pair ""
start_operator
[ "$(count_events Repaired)" -ge "$before" ] || fail "events were lost by a kill"
open_files=$(find "$work/tandem" -name 'events.db*' -perm /077)
[ -z "$open_files" ] || fail "others may read $open_files"

echo "a damaged file costs the events, and nothing else"
kill "$operator"
wait "$operator" || true
head -c 20000 /dev/urandom >"$work/tandem/events.db"
rm -f "$work/tandem/events.db-wal"
start_operator
within 20 is_converged
[ -e "$work/tandem/events.db.damaged" ] || fail "the damaged file was not kept"
expect 0 "$tandem" get conditions EventsKept -o wide
contains "$out" "HistoryLost"
contains "$out" "events.db.damaged"

echo "lists that are empty say so"
expect 0 "$tandem" get takeovers
contains "$err" "no takeovers"
expect 0 "$tandem" get takeovers -o json
[ "$out" = "[]" ] || fail "takeovers: $out"
expect 0 "$tandem" get probes -o json

echo "an order carries the token, and asks before it stops telephony"
expect 1 "$tandem" failback --reason "a test" </dev/null
contains "$err" "--yes"
expect 1 "$tandem" takeover --reason "a test"
mv "$work/token" "$work/token.away"
expect 1 "$tandem" takeover --reason "a test"
contains "$err" "token"
mv "$work/token.away" "$work/token"
for action in takeover failback switchover suspend resume maintenance ack; do
  status=$(curl -s -o "$work/answer" -w '%{http_code}' -X POST -d '{}' "http://$listen/api/v1/actions/$action")
  [ "$status" = 401 ] || fail "$action without the token: $status"
done
if grep -q "$(cat "$work/token")" "$work"/*.log; then fail "the token is in a log"; fi
echo "all good"
