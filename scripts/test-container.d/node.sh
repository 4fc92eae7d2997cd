# shellcheck shell=bash
# shellcheck disable=SC2154,SC2317  # some variables belong to the script that sources this, or to its other pieces
# The file for a real node, as it is but for the host's folders: the host is $work/host, its network that of
# the engine, which has the declared address (start_engine_for_runs).

readonly host_address=198.51.100.10

node() { timeout --kill-after=10 120 docker compose -f "$work/compose.node.yaml" "$@"; }
node_tandem() { node exec -T tandem tandem "$@"; }
host_ha_conf_is_right() {
  cmp -s "$work/host/etc/xivo/ha.conf" <(printf '{"node_type": "master", "remote_address": "198.51.100.11"}')
}

on_a_node() {
  local host=$work/host
  step 'the file for a real node, in the network of its host'
  make_host
  passes 'in a network of its own it refuses to act' exits 1 bridged_tandem apply --structural --reason mistake
  passes 'and names the condition' answer_has AddressIsOurs
  does node 120 docker compose -f "$work/compose.node.yaml" up -d --no-build --pull never
  becomes 'it is ready' exits 0 node_tandem health
  passes 'plan shows changes' exits 2 node_tandem plan
  passes 'nothing is written before the order' host_is_untouched
  passes 'apply --structural' exits 0 node_tandem apply --structural --reason 'first set-up'
  passes "the vendor's bytes are on the host" host_ha_conf_is_right
  passes 'it is converged' tells_converged node_tandem
  passes 'it is not reached from elsewhere' listens_on_loopback_only
  passes 'a second operator on the host ends' exits 1 node run --rm --no-deps -T tandem run \
    --listen 127.0.0.1:9999
  passes 'and names the reason' answer_has lock
  passes 'the first goes on' exits 0 node_tandem health

  step 'the host is rebooted'
  stop_engine
  printf 'broken' >"$host/etc/xivo/ha.conf"
  start_engine_for_runs
  becomes 'it starts by itself and repairs what was damaged meanwhile' host_ha_conf_is_right
  # The stand-in may be up after it, as Wazo's services are.
  becomes 'it is converged, without a new order' tells_converged node_tandem
  docker rm -fv wazo-node >/dev/null
  passes 'it is removed' exits 0 node down
  passes 'which changes nothing' host_ha_conf_is_right
}
make_host() {
  local host=$work/host folder mounts=()
  # Every folder of the host but its accounts, which are the image's own here.
  sed "/passwd\|group/d; s|^\( *- \)/|\1$host/|" manifests/compose.node.yaml >"$work/compose.node.yaml"
  mkdir -p "$host"/etc/tandem "$host"/run/tandem "$host"/var/lib/tandem "$host/state"
  tr -d - </proc/sys/kernel/random/uuid >"$host/etc/machine-id"
  for folder in etc/xivo etc/cron.d etc/postgresql var/lib/wazo var/lib/wazo-provd var/lib/dpkg root/.ssh; do
    mkdir -p "$host/$folder"
    mounts+=(-v "$host/$folder:/host/$folder")
  done
  cat >"$host/etc/tandem/operator.yaml" <<'END'
apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec: { node: pbx-a }
END
  cat >"$host/etc/tandem/pair.yaml" <<END
apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: { name: node }
spec:
  product: wazo
  primary: { name: pbx-a, address: $host_address }
  secondary: { name: pbx-b, address: 198.51.100.11 }
  replication: { owner: vendor }    # its stand-in has neither PostgreSQL nor SIP
  failover: { owner: vendor }
END
  # The stand-in writes the credentials of the operator's user where the operator looks for them.
  docker run -d --name wazo-node --network host --restart unless-stopped -e OWN_ADDRESS="$host_address" \
    -v "$host/etc/tandem:/secret" -v "$host/state:/state" "${mounts[@]}" tandem-wazo-sim >/dev/null
  wait_for 30 'the stand-in is healthy' stand_in_is_healthy
}
stand_in_is_healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' wazo-node)" = healthy ]; }
# What happens to who forgets the host's network. Its state is not the host's: the order must not last.
bridged_tandem() {
  local host=$work/host
  timeout 60 docker run --rm --network bridge --read-only --tmpfs /var/lib/tandem --tmpfs /host/run \
    --cap-drop ALL --cap-add DAC_OVERRIDE --cap-add CHOWN --cap-add FOWNER --cap-add NET_RAW -v "$host/etc/tandem:/etc/tandem:ro" \
    -v "$host/etc/xivo:/host/etc/xivo" -v "$host/etc/cron.d:/host/etc/cron.d" -v "$host/var/lib/wazo:/host/var/lib/wazo" \
    tandem "$@"
}
host_is_untouched() {
  [ -z "$(find "$work"/host/etc/xivo "$work"/host/etc/cron.d "$work"/host/var/lib/wazo -type f)" ]
}
listens_on_loopback_only() {
  in_engine_network curl -sf -o /dev/null --max-time 5 http://127.0.0.1:9877/readyz &&
    ! in_engine_network curl -s -o /dev/null --max-time 5 "http://$host_address:9877/readyz"
}
