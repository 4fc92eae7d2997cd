#!/usr/bin/env bash
# The vendor's PUT /1.1/ha stops at the first of its seven steps that fails, and undoes nothing. Each of these
# wrecks is made by that very call, here of the stand-in, and mended by plan and apply, then by a running operator.
#   vendor_wrecks_test.sh TANDEM WAZO_SIM
# shellcheck disable=SC2154    # out, err, root and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"
make_node

ours=127.0.0.12   # the peer as declared
theirs=127.0.0.99 # what somebody typed into the web interface
configs=$root/var/lib/wazo-provd/jsondb/configs
global=e61d1069-6c5e-4596-be47-320854569810

ha_conf_of() { printf '{"node_type": "%s", "remote_address": "%s"}' "$1" "$2"; }
master_cron() {
  printf '0 * * * * root /usr/sbin/xivo-master-slave-db-replication %s >/dev/null\n' "$1"
  printf '0 * * * * root /usr/bin/wazo-sync >/dev/null\n'
}
slave_cron() { printf '* * * * * root /usr/sbin/xivo-check-master-status %s >/dev/null\n' "$1"; }

# What Tandem keeps, one thing a line.
seen() {
  echo "ha.conf $(cat "$root/etc/xivo/ha.conf")"
  cat "$root"/etc/cron.d/xivo-ha-* 2>/dev/null || true
  (cd "$root/var/lib/wazo" && ls is-* 2>/dev/null) || true
  jq -r '"registrar \(.registrar_backup) \(.proxy_backup)"' "$configs/default"
  jq -r '.raw_config.sip_lines["1"] | "autoprov \(.backup_registrar_ip) \(.backup_proxy_ip)"' "$configs/autoprov"
  curl -sf "$control/state" | jq -c --arg uuid "$global" \
    '[.confd.templates[] | select(.uuid == $uuid).aor_section_options[] | select(.[0] | endswith("expiration"))] | sort'
}
is_mended() { [ "$(seen)" = "$whole" ]; }

# vendor_call STATUS BODY: PUT /1.1/ha, as the web interface does it.
vendor_call() {
  local token got
  token=$(curl -sf -u tandem:tandem -H 'Content-Type: application/json' -d '{"expiration": 60}' \
    "http://127.0.0.1:$auth/0.1/token" | jq -r .data.token)
  got=$(curl -s -o "$work/answer" -w '%{http_code}' -X PUT -H "X-Auth-Token: $token" \
    -H 'Content-Type: application/json' -d "$2" "http://127.0.0.1:$confd/1.1/ha")
  [ "$got" = "$1" ] || fail "PUT /ha answered $got: $(cat "$work/answer")"
}
commands() { curl -sf "$control/journal?service=sysconfd&method=RUN" | jq -r '.[].path'; }

# wreck STEP BODY: the vendor's call fails at this step; at the same time somebody lengthens the expiry.
wreck() {
  vendor_call 204 "$(ha_conf_of master "$ours")" # from a whole node each time
  curl -sf -X DELETE "$control/journal" >/dev/null
  curl -sf -d "{\"service\": \"sysconfd\", \"kind\": \"step\", \"step\": \"$1\", \"count\": 1}" "$control/faults" >/dev/null
  vendor_call 500 "$2"
  curl -sf -X PATCH -d '{"maximum_expiration": "3600"}' "$control/templates/$global" >/dev/null
  [ "$(curl -sf "$control/faults")" = "[]" ] || fail "the step $1 was not reached"
}

# left HA_CONF CRON BACKUP COMMANDS: what the call did, and left undone.
left() {
  [ "$(cat "$root/etc/xivo/ha.conf")" = "$1" ] || fail "ha.conf is $(cat "$root/etc/xivo/ha.conf")"
  [ "$(cat "$root"/etc/cron.d/xivo-ha-* 2>/dev/null || true)" = "$2" ] || fail "the cron files are $(seen)"
  [ -e "$root/var/lib/wazo/is-primary" ] || fail "the old sentinel is gone"
  [ "$(jq -r '.registrar_backup' "$configs/default")" = "$3" ] || fail "the registrar is $(seen)"
  [ "$(commands | wc -l)" -eq "$4" ] || fail "the commands were: $(commands)"
}

# mend TEXT...: plan shows these, apply mends it all without the vendor's help, and then there is nothing to do.
mend() {
  curl -sf -X DELETE "$control/journal" >/dev/null
  expect 2 "$tandem" plan
  for text in "$@" maximum_expiration; do contains "$out" "$text"; done
  expect 0 "$tandem" apply
  is_mended || fail "after apply: $(seen)"
  expect 0 "$tandem" plan
  [ -z "$(commands)" ] || fail "mending ran: $(commands)"
  [ -z "$(curl -sf "$control/journal?service=sysconfd" | jq -r '.[] | select(.path == "/update_ha_config")')" ] ||
    fail "mending called the vendor's update"
}

slave=$(ha_conf_of slave "$theirs")
old_cron=$(master_cron "$ours")

echo "Tandem makes the node; the vendor's whole call changes nothing of it"
expect 0 "$tandem" apply --structural --reason "first set-up"
whole=$(seen)
contains "$whole" "$(ha_conf_of master "$ours")"
contains "$whole" "$old_cron"
contains "$whole" "registrar $ours $ours"
contains "$whole" "autoprov $ours $ours"
vendor_call 204 "$(ha_conf_of master "$ours")"
is_mended || fail "the vendor's call made something else: $(seen)"
expect 0 "$tandem" plan

echo "1 ha.conf: the write is interrupted"
wreck ha_conf "$slave"
left "${slave:0:$((${#slave} / 2))}" "$old_cron" "$ours" 0
mend "damaged: not JSON"

echo "2 pg_hba.conf, 3 postgresql.conf: one can not be written"
for step in pg_hba postgresql_conf; do
  wreck $step "$slave"
  left "$slave" "$old_cron" "$ours" 0
  mend node_type remote_address
done

echo "4 PostgreSQL does not restart"
wreck restart "$slave"
left "$slave" "$old_cron" "$ours" 1
mend node_type remote_address

echo "5 cron files: the old one is gone, the new one can not be written"
wreck cron "$slave"
left "$slave" "" "$ours" 1
mend node_type xivo-ha-master

echo "6 the services do not start: disabled, but for the sentinel; the registrars have lost their backup"
wreck slave_services '{"node_type": "disabled"}'
left "$(ha_conf_of disabled "")" "" null 2
mend node_type xivo-ha-master backup

echo "7 sentinels: a slave in all but the sentinel, which watches the wrong host"
wreck sentinels "$slave"
left "$slave" "$(slave_cron "$theirs")" "$ours" 1
mend node_type xivo-ha-master xivo-ha-slave

echo "and with another peer: the registrars are ahead of the rest"
wreck restart "$(ha_conf_of master "$theirs")"
left "$(ha_conf_of master "$theirs")" "$old_cron" "$theirs" 1
mend remote_address "$theirs"

echo "and with sysconfd down: the registrars alone have changed"
curl -sf -d '{"service": "sysconfd", "kind": "down"}' "$control/faults" >/dev/null
vendor_call 500 "$(ha_conf_of master "$theirs")"
curl -sf -X DELETE "$control/faults" >/dev/null
curl -sf -X PATCH -d '{"maximum_expiration": "3600"}' "$control/templates/$global" >/dev/null
left "$(ha_conf_of master "$ours")" "$old_cron" "$theirs" 0
mend "$theirs"

# sysconfd_call BODY: fails, as only programs of the node itself can make it.
sysconfd_call() {
  local got
  got=$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d "$1" \
    "http://127.0.0.1:$sysconfd/update_ha_config")
  [ "$got" = 500 ] || fail "sysconfd answered $got to $1"
  curl -sf -X PATCH -d '{"maximum_expiration": "3600"}' "$control/templates/$global" >/dev/null
}

echo "sysconfd is given a body without its keys, and one of an unknown type"
curl -sf -X DELETE "$control/journal" >/dev/null
sysconfd_call '{"remote_address": "127.0.0.12"}'
left '{"remote_address": "127.0.0.12"}' "$old_cron" "$ours" 0
mend node_type
sysconfd_call "$(ha_conf_of primary "$ours")"
left "$(ha_conf_of primary "$ours")" "" "$ours" 2
mend node_type xivo-ha-master

echo "files are missing that its steps need: pg_hba.conf, the folder of the sentinels"
mv "$root/etc/postgresql/15/main/pg_hba.conf" "$work/"
sysconfd_call "$slave"
left "$slave" "$old_cron" "$ours" 0
mv "$work/pg_hba.conf" "$root/etc/postgresql/15/main/"
mend node_type
rm -r "$root/var/lib/wazo"
sysconfd_call "$slave"
mend node_type xivo-ha-slave is-primary

echo "a running operator mends what is left by itself"
start_operator
for step in ha_conf restart cron sentinels; do
  wreck $step "$slave"
  "$tandem" apply --now >/dev/null 2>&1 || true # the registrars and the expiry would be looked at within 30 s
  within 20 is_mended
done
echo "all good"
