#!/usr/bin/env bash
# After the backup address has changed the phones are told, by order or by the operator, and those that can not
# be reached are named.
#   resync_test.sh TANDEM WAZO_SIM
# shellcheck disable=SC2154    # out, err, root and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"
make_node

token() {
  curl -sf -u tandem:tandem -H 'Content-Type: application/json' -d '{"expiration": 60}' \
    "http://127.0.0.1:$auth/0.1/token" | jq -r .data.token
}
media=application/vnd.proformatique.provd+json
provd_post() { # PATH BODY
  curl -sf -o /dev/null -H "X-Auth-Token: $(token)" -H "Content-Type: $media" -d "$2" "http://127.0.0.1:$provd/0.2/$1"
}
told() { curl -sf "$control/journal?service=provd&method=POST" | jq '[.[] | select(.path | endswith("/synchronize"))] | length'; }
deleted() { curl -sf "$control/journal?service=provd&method=DELETE" | jq length; }
forget_journal() { curl -sf -X DELETE "$control/journal" >/dev/null; }
reason_of() { "$tandem" get conditions "$1" -o json | jq -r '.[0].reason'; }
reason_is() { [ "$(reason_of "$1")" = "$2" ]; }

curl -sf -X PUT -d '["#"]' "$control/acl" >/dev/null
provd_post pg_mgr/install/install '{"id": "test-plugin"}'
for number in 1 2 3 4 5 6; do
  provd_post dev_mgr/devices "{\"device\": {\"id\": \"phone$number\", \"plugin\": \"test-plugin\", \"config\": \"autoprov\"}}"
done
provd_post dev_mgr/devices '{"device": {"id": "unknown", "config": "autoprov"}}'

echo "a pair that is set up anew: its phones know no backup, and nobody tells them without an order"
expect 0 "$tandem" apply --structural --reason "first set-up"
forget_journal
start_operator
within 20 reason_is ResyncRequired PhonesKnowOldAddresses
[ "$(told)" = 0 ] || fail "phones were told without an order"

echo "resync-devices tells them all, deletes each operation, and the condition ends"
expect 0 "$tandem" resync-devices
contains "$err" "6 of 6 phones told"
contains "$err" "1 left out"
[ "$(told)" = 6 ] || fail "$(told) phones were told, not 6"
[ "$(deleted)" = 6 ] || fail "$(deleted) operations were deleted, not 6"
kill -HUP "$operator"
within 20 reason_is ResyncRequired PhonesKnow

echo "a phone that can not be reached is named, in the answer and in the condition"
provd_post dev_mgr/devices '{"device": {"id": "lost", "plugin": "never-installed", "config": "autoprov"}}'
expect 1 "$tandem" resync-devices -o json
[ "$(jq -r '.failures[].id' <<<"$out")" = lost ] || fail "failures: $out"
kill -HUP "$operator"
within 20 reason_is ResyncRequired SomeNotReached
expect 0 "$tandem" resync-devices --accept-failures
kill -HUP "$operator"
within 20 reason_is ResyncRequired PhonesKnow

echo "one tenant only"
curl -sf -d '{"name": "empty", "uuid": "00000000-0000-4000-8000-000000000001"}' "$control/tenants" >/dev/null
expect 0 "$tandem" resync-devices --tenant 00000000-0000-4000-8000-000000000001
contains "$err" "0 of 0 phones told"
expect 1 "$tandem" resync-devices --tenant 00000000-0000-4000-8000-000000000000
contains "$err" "there is no tenant"
contains "$err" "empty"

echo "onChange: the operator tells them by itself, once"
write_pair "  provisioning: { resyncDevices: onChange, resyncRate: 50, registrars: { default: { registrarBackup: 127.0.0.13, proxyBackup: 127.0.0.13 } } }"
forget_journal
within 90 reason_is ResyncRequired SomeNotReached
[ "$(told)" = 7 ] || fail "$(told) phones were told, not 7"

echo "provd gone: nobody was told, and the error names the place to run it"
curl -sf -d '{"service": "provd", "kind": "down"}' "$control/faults" >/dev/null
expect 1 "$tandem" resync-devices
contains "$err" "node that serves"
echo "a node that stands by: it asks nobody, and names the node to run it on"
forget_journal
touch "$root/var/lib/wazo/disabled"
expect 1 "$tandem" resync-devices
contains "$err" "stands by"
contains "$err" "pbx-b (127.0.0.12)"
[[ "$err" != *http* ]] || fail "the error of a call that need not be made: $err"
echo "all good"
