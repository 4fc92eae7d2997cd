# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# What the vendor does itself: `PUT /ha`, as an administrator asks for it in the web interface. Needs
# nodes.sh.

service() { jq ".$2" "$dir/$1/ports.json"; } # NODE NAME: its port

# An administrator of Wazo, who may all.
add_administrator() { # NODE
  wazo "$1" POST /users '{"name": "administrator", "password": "lab", "acl": ["#"]}' >/dev/null
}

# as_administrator NODE METHOD PATH BODY: asks confd; prints the status of the answer.
as_administrator() {
  local token
  token=$(curl -sf --max-time 5 -u administrator:lab -H 'Content-Type: application/json' -d '{"expiration": 60}' \
    "http://127.0.0.1:$(service "$1" auth)/0.1/token" | jq -r .data.token)
  curl -s -o /dev/null -w '%{http_code}' --max-time 60 -X "$2" -H "X-Auth-Token: $token" \
    -H 'Content-Type: application/json' -d "$4" "http://127.0.0.1:$(service "$1" confd)/1.1/$3"
}
put_ha() { # NODE TYPE ADDRESS
  as_administrator "$1" PUT ha "{\"node_type\": \"$2\", \"remote_address\": \"$3\"}"
}

# The fault of the vendor's worst day: PostgreSQL does not come back, and sysconfd stops in the middle.
fail_restart_once() { # NODE
  wazo "$1" POST /faults '{"service": "sysconfd", "kind": "step", "step": "restart", "count": 1}' >/dev/null
}

# What the vendor's call has done on a node, file by file: told as found.
show_traces() { # NODE
  local root=$dir/$1/root file
  printf 'ha.conf: %s\n' "$(cat "$root/etc/xivo/ha.conf" 2>/dev/null || echo absent)"
  printf 'pg_hba.conf: %s\n' \
    "$(grep '^host asterisk postgres' "$root/etc/postgresql/15/main/pg_hba.conf" || echo 'no line of the vendor')"
  printf 'postgresql.conf: %s\n' "$(grep '^listen_addresses' "$root/etc/postgresql/15/main/postgresql.conf" || echo 'listen_addresses as installed')"
  printf 'the server listens on: %s\n' "$(sql "$1" 'SHOW listen_addresses')"
  for file in etc/cron.d/xivo-ha-master etc/cron.d/xivo-ha-slave var/lib/wazo/is-primary var/lib/wazo/is-secondary; do
    [ ! -e "$root/$file" ] || printf '%s: there\n' "/$file"
  done
}
