# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# What the lab breaks, and how it sees that it is whole again. $1 is always the node.

readonly registrars=root/var/lib/wazo-provd/jsondb/configs

ha_conf() { echo "$dir/$1/root/etc/xivo/ha.conf"; }
sentinel() { echo "$dir/$1/root/var/lib/wazo/$2"; }
cron_file() { echo "$dir/$1/root/etc/cron.d/xivo-ha-$2"; }

# The vendor's own bytes, without a newline.
ha_conf_is_right() {
  case $1 in
    pbx-a) holds "$dir/$1/root/etc/xivo/ha.conf" '{"node_type": "master", "remote_address": "127.0.0.12"}' ;;
    pbx-b) holds "$dir/$1/root/etc/xivo/ha.conf" '{"node_type": "slave", "remote_address": "127.0.0.11"}' ;;
  esac
}
sentinels_are_right() {
  local home=$dir/$1/root/var/lib/wazo
  case $1 in
    pbx-a) [ -e "$home/is-primary" ] && [ ! -e "$home/is-secondary" ] ;;
    pbx-b) [ -e "$home/is-secondary" ] && [ ! -e "$home/is-primary" ] ;;
  esac
}
cron_files_are_right() {
  local home=$dir/$1/root/etc/cron.d
  case $1 in
    pbx-a) [ -s "$home/xivo-ha-master" ] && [ ! -e "$home/xivo-ha-slave" ] ;;
    pbx-b) [ -s "$home/xivo-ha-slave" ] && [ ! -e "$home/xivo-ha-master" ] ;;
  esac
}

edit_ha_conf() { printf '{"node_type": "slave", "remote_address": "10.9.8.7"}\n' >"$(ha_conf "$1")"; }
truncate_ha_conf() { : >"$(ha_conf "$1")"; }
remove_ha_conf() { rm "$(ha_conf "$1")"; }
remove_secondary_sentinel() { rm "$(sentinel "$1" is-secondary)"; }
add_primary_sentinel() { : >"$(sentinel "$1" is-primary)"; }
remove_slave_cron() { rm "$(cron_file "$1" slave)"; }
bring_slave_cron_back() {
  echo '* * * * * root /usr/sbin/xivo-check-master-status 127.0.0.11 >/dev/null' >"$(cron_file "$1" slave)"
}

# Of every tenant, the template `global`: minimum, maximum and default, each once.
expiry_is() { # NODE MINIMUM MAXIMUM DEFAULT
  wazo "$1" GET /state | jq -e --arg minimum "$2" --arg maximum "$3" --arg initial "$4" '
    [.confd.templates[] | select(.label == "global") | .aor_section_options |
      [(.[] | select(.[0] == "minimum_expiration")), (.[] | select(.[0] == "maximum_expiration")),
       (.[] | select(.[0] == "default_expiration"))] | map(.[1])] |
    length > 0 and all(. == [$minimum, $maximum, $initial])' >/dev/null
}
expiry_is_documented() { expiry_is "$1" 180 300 240; }
expiry_is_fast() { expiry_is "$1" 60 240 120; }
expiry_is_of_a_single_node() { expiry_is "$1" 60 3600 120; }

set_expiry() { # NODE SECONDS
  local uuid
  uuid=$(wazo "$1" GET /state | jq -r 'first(.confd.templates[] | select(.label == "global")).uuid')
  wazo "$1" PATCH "/templates/$uuid" "{\"maximum_expiration\": \"$2\"}" >/dev/null
}
raise_expiry() { set_expiry "$1" 3600; }
add_tenant() { wazo "$1" POST /tenants '{"name": "branch"}' >/dev/null; }

# provd's own document: a registrar that has its backup names the other node.
has_backup() { # NODE REGISTRAR
  local text=''
  { IFS= read -r -d '' text <"$dir/$1/$registrars/$2" || true; } 2>/dev/null
  [[ $text == *'"registrar_backup":"127.0.0.12"'* || $text == *'"registrar_backup": "127.0.0.12"'* ]]
}
add_registrar() { wazo "$1" POST /registrars "{\"id\": \"$2\"}" >/dev/null; }
add_first_registrar() { add_registrar "$1" branch; }
first_registrar_has_backup() { has_backup "$1" branch; }
lose_token_and_add_registrar() {
  wazo "$1" DELETE /journal >/dev/null
  wazo "$1" POST /tokens/forget >/dev/null
  add_registrar "$1" warehouse
}
tokens_refused() { wazo "$1" GET /journal | jq '[.[] | select(.status == 401)] | length'; }
tokens_given() { wazo "$1" GET '/journal?service=auth&method=POST' | jq '[.[] | select(.path | endswith("/token"))] | length'; }
second_registrar_has_backup() { has_backup "$1" warehouse; }

# Faults of the services, each with something to repair behind it.
fail_confd_for_a_while() {
  raise_expiry "$1"
  wazo "$1" POST /faults '{"service": "confd", "kind": "burst_503", "for_ms": 2500}' >/dev/null
}
answer_500_once() {
  raise_expiry "$1"
  wazo "$1" DELETE /journal >/dev/null
  wazo "$1" POST /faults '{"service": "confd", "kind": "committed_500", "method": "PUT", "count": 1}' >/dev/null
}
# The statuses of the writes of templates since the journal was cleared.
writes() { wazo "$1" GET '/journal?service=confd&method=PUT' | jq -r '[.[].status] | join(", then ")'; }
last_write_is_clean() {
  wazo "$1" GET '/journal?service=confd&method=PUT' |
    jq -e 'length > 0 and (.[-1].status | . >= 200 and . < 300)' >/dev/null && expiry_is_documented "$1"
}
has_a_write() { wazo "$1" GET '/journal?service=confd&method=PUT' | jq -e 'length > 0' >/dev/null; }
answer_slowly_once() {
  wazo "$1" DELETE /journal >/dev/null
  wazo "$1" POST /faults \
    '{"service": "confd", "kind": "slow", "method": "PUT", "count": 1, "delay_ms": 5000}' >/dev/null
}
