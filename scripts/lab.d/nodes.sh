# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# The nodes of the lab: folders, stand-ins for Wazo, operators. Needs $dir.

readonly preset=${TANDEM_LAB_PRESET:-release}
readonly program=build/$preset/tandem
readonly stand_in=build/$preset/tests/wazo_sim/wazo_sim
readonly ask_limit=60 # seconds, for a command of tandem
wait_limit=60 # seconds, for what comes at once on a machine that is not busy, and late on one that is

declare -A address=([pbx-a]=127.0.0.11 [pbx-b]=127.0.0.12)
declare -A listen=() control=()
sip_port=5060 # both nodes have the same one, and an address each

# The build folder is shared: one copy of the lab builds at a time.
build() {
  mkdir -p build
  exec {build_lock}>build/.lab-lock
  flock -w 1800 "$build_lock" || die "another copy builds for half an hour already"
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --target tandem wazo_sim systemd_sim
  exec {build_lock}>&-
}

write_pair() { # NODE PRESET ENABLED [FAILOVER-OWNER [REPLICATION]]: both the vendor's until the story's end
  cat >"$dir/$1/pair.yaml.new" <<END
# The declaration of the pair, the same on both nodes. Both addresses are in 127.0.0.0/8: the operator
# takes such a pair for a lab on one machine, and does not ask on which interface an address is.
apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata:
  name: lab
spec:
  product: wazo
  enabled: $3
  primary: { name: pbx-a, address: 127.0.0.11 }
  secondary: { name: pbx-b, address: 127.0.0.12 }
  sip:
    preset: $2
  # Both duties as on a pair that was just adopted: the vendor's. The story's end raises them.
  replication: ${5-{ owner: vendor \}}
  failover:
    owner: ${4-vendor}
    probes:
      sip: { port: $sip_port }
END
  mv "$dir/$1/pair.yaml.new" "$dir/$1/pair.yaml"
}

make_node() { # NODE
  local home=$dir/$1 password
  mkdir -p "$home"/root/{etc/xivo,etc/cron.d,var/lib/wazo,var/lib/wazo-provd/jsondb,run} "$home"/wazo
  chmod 0711 "$home"
  ln -s ../run "$home/root/var/run"
  read -r password </proc/sys/kernel/random/uuid
  (
    umask 077
    printf '%s\n' "$password" >"$home/password"
    printf 'username: tandem\npassword: "%s"\n' "$password" >"$home/credentials.yaml"
  )
  make_identity "$1"
  write_pair "$1" documented true
}

# What tells one machine from another, the version of the product, and the folders of a node.
make_identity() { # NODE
  local root=$dir/$1/root
  mkdir -p "$root"/{sys/class/dmi/id,usr/share/wazo,var/lib/wazo-provd/plugins,var/log,var/spool/asterisk/voicemail,tmp}
  tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
  cp /proc/sys/kernel/random/uuid "$root/sys/class/dmi/id/product_uuid"
  echo 26.08 >"$root/usr/share/wazo/WAZO-VERSION"
}

# A node that stands by, by the vendor's own command: the marker is there, telephony is stopped.
stand_by() { "$dir/$1/root/usr/sbin/xivo-manage-slave-services" stop; }

has_line() { [ -s "$1" ]; }

start_stand_in() { # NODE [OPTION]...
  local node=$1 home=$dir/$1
  shift
  start "$node-wazo" "$home/ports.json" "$home/wazo.log" "$stand_in" --root "$home/root" \
    --state "$home/wazo" --own-address "${address[$node]}" --password-file "$home/password" --run-programs "$@"
  wait_for 30 has_line "$home/ports.json" || die "the stand-in of $node does not start: $home/wazo.log"
  control[$node]=http://127.0.0.1:$(jq .control "$home/ports.json")
}

write_config() { # NODE
  local home=$dir/$1
  listen[$1]=127.0.0.1:$(free_port 127.0.0.1)
  cat >"$home/operator.yaml" <<END
apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec:
  node: $1
  pair: $home/pair.yaml
  root: $home/root
  stateDir: $home/state
  listen: ${listen[$1]}
  tokenFile: $home/root/etc/tandem/token
  sshDir: $home/root/etc/tandem/ssh
  wazo:
    confd: http://127.0.0.1:$(jq .confd "$home/ports.json")/1.1
    provd: http://127.0.0.1:$(jq .provd "$home/ports.json")/0.2
    auth: http://127.0.0.1:$(jq .auth "$home/ports.json")/0.1
    credentialsFile: $home/credentials.yaml
  postgres:
    dsn: "host=127.0.0.1 port=${sql_port[$1]} dbname=asterisk user=tandem"
    peerDsn: "host=PEER-ADDRESS port=${sql_port[$(peer_of "$1")]} dbname=asterisk user=tandem"
    passwordFile: $home/root/etc/tandem/pgpass
END
}

peer_of() { case $1 in pbx-a) echo pbx-b ;; *) echo pbx-a ;; esac; }

# The real servers of the nodes. What takes long is to make the clusters: both at the same time.
start_servers() {
  local node pids=()
  for node in pbx-a pbx-b; do
    make_cluster "$node" &
    pids+=($!)
    make_ssh "$node"
    write_fail2ban "$node"
    write_units "$node"
  done
  make_vendor_key
  for node in "${pids[@]}"; do wait "$node" || die 'initdb failed'; done
  for node in pbx-a pbx-b; do
    start_database "$node"
    start_ssh "$node"
    start_fail2ban "$node"
    start_units "$node"
    start_sip "$node"
    make_programs "$node"
  done
  write_ssh_config pbx-a
  write_ssh_config pbx-b
}

# Below the ports that the kernel gives to clients. Somebody may take it before we do: start_operator()
# then tries another.
free_port() { # ADDRESS
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 10000))
    (: <>"/dev/tcp/$1/$port") 2>/dev/null || break
  done
  echo "$port"
}

run_operator() { # NODE
  start "$1" /dev/null "$dir/$1/operator.log" "$program" --operator "$dir/$1/operator.yaml" run
}

answers_or_ended() { is_ready "$1" || ! runs "$1"; }
is_ready() { curl -sf -o /dev/null --max-time 2 "http://${listen[$1]}/readyz"; }

start_operator() { # NODE
  for _ in 1 2 3; do
    write_config "$1"
    run_operator "$1"
    wait_for "$wait_limit" answers_or_ended "$1" || break
    if runs "$1"; then return 0; fi
  done
  tail -n 5 "$dir/$1/operator.log" >&2 || true
  die "the operator of $1 does not start: $dir/$1/operator.log"
}

tandem_on() { # NODE ARGUMENT...
  local node=$1
  shift
  timeout "$ask_limit" "$program" --operator "$dir/$node/operator.yaml" "$@"
}

# What the operator tells of its node: asks NODE with a filter of jq that is true or false.
pair_is() { # NODE FILTER
  curl -sf --max-time 5 "http://${listen[$1]}/api/v1/pair" | jq -e "$2" >/dev/null 2>&1
}
condition() { # NODE TYPE FILTER
  tandem_on "$1" get conditions -o json | jq -r ".[] | select(.type == \"$2\") | $3"
}

# The stand-in's own view.
wazo() { # NODE METHOD PATH [BODY]
  curl -sf --max-time 5 -X "$2" "${control[$1]}$3" ${4:+--data "$4"}
}
