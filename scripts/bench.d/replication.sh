# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # some variables belong to the script that sources this, or to its other pieces
# Database replication against the vendor's method, in one run, between two clusters of its own.

readonly pg_bin=/usr/lib/postgresql/15/bin
readonly copy_program=build/$preset/tests/replication/replication_copy
export BENCH_PASSWORD=0123456789abcdef0123456789abcdef

as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

make_cluster() { # NAME PORT
  local at=$dir/$1
  mkdir -p "$at"
  echo "$BENCH_PASSWORD" >"$at/password"
  [ "$(id -u)" != 0 ] || chown -R postgres "$at"
  as_postgres "$pg_bin/initdb" --no-sync --no-instructions --locale=C.UTF-8 -E UTF8 -A scram-sha-256 \
    --pwfile="$at/password" -U postgres -D "$at/data" >/dev/null
  cat >>"$at/data/postgresql.conf" <<END
port = $2
listen_addresses = '127.0.0.1'
unix_socket_directories = '$at'
END
  as_postgres "$pg_bin/pg_ctl" -D "$at/data" -l "$at/log" -w start >/dev/null || die "no cluster: $at/log"
  port_of[$1]=$2
}

stop_clusters() {
  ended_with=$?
  local name
  for name in "${!port_of[@]}"; do
    as_postgres "$pg_bin/pg_ctl" -D "$dir/$name/data" -m immediate stop >/dev/null 2>&1 || true
  done
}

psql_on() { # NAME ARGS...: over TCP, as the superuser
  local name=$1
  shift
  PGPASSWORD=$BENCH_PASSWORD psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "${port_of[$name]}" -U postgres -d asterisk "$@"
}

# A dump may leave out who owns what: on a node everything of the vendor's is asterisk's.
readonly give_to_asterisk="do \$\$ declare t regclass; begin
  for t in select oid from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm') loop
    execute format('alter table %s owner to asterisk', t);
  end loop;
end \$\$"

fill_cluster() { # NAME USERS
  PGPASSWORD=$BENCH_PASSWORD psql -X -q -h 127.0.0.1 -p "${port_of[$1]}" -U postgres -d postgres \
    -c 'drop database if exists asterisk' >/dev/null
  PGPASSWORD=$BENCH_PASSWORD psql -X -q -h 127.0.0.1 -p "${port_of[$1]}" -U postgres -d postgres >/dev/null <<END
select 'create role asterisk login' where not exists (select from pg_roles where rolname = 'asterisk') \gexec
select 'create role tandem login password ''$BENCH_PASSWORD''' where not exists (select from pg_roles where rolname = 'tandem') \gexec
grant asterisk, pg_signal_backend to tandem;
grant set on parameter session_replication_role to tandem;
create database asterisk owner asterisk;
END
  # pg_dump's \restrict is unknown to older clients.
  grep -v '^\\\(un\)\?restrict' "$schema" | psql_on "$1" >"$dir/schema.log" 2>&1 || die "schema: $dir/schema.log"
  psql_on "$1" -c "set client_min_messages = warning" -c "$give_to_asterisk" >/dev/null
  psql_on "$1" -v users="$2" -f scripts/bench.d/replication_fill.sql >/dev/null 2>>"$dir/fill.log"
  psql_on "$1" -c "insert into public.cel (eventtype, eventtime, userdeftype, cid_name, cid_num, cid_ani, cid_rdnis, cid_dnid, exten, context, channame, appname, appdata, amaflags, accountcode, peeraccount, uniqueid, linkedid, userfield, peer) select 'CHAN_START', now(), '', '', '', '', '', '', '', '', '', '', '', 3, '', '', i, i, '', '' from generate_series(1, 100000) i" >/dev/null 2>&1 || true
  psql_on "$1" -c 'vacuum analyze' -c checkpoint
}

# CPU of a server with all its sessions, those that have ended too, in milliseconds.
server_cpu() { # NAME
  local pid
  pid=$(head -n 1 "$dir/$1/data/postmaster.pid")
  # A session may end while it is looked at.
  # shellcheck disable=SC2046  # words
  { cat "/proc/$pid/stat" $(sed 's/[0-9]\+/\/proc\/&\/stat/g' "/proc/$pid/task/$pid/children") 2>/dev/null || true; } |
    awk -v own="$pid" '{ s += $14 + $15; if ($1 == own) s += $16 + $17 } END { print s * 10 }'
}

# The vendor's method, stated anew: a dump of the data to a file, all tables emptied, the file loaded, in one
# transaction. Prints wall ms, client CPU ms, bytes, peak KiB, words.
vendor_copy() {
  local out=$dir/vendor.sql begun ended tables cpu
  begun=${EPOCHREALTIME/[.,]/}
  cpu=$(
    TIMEFORMAT='%U %S'
    {
      time {
        # shellcheck disable=SC2046,SC2086  # words
        PGPASSWORD=$BENCH_PASSWORD pg_dump -h 127.0.0.1 -p "${port_of[primary]}" -U postgres -d asterisk --data-only \
          --schema=public $(printf -- '--exclude-table=public.%s ' $vendor_left_out) >"$dir/vendor.data"
        tables=$(sed -n 's/^COPY \([^ ]*\) (.*) FROM stdin;$/\1/p' "$dir/vendor.data" | paste -sd ,)
        {
          echo 'begin; set session_replication_role = replica;'
          echo "truncate $tables;"
          cat "$dir/vendor.data"
          echo 'commit;'
        } >"$out"
        psql_on secondary -f "$out" >/dev/null
      } 2>/dev/null
    } 2>&1 | awk '{ print int(($1 + $2) * 1000) }'
  )
  ended=${EPOCHREALTIME/[.,]/}
  printf '%s %s %s %s good the whole\n' "$(((ended - begun) / 1000))" "$cpu" "$(stat -c %s "$out")" 0
}

dsn_of() { echo "host=127.0.0.1 port=${port_of[$1]} dbname=asterisk user=tandem sslmode=disable"; }

both_cpu() { echo $(($(server_cpu primary) + $(server_cpu secondary))); }

# A line of the copy, with what the servers worked since then added to its CPU.
with_servers() { # CPU-BEFORE LINE
  sleep 0.2
  local wall cpu rest
  read -r wall cpu rest <<<"$2"
  echo "$wall $((cpu + $(both_cpu) - $1)) $rest"
}

# One measurement with a reader beside it, as a line of the samples: COLUMN wall cpu bytes peak stall.
measured() { # COLUMN COMMAND...
  local column=$1 line reader reader_pid
  shift
  # A secondary whose operator has said nothing for three minutes lets nobody in.
  "$copy_program" direction "$(dsn_of secondary)"
  exec {reader}> >("$copy_program" reader "$(dsn_of secondary)" userfeatures >"$dir/stall")
  reader_pid=$!
  sleep 0.2
  line=$("$@")
  exec {reader}>&-
  wait "$reader_pid" || true
  # shellcheck disable=SC2086  # words
  set -- $line
  [ "${5-}" = good ] || die "$column: $line"
  [ -z "${BENCH_VERBOSE-}" ] || say "$column: $line"
  printf '%s %s %s %s %s %s\n' "$column" "$1" "$2" "$3" "$4" "$(<"$dir/stall")" >>"$dir/samples"
}

by_proof() { # MODE
  local before
  before=$(both_cpu)
  with_servers "$before" "$("$copy_program" "$1" "$(dsn_of primary)" "$(dsn_of secondary)" | tail -n 1)"
}

by_vendor() {
  local before
  before=$(both_cpu)
  with_servers "$before" "$(vendor_copy)"
}

# The edit comes after the run that it is compared with.
by_counters() { # EDIT-FUNCTION
  local ready line in out before
  coproc RUN { "$copy_program" counters "$(dsn_of primary)" "$(dsn_of secondary)"; }
  in=${RUN[1]} out=${RUN[0]}
  read -r ready <&"$out"
  [ "$ready" = ready ] || die "$ready"
  "$1"
  before=$(both_cpu)
  echo go >&"$in"
  read -r line <&"$out"
  with_servers "$before" "$line"
}

no_edit() { :; }
user_edit() {
  psql_on primary -c "update public.userfeatures set description = 'edited ' || clock_timestamp() where id = 7" \
    -c "update public.dialaction set actionarg1 = md5(random()::text) where ctid in (select ctid from public.dialaction limit 4)" \
    -c 'select pg_stat_force_next_flush()' >/dev/null
}
some_edit() { # a row in a thousand, of every tenth table's kind and of all users
  psql_on primary -c "update public.userfeatures set description = md5(random()::text) where id % 1000 = 1" \
    -c "update public.endpoint_sip_section_option set value = md5(random()::text) where hashtext(uuid::text) % 1000 = 0" \
    -c "update public.dialaction set actionarg2 = md5(random()::text) where hashtext(categoryval) % 1000 = 0" >/dev/null
}
drift_edit() {
  psql_on secondary -c "set session_replication_role = replica" -c "delete from public.userfeatures where id % 100 = 3" \
    -c "update public.dialaction set actionarg1 = 'drift' where hashtext(categoryval) % 200 = 0" >/dev/null
}
# Every row of every copied table, by its first text column that is not part of a key.
whole_edit() {
  psql_on primary >/dev/null <<'END'
set session_replication_role = replica;
do $$ declare t record; begin
  for t in select distinct on (c.oid) c.relname, a.attname, y.typname from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    join pg_type y on y.oid = a.atttypid and y.typname in ('varchar', 'text', 'int4', 'bool')
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and c.relname !~ '^(cel|queue_log|stat_|alembic|infos|auth_token|auth_session|session|mail|netiface|resolvconf|dhcp)'
      and not exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey))
    order by c.oid, y.typname in ('varchar', 'text') desc, a.attnum
  loop
    begin
      execute format('update public.%I set %I = %s', t.relname, t.attname, case t.typname
        when 'bool' then format('not coalesce(%I, false)', t.attname)
        when 'int4' then format('coalesce(%I, 0) # 1', t.attname)
        else format('case when %1$I like ''w%%'' then ''x'' else ''w'' end || right(%1$I, 8)', t.attname) end);
    exception when others then raise notice '% %', t.relname, sqlerrm; end;
  end loop;
end $$;
analyze;
END
}

settle_clusters() {
  psql_on primary -c 'vacuum analyze' -c checkpoint
  psql_on secondary -c 'vacuum analyze' -c checkpoint
}

section_rows() { # USERS
  local column words
  while IFS='|' read -r column words; do
    grep "^$column " "$dir/samples" | sort -k 2 -n | awk -v words="$words" -v vendor="$(grep '^vendor ' "$dir/samples" | sort -k 2 -n | awk '{ v[NR] = $2; b[NR] = $4 } END { print v[int((NR + 1) / 2)], b[1] }')" '
      { w[NR] = $2; c += $3; b = $4; if ($5 > p) p = $5; if ($6 > s) s = $6 }
      END { if (!NR) exit; split(vendor, v, " "); m = w[int((NR + 1) / 2)]
        printf "| %s | %d | %.0f (%.0f) | %.0f | %.0f KB | %.0f ms | %s | %.2f | %.0f |\n", words, NR, m, w[1], c / NR, b / 1000, s,
          p ? sprintf("%.0f MiB", p / 1024) : "-", v[1] / m, v[2] / b }'
  done <<'END'
vendor|the vendor's method, whatever changed
idle-counters|nothing changed, by counters
idle-proof|nothing changed, by proof
user-counters|one user changed, by counters
user-proof|one user changed, by proof
some-proof|0.1 % changed, by proof
drift-proof|the secondary drifted, by proof
whole-proof|everything changed, by proof
whole-forced|everything changed, `--force`: all that goes is kept
END
}

measure_size() { # USERS
  local i
  step "$1 users"
  fill_cluster primary "$1"
  fill_cluster secondary "$1"
  "$copy_program" direction "$(dsn_of secondary)"
  by_proof proof >"$dir/first"
  grep -q ' good ' "$dir/first" || die "the first copy failed: $(<"$dir/first")"
  psql_on secondary -c 'vacuum analyze' -c checkpoint
  : >"$dir/samples"
  for ((i = 0; i < count; i++)); do
    measured idle-proof by_proof proof
    measured idle-counters by_counters no_edit
    user_edit
    measured user-proof by_proof proof
    measured user-counters by_counters user_edit
    some_edit
    measured some-proof by_proof proof
    drift_edit
    measured drift-proof by_proof proof
    # Both full transfers start alike: everything edited, both servers swept and flushed.
    whole_edit
    settle_clusters
    measured whole-proof by_proof proof
    whole_edit
    settle_clusters
    measured whole-forced by_proof forced
    whole_edit
    settle_clusters
    measured vendor by_vendor
    settle_clusters
  done
}

bench_replication() {
  local load_before load_after text='' users rows
  declare -gA port_of=()
  vendor_left_out='call_log call_log_participant cel dhcp queue_log session stat_agent stat_agent_periodic stat_call_on_queue stat_queue stat_queue_periodic mail monitoring netiface resolvconf'
  [ -x "$copy_program" ] || die "not built: $copy_program"
  trap 'stop_clusters; finish' EXIT
  chmod 755 "$dir"
  read -r load_before _ </proc/loadavg
  make_cluster primary 55431
  make_cluster secondary 55432
  for users in $sizes; do
    measure_size "$users"
    rows=$(psql_on primary -c "select sum(reltuples)::bigint from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
    text+="$users users, $rows rows:

| | n | wall, ms: median (min) | CPU, ms | bytes on the wire | longest wait of a reader | peak memory | times faster | times fewer bytes |
|---|---|---|---|---|---|---|---|---|
$(section_rows "$users")

"
  done
  read -r load_after _ </proc/loadavg
  show_and_write replication "${text}CPU is that of the client and both servers. $(date -u +%F), $(git describe --always --dirty), build \`$preset\`,
schema: $([ "$schema" = tests/replication/wazo_like.sql ] && echo "the project's own" || echo 'as given by --schema').
Machine: $(machine).
Load average (1 min) $load_before at the start, $load_after at the end."
}
