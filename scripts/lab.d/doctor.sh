# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# `tandem doctor` on the primary, with each prerequisite broken in turn. The operators are stopped meanwhile:
# the doctor asks everything by itself, and nothing is mended behind its back. Needs drills.sh and what the
# breaks are made of.

checkups=() # of the table: prerequisite, how it was broken, what was found, the remedy named

# Runs the doctor on pbx-a, with these words in front of the command.
doctor_json() { timeout "$ask_limit" "$@" "$program" --operator "$dir/pbx-a/operator.yaml" doctor -o json; }

# diagnosis TYPE WORD...: result, reason and message of one check.
diagnosis() {
  local type=$1
  shift
  { doctor_json "$@" || true; } | jq -r ".checks[] | select(.type == \"$type\") | [.result, .reason, .message] | @tsv"
}

# ill TYPE WHAT REMEDY BREAK HEAL [WORD...]: broken, the check is not met and its message has the remedy.
ill() {
  local type=$1 what=$2 remedy=$3 break_it=$4 heal=$5 result reason message
  shift 5
  "$break_it"
  IFS=$'\t' read -r result reason message <<<"$(diagnosis "$type" "$@")"
  "$heal"
  if [ "$result" = 'not met' ] && [[ $message == *"$remedy"* ]]; then
    printf '    %s%-22s%s %s\n' "$green" "$type" "$plain" "$what"
    checkups+=("$type"$'\t'"$what"$'\t'"$reason"$'\t'"$remedy")
  else
    bad "$type: $what: ${result:-no answer} ${reason:-}, without the words: $remedy"
    printf '%s\n' "${message:-}" | fold -s -w 100 | quote
    checkups+=("$type"$'\t'"$what"$'\t'"NOT FOUND"$'\t'"$remedy")
    fail pbx-a "tandem doctor: $type, $what"
  fi
}

nothing() { :; }

stop_peer_ssh() { end_process pbx-b-sshd; }
start_peer_ssh() { run_sshd pbx-b; }
stop_peer_postgresql() { systemctl_of pbx-b stop postgresql.service; }
start_peer_postgresql() { systemctl_of pbx-b start postgresql.service; }

# keep FILE: a copy to put back with restore.
keep() { cp -p "$1" "$dir/kept"; }
restore() { cp -p "$dir/kept" "$1"; }

clone_machine() {
  keep "$dir/pbx-b/root/etc/machine-id"
  cp "$dir/pbx-a/root/etc/machine-id" "$dir/pbx-b/root/etc/machine-id"
}
own_machine() { restore "$dir/pbx-b/root/etc/machine-id"; }
age_peer() { echo 26.07 >"$dir/pbx-b/root/usr/share/wazo/WAZO-VERSION"; }
renew_peer() { echo 26.08 >"$dir/pbx-b/root/usr/share/wazo/WAZO-VERSION"; }

# What the other node tells, changed on its way: for what a lab has only one of.
readonly peer_keys=pbx-b/root/root/.ssh/authorized_keys
falsify() { # STATEMENT OF PYTHON, with the facts in f
  keep "$dir/$peer_keys"
  cat >"$dir/pbx-b/gate" <<END
#!/bin/sh
$PWD/$program --operator $dir/pbx-b/operator.yaml sync-gate |
  python3 -c 'import json, sys; f = json.load(sys.stdin); $1; print(json.dumps(f))'
END
  chmod 0755 "$dir/pbx-b/gate"
  sed -i "s|command=\"[^\"]*\"|command=\"$dir/pbx-b/gate\"|" "$dir/$peer_keys"
}
be_true() { restore "$dir/$peer_keys"; }
old_major() { falsify 'f["postgres"]["major"] = 13'; }
late_clock() { falsify 'f["clock"] -= 60 * 10**9'; }

other_locale() {
  sql pbx-b 'ALTER DATABASE asterisk RENAME TO asterisk_kept' postgres
  sql pbx-b "CREATE DATABASE asterisk OWNER asterisk LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0" postgres
}
same_locale() {
  sql pbx-b 'DROP DATABASE asterisk WITH (FORCE)' postgres
  sql pbx-b 'ALTER DATABASE asterisk_kept RENAME TO asterisk' postgres
}
install_plugin() { mkdir -p "$dir/pbx-b/root/var/lib/wazo-provd/plugins/wazo-snom-10.1"; }
remove_plugin() { rmdir "$dir/pbx-b/root/var/lib/wazo-provd/plugins/wazo-snom-10.1"; }
forget_wizard() { wazo "$1" PUT /wizard '{"configured": false}' >/dev/null; }
pass_wizard() { wazo "$1" PUT /wizard '{"configured": true}' >/dev/null; }
forget_own_wizard() { forget_wizard pbx-a; }
pass_own_wizard() { pass_wizard pbx-a; }
forget_peer_wizard() { forget_wizard pbx-b; }
pass_peer_wizard() { pass_wizard pbx-b; }

readonly lab_trunk=0a5e0000-0000-4000-8000-000000000001
add_long_trunk() { wazo pbx-a POST /trunks "{\"name\": \"carrier\", \"uuid\": \"$lab_trunk\", \"expiration\": \"3600\"}" >/dev/null; }
shorten_trunk() {
  as_administrator pbx-a PUT "endpoints/sip/$lab_trunk" '{"registration_section_options": [
    ["client_uri", "sip:user@carrier.example.test"], ["server_uri", "sip:carrier.example.test"],
    ["expiration", "60"]]}' >/dev/null
}
readonly lab_tenant=0a5e0000-0000-4000-8000-000000000002
add_bare_tenant() { wazo pbx-a POST /tenants "{\"name\": \"bare\", \"uuid\": \"$lab_tenant\", \"templates\": false}" >/dev/null; }
furnish_tenant() {
  wazo pbx-a POST /templates "{\"tenant_uuid\": \"$lab_tenant\", \"label\": \"global\", \"aor\":
    {\"minimum_expiration\": \"180\", \"maximum_expiration\": \"300\", \"default_expiration\": \"240\"}}" >/dev/null
}
lose_right() { wazo pbx-a PUT /acl '["#", "!confd.registrars.read"]' >/dev/null; }
give_rights() { wazo pbx-a PUT /acl '["#"]' >/dev/null; }

# As long as replication is the vendor's, it is the vendor's key that counts.
readonly vendor_key=pbx-a/root/root/.ssh/xivo_id_rsa
lose_key() { mv "$dir/$vendor_key" "$dir/kept-key"; }
find_key() { mv "$dir/kept-key" "$dir/$vendor_key"; }
drop_peer_role() { sql pbx-b 'ALTER ROLE tandem NOLOGIN' postgres; }
let_peer_role_in() { sql pbx-b 'ALTER ROLE tandem LOGIN' postgres; }
ban_peer() { fail2ban pbx-a set asterisk-wazo delignoreip 127.0.0.12 >/dev/null; }
allow_peer() { fail2ban pbx-a set asterisk-wazo addignoreip 127.0.0.12 >/dev/null; }
block_sip() { echo "-A INPUT -p udp -m udp --dport $sip_port -j DROP" >"$dir/pbx-a/iptables"; }
open_sip() { : >"$dir/pbx-a/iptables"; }
stop_agid() { systemctl_of pbx-a stop wazo-agid.service; }
start_agid() { systemctl_of pbx-a start wazo-agid.service; }

# In a network of its own nobody answers a ping; on a disk of its own there is no room.
# shellcheck disable=SC2016  # a program of sh
readonly alone=(unshare --net sh -c 'ip link set lo up; echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all; exec "$@"' sh)

# Phones of pbx-a, made the way an administrator makes them: by provd's plug-in that reaches them. One has lost its
# plug-in, so nobody can tell it anything.
readonly phones=20
phones_made=false
provd_post() { # TOKEN PATH BODY
  curl -sf -o /dev/null --max-time 5 -H "X-Auth-Token: $1" -H 'Content-Type: application/vnd.proformatique.provd+json' \
    -d "$3" "http://127.0.0.1:$(service pbx-a provd)/0.2/$2"
}
add_phones() {
  local token number
  phones_made=true
  token=$(curl -sf --max-time 5 -u administrator:lab -H 'Content-Type: application/json' -d '{"expiration": 60}' \
    "http://127.0.0.1:$(service pbx-a auth)/0.1/token" | jq -r .data.token)
  provd_post "$token" pg_mgr/install/install '{"id": "test-plugin"}'
  for ((number = 1; number <= phones; number++)); do
    provd_post "$token" dev_mgr/devices "{\"device\": {\"id\": \"phone$number\", \"plugin\": \"test-plugin\",
      \"config\": \"autoprov\", \"mac\": \"00:08:5d:00:00:$(printf %02x "$number")\", \"ip\": \"192.0.2.$number\"}}"
  done
  provd_post "$token" dev_mgr/devices '{"device": {"id": "lost", "plugin": "never-installed", "config": "autoprov",
    "mac": "00:08:5d:00:00:ff", "ip": "192.0.2.99"}}'
}
# As on a terminal, but a line each tenth; the one that is out of reach makes the command end with 1.
tell_phones() {
  local status=0 answer
  "$phones_made" || add_phones
  answer=$(tandem_on pbx-a resync-devices 2>&1) || status=$?
  quote <<<"$answer"
  if [ "$status" -eq 1 ] && [[ $answer == *"$phones of $((phones + 1)) phones told"* ]] && [[ $answer == *lost* ]]; then
    say 'the one that is not reached is accepted: it learns it when it restarts'
    tandem_on pbx-a resync-devices --accept-failures 2>&1 | quote
  else
    bad "tandem resync-devices exits with $status"
    fail pbx-a 'tandem resync-devices'
  fi
}

# What asks for a peer link, which this pair has none of, and for a faster expiry than it has at that time.
readonly beside_this_story='["PeerLinkUp", "SpecInSync", "RoleConflict", "DowntimeObjectiveMet"]'
ill_of_doctor() {
  { tandem_on pbx-a doctor -o json || true; } |
    jq -r --argjson beside "$beside_this_story" '[.checks[] | select(.result != "ok").type] - $beside | join(", ")'
}

# healthy_pair [SUMMARY]: all of it, or its last line alone.
healthy_pair() {
  local answer ill
  answer=$(tandem_on pbx-a doctor 2>&1) || true
  ill=$(ill_of_doctor)
  if [ "${1-}" = summary ] && [ -z "$ill" ]; then answer=$(tail -n 1 <<<"$answer"); fi
  quote <<<"$answer"
  if [ -z "$ill" ] && [[ $answer == *' checks: '* ]]; then
    say 'nothing is ill but what wants a peer link, or a faster expiry, which this story leaves out'
    return
  fi
  bad "tandem doctor finds: ${ill:-no checks}"
  fail pbx-a 'tandem doctor on a healthy pair'
}

each_illness() {
  ill WizardPassed "the set-up wizard was not run here" 'wizard' forget_own_wizard pass_own_wizard
  ill PermissionsComplete 'a right is taken from the Wazo user' 'confd.registrars.read' lose_right give_rights
  local full=(unshare --mount --propagation private
    sh -c "mount -t tmpfs -o size=1m tmpfs $dir/pbx-a/root/tmp && exec \"\$@\"" sh)
  ill DiskFree 'a disk with 1 MiB' 'du -xh' nothing nothing "${full[@]}"
  ill ServicesComplete 'wazo-agid is stopped' 'systemctl status wazo-agid' stop_agid start_agid
  ill StoppedByHand 'wazo-agid is stopped' 'wazo-service start' stop_agid start_agid
  ill SipPortBlocked "a rule of the vendor's stop is left" 'iptables -D INPUT' block_sip open_sip
  ill PeerPingAllowed 'a network in which nobody answers' 'icmp' nothing nothing "${alone[@]}"
  ill ProbesAllowed 'fail2ban may ban the other node' 'addignoreip 127.0.0.12' ban_peer allow_peer
  ill PeerSshReachable 'its sshd is stopped' 'systemctl start ssh' stop_peer_ssh start_peer_ssh
  ill SyncKeyUsable "the vendor's key is gone" 'wazo-sync' lose_key find_key
  ill PeerPostgresReachable 'its PostgreSQL is stopped' 'systemctl start postgresql' stop_peer_postgresql start_peer_postgresql
  ill PostgresAccessReady 'the database role may not log in there' 'tandem' drop_peer_role let_peer_role_in
  ill PeerWizardPassed 'the set-up wizard was not run there' 'https://127.0.0.12' forget_peer_wizard pass_peer_wizard
  ill NodesCloned "it has this node's machine id" 'systemd-machine-id-setup' clone_machine own_machine
  ill VersionsEqual 'it has Wazo 26.07' 'wazo-upgrade' age_peer renew_peer
  ill PostgresMajorsEqual 'it tells of PostgreSQL 13' 'pg_upgradecluster 13 main' old_major be_true
  ill LocalesEqual 'its database has the locale C' 'locale-gen' other_locale same_locale
  ill ClocksAgree 'its clock is a minute late' 'timedatectl set-ntp true' late_clock be_true
  ill NoPluginOnSecondary 'its provd has a plug-in' 'plugins.uninstall' install_plugin remove_plugin
  ill TrunkExpiryShort 'a trunk that registers for an hour' 'below 300' add_long_trunk shorten_trunk
  ill TenantsSeen 'a tenant without SIP template' 'wazo-confd-sync-db' add_bare_tenant furnish_tenant
}

print_checkups() {
  local row type what found remedy
  printf '\n    %s%-22s %-40s %-22s %s%s\n' "$bold" PREREQUISITE 'BROKEN BY' FOUND 'REMEDY NAMED' "$plain"
  for row in ${checkups[@]+"${checkups[@]}"}; do
    IFS=$'\t' read -r type what found remedy <<<"$row"
    printf '    %-22s %-40s %-22s %s\n' "$type" "$what" "$found" "$remedy"
  done
}

doctor_story() {
  step "The phones are told of the new registrars: tandem resync-devices, $phones phones and one out of reach"
  tell_phones
  step 'tandem doctor on pbx-a: everything that the pair needs'
  healthy_pair
  step 'Each prerequisite is broken in turn, and found'
  both end_process
  each_illness
  print_checkups
  both run_operator_again
  step 'And healed: tandem doctor again'
  healthy_pair summary
}
run_operator_again() {
  run_operator "$1"
  expect 'the operator is ready' "$1" is_ready "$1"
}
