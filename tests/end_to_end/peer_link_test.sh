#!/usr/bin/env bash
# Two operators on two loopback addresses with certificates of their own pair: what they tell each
# other, who may ask what, renewal, and the primary's declaration on the secondary.
#   peer_link_test.sh TANDEM
# shellcheck disable=SC2154    # out and err come from node.sh
set -euo pipefail
tandem=$1
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"

work=$(mktemp -d)
pids=()
trap cleanup EXIT
export NO_COLOR=1
port_a=$((20000 + RANDOM % 12000)) port_b=$((20000 + RANDOM % 12000))

# make_side LETTER ADDRESS PORT PEER_ADDRESS PEER_PORT
make_side() {
  local side=$work/$1
  mkdir -p "$side"/root/{etc/xivo,etc/cron.d,var/lib/wazo,run}
  cat >"$side/operator.yaml" <<YAML
apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec:
  node: pbx-$1
  pair: $side/pair.yaml
  root: $side/root
  stateDir: $side/tandem
  listen: $2:$((20000 + RANDOM % 12000))
  listenTls: { address: $2:$3, certificate: $side/pki/pbx-$1.pem, key: $side/pki/pbx-$1.key, ca: $side/pki/ca.pem }
  peer: https://$4:$5
  tokenFile: $side/token
  wazo:
    confd: http://127.0.0.1:9/1.1
    provd: http://127.0.0.1:9/0.2
    auth: http://127.0.0.1:9/0.1
    credentialsFile: $side/credentials.yaml
YAML
  printf 'username: tandem\npassword: tandem\n' >"$side/credentials.yaml"
  chmod 600 "$side/credentials.yaml"
}

# declaration MORE: the pair's file on standard output.
declaration() {
  cat <<YAML
apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: { name: lab }
spec:
  product: wazo
  primary: { name: pbx-a, address: 127.0.0.2 }
  secondary: { name: pbx-b, address: 127.0.0.3 }
  replication: { owner: vendor }
$1
YAML
}

declare_on() {
  local side
  for side in $2; do
    declaration "$1" >"$work/$side/pair.new"
    chmod 640 "$work/$side/pair.new"
    mv "$work/$side/pair.new" "$work/$side/pair.yaml"
  done
}

on() { TANDEM_OPERATOR=$work/$1/operator.yaml "$tandem" "${@:2}"; }

start_side() {
  TANDEM_OPERATOR=$work/$1/operator.yaml "$tandem" run 2>>"$work/$1.log" &
  pids+=($!)
  eval "pid_$1=$!"
  within 30 on "$1" health >/dev/null
}

# No vendor's services are there, so the node never converges: what counts is what comes into force.
# Refused until this node has heard what the other one's file now asks for.
order() { within 20 ordered "$1"; }
ordered() {
  on "$1" apply --structural --reason "a test" >/dev/null 2>"$work/order.log" || true
  for _ in {1..20}; do
    ! has "$1" StructuralChangePending False || return 0
    sleep 0.05
  done
  return 1
}

# has SIDE CONDITION STATUS [REASON]
has() {
  on "$1" get conditions "$2" -o json | tr -d ' \n' | grep -q "\"status\":\"$3\",\"reason\":\"${4:-}"
}
# hears SIDE: it has heard what the other one's pair.yaml now asks for.
hears() {
  local other=a
  [ "$1" = b ] || other=b
  { on "$1" status -o json || true; } | grep "\"wantedSha256\": \"$(sha256sum <"$work/$other/pair.yaml" | cut -d' ' -f1)\"" >/dev/null
}
message_of() { on "$1" get conditions "$2" -o json; }

# ask SIDE CERTIFICATE PATH [CURL OPTIONS...]: the status.
ask() {
  local address port
  if [ "$1" = a ]; then address=127.0.0.2 port=$port_a; else address=127.0.0.3 port=$port_b; fi
  curl -s -o "$work/answer" -w '%{http_code}' --max-time 20 --cacert "$work/a/pki/ca.pem" \
    --cert "$work/a/pki/$2.pem" --key "$work/a/pki/$2.key" \
    --connect-to "pbx-$1:$port:$address:$port" "${@:4}" "https://pbx-$1:$port$3"
}

make_side a 127.0.0.2 $port_a 127.0.0.3 $port_b
make_side b 127.0.0.3 $port_b 127.0.0.2 $port_a
declare_on "" "a b"

echo "pki init makes what is missing, once, and one command gives the other node its part"
expect 0 on a pki init --dir "$work/a/pki"
contains "$out" "listenTls: { address: 0.0.0.0:9878, certificate: $work/a/pki/pbx-b.pem"
command=$(grep '^  tar ' <<<"$out")
contains "$command" "root@127.0.0.3"
[[ "$command" != *ca.key* ]] || fail "the authority's key would travel: $command"
[ "$(stat -c %a "$work"/a/pki)" = 700 ] || fail "mode of the folder"
[ "$(stat -c %a "$work"/a/pki/*.key | sort -u)" = 600 ] || fail "mode of a key"
before=$(sha256sum "$work"/a/pki/*)
expect 0 on a pki init --dir "$work/a/pki"
contains "$out" "was there"
[ "$before" = "$(sha256sum "$work"/a/pki/*)" ] || fail "a second run changed something"
# What the shell of the other node would do, in the other folder of this one.
mkdir "$work/bin"
cat >"$work/bin/ssh" <<SSH
#!/bin/sh
exec sh -c "\$(printf %s "\$2" | sed 's#$work/a/pki#$work/b/pki#g')"
SSH
chmod +x "$work/bin/ssh"
PATH=$work/bin:$PATH sh -c "$command"
[ "$(cd "$work/b/pki" && echo *)" = "ca.pem pbx-b.key pbx-b.pem" ] || fail "what was copied: $(ls "$work/b/pki")"
[ "$(stat -c %a "$work/b/pki/pbx-b.key")" = 600 ] || fail "mode of the copied key"
expect 0 on b pki init --dir "$work/b/pki"
contains "$out" "was there"
expect 1 on b pki renew --dir "$work/b/pki"
contains "$err" "where the authority's key is"

echo "two operators hear each other, and status shows the other node"
start_side a
start_side b
order a
order b
within 20 has a PeerLinkUp True Answers
within 20 has b PeerLinkUp True Answers
within 20 has a SpecInSync True Same
within 20 has b SpecInSync True Same
within 20 has a RoleConflict False
within 20 has a CertificatesValid True Valid
expect 2 on a status
contains "$out" "pbx-b  secondary, "
expect 2 on b status -o json
contains "$out" '"link": "Answers"'
contains "$(curl -sf "http://$(sed -n 's/^  listen: //p' "$work/a/operator.yaml")/metrics")" \
  'tandem_certificate_expiry_timestamp_seconds{certificate="node"}'

echo "who has not the other node's certificate may read, and no more"
sed 's/pbx-b/monitor/' "$work/a/pair.yaml" >"$work/monitor.yaml"
expect 0 on a --pair "$work/monitor.yaml" pki init --dir "$work/a/pki"
order_text='{"apiVersion":"tandem.ha/v1alpha1","kind":"Order","order":"ack","id":"1","reason":"x","by":"","at":"2026-01-01T00:00:00Z"}'
for path in /api/v1/peer /api/v1/pair /livez /metrics; do
  [ "$(ask a monitor $path)" = 200 ] || fail "GET $path"
done
for certificate in monitor pbx-a; do
  [ "$(ask a $certificate /api/v1/peer/pair-file)" = 403 ] || fail "pair-file for $certificate"
  [ "$(ask a $certificate /api/v1/peer/orders -d "$order_text")" = 403 ] || fail "orders for $certificate"
done
for certificate in monitor pbx-b; do
  [ "$(ask a $certificate /api/v1/actions/apply -d '{}' -H "Authorization: Bearer $(cat "$work/a/token")")" = 403 ] ||
    fail "an action over TLS for $certificate"
done
[ "$(ask a pbx-b /api/v1/peer/pair-file)" = 200 ] || fail "pair-file for the other node"
cmp -s "$work/answer" "$work/a/pair.yaml" || fail "pair-file is not the file"
[ "$(ask a pbx-b /api/v1/peer/orders -d "{$order_text")" = 422 ] || fail "a broken order"
listen=$(sed -n 's/^  listen: //p' "$work/a/operator.yaml")
[ "$(curl -s -o "$work/answer" -w '%{http_code}' "http://$listen/api/v1/peer/pair-file")" = 403 ] || fail "pair-file without TLS"
! curl -s --max-time 20 --cacert "$work/a/pki/ca.pem" --connect-to "pbx-a:$port_a:127.0.0.2:$port_a" \
  "https://pbx-a:$port_a/livez" >/dev/null || fail "an answer without a certificate"

echo "different declarations are seen on both, and a structural one comes into force on neither alone"
declare_on "  changes: { allow: file }" a
within 20 has a SpecInSync False SpecsDiffer
within 20 has b SpecInSync False SpecsDiffer
contains "$(message_of b SpecInSync)" "pbx-b has the older"
declare_on "  enabled: false" a
within 20 has a StructuralChangePending True
expect 1 on a apply --structural --reason "a test"
contains "$err" "copy pair.yaml to pbx-b first"
within 20 has a StructuralChangePending True
declare_on "  enabled: false" b
within 20 has b StructuralChangePending True
within 20 hears a
order a
order b
within 20 has a SpecInSync True

echo "the secondary takes the primary's declaration where that is declared"
declare_on "  distribution: fromPrimary" "a b"
within 20 has a StructuralChangePending True
within 20 has b StructuralChangePending True
within 20 hears a
order a
order b
within 20 has b PairFileTaken True
old=$(sha256sum <"$work/b/pair.yaml")
declare_on $'  distribution: fromPrimary\n  changes: { allow: restart }' a
within 20 cmp -s "$work/a/pair.yaml" "$work/b/pair.yaml"
[ "$(sha256sum <"$work/b/pair.yaml.previous")" = "$old" ] || fail "the previous file is not kept"
[ "$(stat -c %a "$work/b/pair.yaml")" = 640 ] || fail "the mode of pair.yaml changed"
within 20 has a SpecInSync True
within 20 has b SpecInSync True

echo "a bad file and one that swaps the roles go nowhere"
taken=$(sha256sum <"$work/b/pair.yaml")
echo "garbage" >"$work/a/pair.new" && mv "$work/a/pair.new" "$work/a/pair.yaml"
within 20 has a SpecAccepted False
[ "$(sha256sum <"$work/b/pair.yaml")" = "$taken" ] || fail "a refused file was taken"
declaration "  distribution: fromPrimary" | sed 's/pbx-a, address: 127.0.0.2/X/; s/pbx-b, address: 127.0.0.3/pbx-a, address: 127.0.0.2/; s/X/pbx-b, address: 127.0.0.3/' >"$work/a/pair.new"
mv "$work/a/pair.new" "$work/a/pair.yaml"
within 20 has a StructuralChangePending True
order a
within 20 has a RoleConflict True BothSecondary
[ "$(sha256sum <"$work/b/pair.yaml")" = "$taken" ] || fail "a file that swaps the roles was taken"
declare_on $'  distribution: fromPrimary\n  changes: { allow: restart }' a
within 20 has a StructuralChangePending True
order a
within 20 has b RoleConflict False

echo "a renewal counts without a restart, and cuts nothing"
first=$(curl -sv --max-time 20 --cacert "$work/a/pki/ca.pem" --cert "$work/a/pki/monitor.pem" --key "$work/a/pki/monitor.key" \
  --connect-to "pbx-a:$port_a:127.0.0.2:$port_a" "https://pbx-a:$port_a/livez" 2>&1 | grep 'expire date')
expect 0 on a pki renew --dir "$work/a/pki" --days 10
PATH=$work/bin:$PATH sh -c "$(grep '^  tar ' <<<"$out")"
second=$(curl -sv --max-time 20 --cacert "$work/a/pki/ca.pem" --cert "$work/a/pki/monitor.pem" --key "$work/a/pki/monitor.key" \
  --connect-to "pbx-a:$port_a:127.0.0.2:$port_a" "https://pbx-a:$port_a/livez" 2>&1 | grep 'expire date')
[ "$first" != "$second" ] || fail "the old certificate is still shown: $first"
has a PeerLinkUp True || fail "the renewal cut the link"
has b PeerLinkUp True || fail "the renewal cut the link"

echo "the other operator's end is told, and its return"
kill "$pid_b"
wait "$pid_b" || true
within 20 has a PeerLinkUp False Silent
expect 2 on a status
contains "$out" "not heard"
contains "$out" "last heard at"
start_side b
within 20 has a PeerLinkUp True
within 20 has b CertificatesValid True ExpiresSoon

echo "no log has a key or the token"
for log in "$work"/*.log; do
  ! grep -q -e "PRIVATE KEY" -e "$(cat "$work/a/token")" "$log" || fail "a secret in $log"
done
echo "all good"
