# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # some variables belong to the script that sources this, or to its other pieces
# The demonstration pair: how the test runs it, asks it and looks at its files. NODE is a or b.

readonly project=tandem-demo prometheus=http://192.0.2.20:9090
declare -A address=([a]=192.0.2.10 [b]=192.0.2.11)

# The user's own command, on a copy of the folder: the test edits it.
compose() { timeout --kill-after=10 120 docker compose -f "$work/manifests/compose.yaml" "$@"; }
container() { echo "$project-$1-1"; } # SERVICE
of_container() { docker inspect -f "$2" "$(container "$1")"; } # SERVICE FORMAT
pid_of() { of_container "$1" '{{.State.Pid}}'; }
# Neither node has a systemd, so no status is healthy: of telephony nothing is known.
tells_converged() {
  "$@" get conditions -o json 2>/dev/null | tr -d ' \n' | grep -q '"type":"Converged","status":"True"'
}
is_healthy() { [ "$(of_container "$1" '{{.State.Health.Status}}')" = healthy ]; }

# Where the engine keeps a volume: a file of a node, as its owner would see it.
volume() { echo "$work/data/volumes/${project}_$1/_data"; }
ha_conf() { echo "$(volume "$1-etc-xivo")/ha.conf"; }

tandem() { # NODE ARGUMENT...
  local node=$1
  shift
  compose exec -T "tandem-$node" tandem "$@"
}
# exits WANTED COMMAND...: its exit status; its words stay in $work/answer.
exits() {
  local status=0
  "${@:2}" >"$work/answer" 2>&1 || status=$?
  [ "$status" -eq "$1" ] && return
  echo "it ended with $status, not with $1: ${*:2}" >&2
  cat "$work/answer" >&2
  return 1
}
answer_has() {
  # Words are wrapped at the width of a terminal.
  tr -s '\n ' ' ' <"$work/answer" | grep -qF -- "$1" && return
  cat "$work/answer" >&2
  return 1
}

get() { in_engine_network curl -sf --max-time 5 "$@"; }
# Whether what the operator tells of its node satisfies the filter of jq.
pair_is() { get "http://${address[$1]}:9877/api/v1/pair" | jq -e "$2" >/dev/null 2>&1; }
condition_is() { # NODE TYPE STATUS
  pair_is "$1" ".status.conditions[] | select(.type == \"$2\").status == \"$3\""
}
is_converged() { condition_is "$1" Converged True; }

# The stand-in's own view, over its loopback: the control endpoint.
wazo() { # NODE METHOD PATH
  nsenter --net="/proc/$(pid_of "wazo-$1")/ns/net" curl -sf --max-time 5 -X "$2" "http://127.0.0.1:9480$3"
}
# Of every tenant, the template `global`: minimum, maximum and default, each once.
expiry_is() { # NODE MINIMUM MAXIMUM DEFAULT
  wazo "$1" GET /state | jq -e --arg minimum "$2" --arg maximum "$3" --arg initial "$4" '
    [.confd.templates[] | select(.label == "global") | .aor_section_options |
      [(.[] | select(.[0] == "minimum_expiration")), (.[] | select(.[0] == "maximum_expiration")),
       (.[] | select(.[0] == "default_expiration"))] | map(.[1])] |
    length > 0 and all(. == [$minimum, $maximum, $initial])' >/dev/null
}
# The node that stands by knows of the edit, and leaves it to the copy of the primary's database.
expiry_is_deferred_to() { # NODE MAXIMUM
  pair_is "$1" ".status.resources[] | select(.name == \"sip-expiry\") | .result == \"Deferred\" and
    any(.drift[]; (.field | endswith(\"maximum_expiration\")) and .to == \"$2\")"
}

# Exactly the vendor's bytes: ha.conf has no newline at its end.
files_are_right() { # NODE
  local cron wazo
  cron=$(volume "$1-etc-cron") wazo=$(volume "$1-var-wazo")
  case $1 in
    a)
      cmp -s "$(ha_conf a)" <(printf '{"node_type": "master", "remote_address": "192.0.2.11"}') &&
        cmp -s "$cron/xivo-ha-master" <(printf '0 * * * * root %s >/dev/null\n' \
          '/usr/sbin/xivo-master-slave-db-replication 192.0.2.11' /usr/bin/wazo-sync) &&
        [ ! -e "$cron/xivo-ha-slave" ] && [ -e "$wazo/is-primary" ] && [ ! -e "$wazo/is-secondary" ]
      ;;
    b)
      cmp -s "$(ha_conf b)" <(printf '{"node_type": "slave", "remote_address": "192.0.2.10"}') &&
        cmp -s "$cron/xivo-ha-slave" <(printf '* * * * * root %s >/dev/null\n' \
          '/usr/sbin/xivo-check-master-status 192.0.2.10') &&
        [ ! -e "$cron/xivo-ha-master" ] && [ -e "$wazo/is-secondary" ] && [ ! -e "$wazo/is-primary" ]
      ;;
  esac
}
nothing_is_written() { # NODE
  [ -z "$(find "$(volume "$1-etc-xivo")" "$(volume "$1-etc-cron")" "$(volume "$1-var-wazo")" -type f ! -name disabled)" ]
}
has_backup() { grep -qE '"registrar_backup": ?"192\.0\.2\.11"' "$(volume a-provd)"/jsondb/configs/*; }

# All that a node is, to the nanosecond, and how often its services were written to.
fingerprint() { # NODE
  find "$(volume "$1-etc-xivo")" "$(volume "$1-etc-cron")" "$(volume "$1-var-wazo")" "$(volume "$1-provd")" \
    -printf '%p %s %T@ %i %m %U\n' | sort
  wazo "$1" GET /journal | jq '[.[] | select(.service != "auth" and .changed)] | length'
}

# As an editor saves: the new text takes the place of the old by rename.
edit_pair() { # SED-EXPRESSION
  local file=$work/manifests/compose/etc-tandem/pair.yaml
  sed "$1" "$file" >"$file.new"
  mv "$file.new" "$file"
}
