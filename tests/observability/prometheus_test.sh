#!/usr/bin/env bash
# A real Prometheus with the shipped configuration scrapes three running operators, in states in which all
# that the alerts and the dashboard name is exported; prometheus_test.mjs then asks it for everything.
#   prometheus_test.sh TANDEM WAZO_SIM
# shellcheck disable=SC2154    # work, pids, root, listen and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/end_to_end/node.sh
source "$here/../end_to_end/node.sh"

for program in prometheus curl node; do
  command -v "$program" >/dev/null || {
    echo "$program is not installed; as root: scripts/install-deps test" >&2
    exit 1
  }
done

# make_node() knows of one node: what it left of the others is kept here, and ended at the end.
all_pids=() all_work=()
remember() { all_pids+=("${pids[@]}") all_work+=("$work"); }
cleanup() {
  local pid
  for pid in ${all_pids[@]+"${all_pids[@]}"} ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf ${all_work[@]+"${all_work[@]}"} "$work"
}

# Below the ports that the kernel gives to clients. Somebody may take it before we do: then what listens
# there ends, and the next one is tried.
free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 10000))
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

answers() { curl -sf -o /dev/null --max-time 2 "$1"; }
is_over() { ! kill -0 "$1" 2>/dev/null; }
answers_or_over() { answers "$1" || is_over "$2"; }

# start_on_a_free_port NAME URL_PATH COMMAND...: @PORT@ in the command is the port. Leaves `port`. What it
# starts ends with this script, even where the script is killed.
start_on_a_free_port() {
  local name=$1 path=$2
  shift 2
  for _ in 1 2 3; do
    port=$(free_port)
    setpriv --pdeathsig TERM "${@//@PORT@/$port}" >>"$work/$name.log" 2>&1 &
    pids+=("$!")
    within 60 answers_or_over "http://127.0.0.1:$port$path" "$!"
    is_over "$!" || return 0
  done
  fail "$name does not start"
}

node_called() { # NAME
  make_node
  sed -i "s/node: pbx-a/node: $1/" "$work/operator.yaml"
}
ordered() { # REASON
  start_on_a_free_port operator /readyz "$tandem" run --listen 127.0.0.1:@PORT@
  "$tandem" apply --structural --reason "$1" --listen "127.0.0.1:$port" >/dev/null
}

peer_link() { # NAME LISTEN
  printf '  listenTls: { address: %s, certificate: %s, key: %s, ca: %s }\n' \
    "$2" "$pki/$1.pem" "$pki/$1.key" "$pki/ca.pem" >>"$work/operator.yaml"
}

# Copies that ended well before the operator was started.
copied_before() {
  local before
  before=$(date -u -d '-10 minutes' +%Y-%m-%dT%H:%M:%SZ)
  before="{\"succeeded\":\"$before\",\"proven\":\"$before\",\"changed\":null,\"proof\":\"109 tables equal\"}"
  mkdir -p "$work/tandem"
  echo "{\"database\":$before,\"files\":$before}" >"$work/tandem/replicated.json"
}

echo "==> two operators: pbx-a serves and has a peer link, pbx-b stands by"
node_called pbx-a
write_pair "  replication: { owner: tandem }"
copied_before
pki=$work/pki link_port=$(free_port)
"$tandem" pki init --dir "$pki" >/dev/null
peer_link pbx-a "127.0.0.11:$link_port"
ordered "first set-up"
port_a=$port pair_a=$work/pair.yaml
remember
node_called pbx-b
write_pair "  replication: { owner: tandem }"
touch "$root/var/lib/wazo/disabled"
ordered "first set-up"
port_b=$port
remember

echo "==> and the secondary of a XiVO pair, with a contact centre and an ISDN switch"
# It follows pbx-a's declaration, and can not: that one calls the secondary by another name.
sim_options=(--sip-general)
node_called pbx-x
mkdir -p "$root"/{var/lib/xivo,var/log,etc/docker/xivo}
ln -s wazo-provd "$root/var/lib/xivo-provd"
printf 'root:x:0:0:::\ndaemon:x:1:1:::\n' >"$root/etc/passwd"
printf 'root:x:0:\ndaemon:x:1:\n' >"$root/etc/group"
echo 'XIVO_HOST=127.0.0.12' >"$root/etc/docker/xivo/custom.env"
printf '[fos1]\nmac = 00:19:32:00:12:1D\nhost = 10.100.0.201\n' >"$root/etc/bnfos.conf"
write_pair '  interconnection: { reportingDbHost: reports.example.org, elasticsearch: reports.example.org }
  isdnSwitch: { driver: berofos, readCommand: [/usr/sbin/isdn-position, "{device}"] }
  distribution: fromPrimary'
sed -i 's/product: wazo/product: xivo/; s/pbx-b/pbx-x/' "$work/pair.yaml"
# Before it hears pbx-a: once it does, a declaration that differs is not put in force. Not all of it can be done here,
# and that is told: the contact centre's commands wait for their own order.
start_on_a_free_port operator /readyz "$tandem" run --listen 127.0.0.1:@PORT@
"$tandem" apply --structural --reason "first set-up" --listen "127.0.0.1:$port" >/dev/null || true
kill "${pids[-1]}"
wait "${pids[-1]}" || true
unset 'pids[-1]'
"$tandem" pki init --dir "$pki" >/dev/null
peer_link pbx-x "127.0.0.12:$(free_port)"
echo "  peer: https://127.0.0.11:$link_port" >>"$work/operator.yaml"
start_on_a_free_port operator /readyz "$tandem" run --listen 127.0.0.1:@PORT@
port_x=$port
remember

echo "==> Prometheus with the shipped configuration"
work=$(mktemp -d) pids=()
node "$here/prometheus_config.mjs" "$work" "127.0.0.1:$port_a" "127.0.0.1:$port_b" "127.0.0.1:$port_x"
start_on_a_free_port prometheus /-/ready prometheus --config.file "$work/prometheus.yaml" \
  --storage.tsdb.path "$work/data" --web.listen-address 127.0.0.1:@PORT@ --log.level warn
prometheus=http://127.0.0.1:$port

has() { curl -sf --max-time 5 "$prometheus/api/v1/query" --data-urlencode "query=$1" | grep -q '"value"'; }
within 60 has 'tandem_node_info{role="primary"}'
within 60 has 'tandem_node_info{role="secondary"}'
# These are told only while copies may be made, and by a node that is in the pair.
for type in DatabaseReplicated FileSourcesPresent FileChangesWatched DirectionWritten DivergenceOpen SecondaryFit; do
  within 60 has "tandem_condition{type=\"$type\"}"
done

echo "==> pbx-a is suspended, on pbx-b high availability is switched off"
sed -i '$a\  suspend: { reason: a test, until: 2099-01-01T00:00:00Z }' "$pair_a"
prometheus_work=$work work=${all_work[1]}
write_pair "  enabled: false"
TANDEM_OPERATOR=$work/operator.yaml "$tandem" apply --structural --reason "a test" --listen "127.0.0.1:$port_b" >/dev/null
work=$prometheus_work
within 60 has 'tandem_suspended == 1'

node "$here/prometheus_test.mjs" "$prometheus" || fail "see above"
