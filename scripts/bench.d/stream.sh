# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # some variables belong to the script that sources this, or to its other pieces
# The stream of the database: how far it is behind, and what its proof costs beside it. The clusters are
# those of replication.sh.

readonly stream_program=build/$preset/tests/replication/stream_copy

slots_dsn() { echo "host=127.0.0.1 port=${port_of[primary]} dbname=asterisk user=tandem_stream sslmode=disable"; }

give_stream() {
  psql_on primary -d postgres -c "alter system set wal_level = 'logical'" \
    -c "create role tandem_stream login replication password '$BENCH_PASSWORD'"
  as_postgres "$pg_bin/pg_ctl" -D "$dir/primary/data" -l "$dir/primary/log" -m fast -w restart >/dev/null ||
    die "no restart: $dir/primary/log"
}

take_stream() { # before the database is made anew
  psql_on secondary -c "do \$\$ begin if exists (select from pg_subscription) then alter subscription tandem disable;
    alter subscription tandem set (slot_name = none); drop subscription tandem; end if; end \$\$" 2>/dev/null || true
  psql_on primary -c 'select pg_terminate_backend(active_pid) from pg_replication_slots where active' -c 'select pg_sleep(0.3)' \
    -c 'select pg_drop_replication_slot(slot_name) from pg_replication_slots' >/dev/null 2>&1 || true
}

# "median (p99, max)" of a name's values.
spread_of() { # NAME FORMAT
  grep "^$1 " "$dir/samples" | cut -d ' ' -f 2 | sort -n | awk -v f="$2" '{ v[NR] = $1 }
    END { q = int(NR * 0.99); if (q < 1) q = 1; printf f " (" f ", " f ")", v[int((NR + 1) / 2)], v[q], v[NR] }'
}

stream_size() { # USERS
  local dsns
  step "$1 users"
  take_stream
  fill_cluster primary "$1"
  fill_cluster secondary "$1"
  "$copy_program" direction "$(dsn_of secondary)"
  dsns=("$(dsn_of primary)" "$(dsn_of secondary)" "$(slots_dsn)")
  "$stream_program" publish "${dsns[@]}"
  "$stream_program" subscription "$(slots_dsn) password=$BENCH_PASSWORD" | psql_on secondary
  "$stream_program" measure "${dsns[@]}" "$count" >"$dir/samples" || die "the stream: $dir"
}

bench_stream() {
  local load_before load_after text='' users
  declare -gA port_of=()
  for file in "$copy_program" "$stream_program"; do [ -x "$file" ] || die "not built: $file"; done
  trap 'stop_clusters; finish' EXIT
  chmod 755 "$dir"
  load_before=$(cut -d ' ' -f 1 /proc/loadavg)
  step 'Two clusters'
  make_cluster primary "$(free_port 127.0.0.1)"
  make_cluster secondary "$(free_port 127.0.0.1)"
  give_stream
  text='| users | a change is on the secondary after, ms: median (p99, max) of 200 | all users changed at once, ms | to begin, ms | a proof, ms | the stream goes on after it, ms | what is not streamed, ms |
|---|---|---|---|---|---|---|'
  for users in $sizes; do
    stream_size "$users"
    text+="
| $users | $(spread_of lag %.2f) | $(spread_of all %.0f) | $(spread_of seed %.0f | cut -d ' ' -f 1) | $(spread_of proof %.0f) | $(spread_of resumed %.0f) | $(spread_of beside %.0f) |"
  done
  load_after=$(cut -d ' ' -f 1 /proc/loadavg)
  text+="

Rounds: $count. $(date -u +%F), $(git rev-parse --short HEAD), build \`$preset\`.
Machine: $(machine).
Load average (1 min) $load_before at the start, $load_after at the end."
  show_and_write stream "$text"
}
