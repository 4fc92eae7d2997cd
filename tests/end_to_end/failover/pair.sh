# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this
# A pair: its declaration, its start, and what its operators say. Needs network.sh and host.sh.

# The times are a quarter of the defaults and less, so that a failover takes seconds; the probes keep
# their own. $1: more lines below spec, $2: the witnesses. A course may set other times.
host_down=5s service_failed=7500ms hold=8s
declaration() {
  local more='    flapping: { maxTakeovers: 100, window: 6h }' witnesses='[192.0.2.1]'
  cat <<END
apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: { name: scenes }
spec:
  product: wazo
  primary: { name: pbx-a, address: 192.0.2.11 }
  secondary: { name: pbx-b, address: 192.0.2.12 }
  replication: { owner: vendor }
  failover:
    owner: tandem
    confirmHostDown: $host_down
    confirmServiceDown: { failed: $service_failed, restarting: 60s, unknown: 22500ms }
    bootGrace: 0s
    witnesses: ${2-$witnesses}
    activationTimeout: 30s
    deactivationTimeout: 45s
    failback: { hold: $hold, waitForCalls: 60s }
${1-$more}
END
}

declare_pair() { # [LINES [WITNESSES]]
  local host
  for host in a b; do
    declaration "$@" >"$home/$host/pair.new"
    mv "$home/$host/pair.new" "$home/$host/pair.yaml"
  done
}

on() { inside "$1" "$tandem" --no-color --operator "$home/$1/operator.yaml" "${@:2}"; } # HOST ARGUMENT...

make_certificates() {
  on a pki init --dir "$home/a/pki" >/dev/null
  mkdir -m 0700 "$home/b/pki"
  cp -p "$home/a/pki"/{ca.pem,pbx-b.pem,pbx-b.key} "$home/b/pki/"
}

# A pair that works: pbx-a serves, pbx-b stands by, and they hear each other.
make_pair() { # [LINES [WITNESSES]]
  make_network
  make_host a
  make_host b
  declare_pair "$@"
  make_certificates
  power_on a
  power_on b
  service_of a start
  start_operator a
  start_operator b
  within 60 on a health
  within 60 on b health
  put_in_force a
  put_in_force b
  within 60 is_state a Serving
  within 60 is_state b Standby
  within 60 condition_is a PeerLinkUp True
  within 60 condition_is b PeerLinkUp True
  within 60 hears_primary
}
# The structural part waits for an order; what is not well beside it concerns no scene.
put_in_force() { # HOST
  on "$1" apply --structural --reason 'the first declaration' >"$home/$1/apply.log" 2>&1 || true
  within 60 condition_is "$1" StructuralChangePending False
}

ask() { inside "$1" curl -sf --max-time 10 "http://127.0.0.1:9877$2"; } # HOST PATH
pair_is() { ask "$1" /api/v1/pair | jq -e "$2" >/dev/null; }             # HOST FILTER
condition_is() { # HOST TYPE STATUS [REASON]
  pair_is "$1" ".status.conditions[] | select(.type == \"$2\") | .status == \"$3\" and (\"${4-}\" == \"\" or .reason == \"${4-}\")"
}

is_state() { pair_is "$1" ".status.failover.state == \"$2\""; }           # HOST STATE
verdict_is() { pair_is b ".status.failover.primary.verdict == \"$1\""; } # VERDICT
# SIP of the primary has been answered from the secondary, so that its silence can count.
hears_primary() { ask b /api/v1/probes | jq -e '.items[] | select(.probe == "sip") | .good'; }
# The SIP server of a node, asked from the node itself: whatever the network does.
serves_sip() { pair_is "$1" '[.status.conditions[] | select(.type == "SipServing")][0].status == "True"'; }
sip_runs() { grep -q '^asterisk.service loaded active' "$home/$1/units/table"; }

# What a person sees.
why_says() { on "$1" why 2>&1 | grep -F -- "$2" >/dev/null; }                  # HOST TEXT
status_says() { { on "$1" status 2>&1 || true; } | grep -F -- "$2" >/dev/null; } # HOST TEXT
has_event() { on "$1" get events 2>&1 | tr -s ' ' | grep -F -- "$2"; } # HOST TEXT
probe_is() { on "$1" get probes "$2" 2>&1 | grep -F -- "$3"; }         # HOST PROBE TEXT
# The takeover that came last, by a filter of jq.
last_takeover() { on b get takeovers -o json | jq -e "last | $1"; }
takeovers() { on b get takeovers -o json | jq length; }
epoch() { on b get takeovers -o json | jq 'if length == 0 then 0 else last.epoch end'; }
# How often the vendor's command was given on a node.
commands_of() { grep -c " $2\$" "$home/$1/commands" || true; } # HOST VERB

no_secret_is_told() {
  local host log
  for host in a b; do
    for log in "$home/$host"/*.log; do
      ! grep -q -e 'PRIVATE KEY' -e "$(<"$home/$host/token")" "$log" || fail "a secret in $log"
    done
  done
}

# The secondary serves because of CAUSE, and tells so.
taken_over() {
  soon is_state b Active
  soon last_takeover ".cause == \"$1\" and .result == \"this node serves\""
  check sip_runs b
}
given_back() {
  soon is_state b Standby
  soon last_takeover '.result | startswith("given back")'
  check test -e "$home/b/root/var/lib/wazo/disabled"
  check eval '! sip_runs b'
  check sip_runs a
  # It decides by what it has heard, up to a second ago.
  soon pair_is a '.status.peer.word.state == "Standby"'
}
