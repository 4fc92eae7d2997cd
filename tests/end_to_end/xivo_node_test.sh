#!/usr/bin/env bash
# The program on the nodes of a XiVO pair, in a folder, with the stand-in as it was before SIP templates.
#   xivo_node_test.sh TANDEM WAZO_SIM
# shellcheck disable=SC2154    # out, err, root and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
sim_options=(--sip-general)
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"
make_node

# What XiVO has, and the stand-in's root has not: its own names, a contact centre, accounts.
mkdir -p "$root"/{var/lib/xivo,var/log,etc/docker/xivo,usr/bin,usr/sbin}
ln -s wazo-provd "$root/var/lib/xivo-provd"
printf 'root:x:0:0:::\ndaemon:x:11:11:::\n' >"$root/etc/passwd"
printf 'root:x:0:\ndaemon:x:12:\n' >"$root/etc/group"
environment=$root/etc/docker/xivo/custom.env
printf '# ours\nXIVO_HOST=127.0.0.12\nPLAY_CRYPTO_SECRET="a b#c"\n' >"$environment"
cp -p "$environment" "$work/custom.env.before"
# The programs that the contact centre's commands are: each writes down how it was called.
for program in usr/bin/apt-get usr/bin/xivo-service usr/sbin/xivo-monitoring-update; do
  printf '#!/bin/sh\necho "%s $*" >>"%s"\n' "/$program" "$work/called" >"$root/$program"
  chmod 755 "$root/$program"
done

write_xivo() {
  write_pair "$1"
  sed -i 's/product: wazo/product: xivo/' "$work/pair.yaml"
}
as_secondary() { sed -i 's/node: pbx-a/node: pbx-b/' "$work/operator.yaml"; }
general() {
  local header
  header=$(curl -sf -u tandem:tandem -H 'Content-Type: application/json' -d '{}' \
    "http://127.0.0.1:$auth/0.1/token" | sed 's/.*"token": *"\([^"]*\)".*/X-Auth-Token: \1/')
  curl -sf -H "$header" "http://127.0.0.1:$confd/1.1/asterisk/sip/general"
}
option() { general | tr -d ' \n' | grep -o "\"$1\":\"[^\"]*\"" | cut -d'"' -f4; }

echo "the primary of a pair: no sentinels, XiVO's own sync, its expiry in the general options"
write_xivo '  sip: { expiry: { minimum: 1m, maximum: 4m, default: 2m } }'
before=$(general)
expect 2 "$tandem" plan
contains "$out" "general.maxexpiry"
expect 0 "$tandem" apply --structural --reason "first set-up"
[ "$(cat "$root/etc/xivo/ha.conf")" = '{"node_type": "master", "remote_address": "127.0.0.12"}' ] ||
  fail "ha.conf is $(cat "$root/etc/xivo/ha.conf")"
grep -q '/usr/bin/xivo-sync' "$root/etc/cron.d/xivo-ha-master" || fail "the copy is not xivo-sync"
[ ! -e "$root/var/lib/wazo/is-primary" ] || fail "a sentinel that XiVO does not have"
[ "$(option minexpiry)/$(option maxexpiry)/$(option defaultexpiry)" = 60/240/120 ] ||
  fail "the expiry is $(general)"
expect 0 "$tandem" plan
contains "$out" "Nothing to do"

echo "all but the three options is as it was"
others() { tr -d ' \n' | sed 's/"ordered_options".*//' | tr ',{}' '\n' | grep -v 'expiry"' | sort; }
ordered() { tr -d ' \n' | grep -o '"ordered_options".*'; }
[ "$(others <<<"$before")" = "$(general | others)" ] || fail "before: $before, after: $(general)"
[ "$(ordered <<<"$before")" = "$(general | ordered)" ] || fail "before: $before, after: $(general)"

echo "the documented preset is the same as without a second node"
write_xivo ""
expect 0 "$tandem" apply
[ "$(option minexpiry)/$(option maxexpiry)/$(option defaultexpiry)" = 60/3600/120 ] ||
  fail "the expiry is $(general)"

echo "a node that stands by by XiVO's marker: nothing of the copied database is touched"
as_secondary
touch "$root/var/lib/xivo/disabled"
write_xivo '  interconnection: { reportingDbHost: 10.0.0.9, elasticsearch: search.example.org }'
expect 2 "$tandem" plan
contains "$out" "IS_HA_SLAVE"
contains "$out" "xivo-monitoring-update"
cmp "$environment" "$work/custom.env.before" || fail "plan changed custom.env"

echo "the secondary knows its contact centre; the commands wait for an order"
expect 1 "$tandem" apply
contains "$out" "xivo-monitoring-update"
[ ! -e "$work/called" ] || fail "commands were run without an order: $(cat "$work/called")"
head -c "$(stat -c %s "$work/custom.env.before")" "$environment" | cmp - "$work/custom.env.before" ||
  fail "other lines of custom.env changed: $(cat "$environment")"
tail -n 3 "$environment" >"$work/added"
printf 'REPORTING_DB_HOST=10.0.0.9\nELASTICSEARCH=search.example.org\nIS_HA_SLAVE=true\n' |
  cmp - "$work/added" || fail "added: $(cat "$work/added")"
[ "$(stat -c %u:%g "$root/var/log/xivo-db-replication")" = 11:12 ] ||
  fail "the log folder is owned by $(stat -c %u:%g "$root/var/log/xivo-db-replication")"
[ -e "$root/var/lib/xivo/xc_enabled" ] || fail "no marker of the contact centre"

echo "on order they are run, once"
expect 0 "$tandem" apply --now
printf '%s\n' "/usr/bin/apt-get install --yes xivocc-docker-components" \
  "/usr/sbin/xivo-monitoring-update " | cmp - "$work/called" || fail "called: $(cat "$work/called")"
expect 0 "$tandem" apply --now
[ "$(wc -l <"$work/called")" -eq 2 ] || fail "called again: $(cat "$work/called")"
expect 0 "$tandem" plan

echo "while it serves, an edit is written and the containers are left alone"
rm "$root/var/lib/xivo/disabled"
write_xivo '  interconnection: { reportingDbHost: 10.0.0.10, elasticsearch: search.example.org }'
start_operator
edited() { grep -q '^REPORTING_DB_HOST=10.0.0.10$' "$environment"; }
within 10 edited
commands_wait() { "$tandem" get conditions -o json | grep -q CommandsWait; }
within 10 commands_wait
[ "$(wc -l <"$work/called")" -eq 2 ] || fail "called on a node that serves"

echo "an ISDN switch is left as it is where nothing tells which node serves"
unset DBUS_SYSTEM_BUS_ADDRESS    # this root has no bus, and the host's must not be asked
install -m 755 "$(dirname "$0")/stand_ins/bnfos" "$root/usr/bin/bnfos"
printf '[fos1]\nhost = 127.0.0.50\nlogin = admin:s3cret\n' >"$root/etc/bnfos.conf"
write_xivo '  isdnSwitch: { driver: berofos, readCommand: [/usr/bin/bnfos, --get, mode, -f, "{device}"] }'
serving_unknown() { "$tandem" get conditions -o json | grep -q ServingUnknown; }
within 10 serving_unknown
[ ! -e "$root/var/lib/bnfos-sim/called" ] || fail "switched: $(cat "$root/var/lib/bnfos-sim/called")"
if grep -q s3cret "$work/operator.log"; then fail "the login of the switch is in the log"; fi

echo "switched off: the standby's key goes, everything else of the file stays"
write_xivo '  enabled: false
  interconnection: { reportingDbHost: 10.0.0.10, elasticsearch: search.example.org }'
expect 0 "$tandem" apply --structural --reason "a test"
if grep -q IS_HA_SLAVE "$environment"; then fail "custom.env: $(cat "$environment")"; fi
head -c "$(stat -c %s "$work/custom.env.before")" "$environment" | cmp - "$work/custom.env.before" ||
  fail "other lines of custom.env changed: $(cat "$environment")"
[ ! -e "$root/etc/cron.d/xivo-ha-slave" ] || fail "the detector still runs"
echo "all good"
