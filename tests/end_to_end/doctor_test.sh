#!/usr/bin/env bash
# `tandem doctor` on a node whose other node is not there: with and without an operator.
#   doctor_test.sh TANDEM WAZO_SIM
set -euo pipefail
tandem=$1
wazo_sim=$2
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"
make_node
# Nobody listens at these ports, whatever else this machine serves.
mkdir "$work/ssh"
echo 'Port 9' >"$work/ssh/config"
cat >>"$work/operator.yaml" <<YAML
  sshDir: $work/ssh
  postgres: { peerDsn: "host=127.0.0.12 port=9 dbname=asterisk user=tandem" }
YAML
# result_of TYPE: "ok", "not met" or "unknown"; message_of TYPE
result_of() { jq -r --arg type "$1" '.checks[] | select(.type == $type).result' <<<"$out"; }
message_of() { jq -r --arg type "$1" '.checks[] | select(.type == $type).message' <<<"$out"; }
is() { [ "$(result_of "$1")" = "$2" ] || fail "$1 is '$(result_of "$1")' and not '$2': $(message_of "$1")"; }

echo "without an operator it looks by itself, and changes nothing"
before=$(find "$root" "$work" -type f -printf '%p %T@\n' | grep -v -e stderr -e sim.log -e '/state/' | sort)
expect 2 "$tandem" doctor -o json
[ "$(jq -r .operator <<<"$out")" = absent ] || fail "there is no operator"
after=$(find "$root" "$work" -type f -printf '%p %T@\n' | grep -v -e stderr -e sim.log -e '/state/' | sort)
[ "$before" = "$after" ] || fail "it changed something: $(diff <(echo "$before") <(echo "$after"))"

echo "what is met, what is not, and what could not be asked"
for type in AddressIsOurs WizardPassed PermissionsComplete PeerPingAllowed ProbesAllowed DiskFree TenantsSeen; do
  is "$type" ok
done
is PeerSshReachable 'not met'
contains "$(message_of PeerSshReachable)" "systemctl start ssh"
is PeerPostgresReachable 'not met'
is VersionsEqual unknown
is UpgradeInProgress ok
[ "$(jq '[.checks[] | select(.message == "")] | length' <<<"$out")" = 0 ] || fail "a check tells nothing: $out"
contains "$(message_of VersionsEqual)" "tandem init"

echo "as text, each with what was seen and its remedy"
expect 2 "$tandem" doctor
contains "$out" "The other node"
contains "$out" "not met  PeerSshReachable"
contains "$out" "tandem init"
contains "$out" "No operator answers on this node"
expect 2 "$tandem" doctor -o wide
contains "$out" "Refused (now)"

echo "with an operator it tells what only that knows; what the pair lacks is no disorder of the node"
expect 0 "$tandem" apply --structural --reason "the first declaration"
start_operator
expect 2 "$tandem" doctor -o json
[ "$(jq -r .operator <<<"$out")" = running ] || fail "the operator was not asked"
is FilesWatched ok
is SpecAccepted ok
if grep -qF "$(cat "$work/token")" <<<"$out"; then fail "the token is shown"; fi

echo "without a declaration it says so"
expect 1 "$tandem" doctor --pair "$work/none.yaml" --state-dir "$work/none"
contains "$err" "none.yaml"
echo "all good"
