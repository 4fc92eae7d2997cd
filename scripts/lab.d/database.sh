# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# A real PostgreSQL server for each node, with its files where a node has them, and in it a database like
# Wazo's, as far as the lab needs it. Needs nodes.sh.

declare -gA sql_port=()
readonly pg_files=root/etc/postgresql/15/main
readonly pg_data=root/var/lib/postgresql/15/main
readonly pg_socket=root/run/postgresql

pg_programs() { printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1; }

# owned FOLDER...: made, for the user that PostgreSQL runs as.
owned() {
  mkdir -p -- "$@"
  [ "$(id -u)" -ne 0 ] || chown postgres:postgres -- "$@"
}

postgresql() { scripts/lab.d/postgresql "$dir/$1" "$2"; } # NODE VERB

# A statement to the node's own server, as the superuser.
sql() { # NODE STATEMENT
  psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$dir/$1/$pg_socket" -p "${sql_port[$1]}" -U postgres -d "${3:-asterisk}" -c "$2"
}

# As the packages leave it: comments, defaults, and no line of anybody else.
write_postgresql_conf() { # NODE
  local home=$dir/$1
  cat >"$home/$pg_files/postgresql.conf" <<END
# -----------------------------
# PostgreSQL configuration file
# -----------------------------
data_directory = '$home/$pg_data'		# use data in another directory
hba_file = '$home/$pg_files/pg_hba.conf'	# host-based authentication file
ident_file = '$home/$pg_files/pg_ident.conf'	# ident configuration file
external_pid_file = '$home/$pg_socket/15-main.pid'			# write an extra PID file

#listen_addresses = 'localhost'		# what IP address(es) to listen on;
					# comma-separated list of addresses;
port = 5432				# (change requires restart)
max_connections = 50			# (change requires restart)
unix_socket_directories = '$home/$pg_socket'	# comma-separated list of directories
ssl = on
ssl_cert_file = '$home/$pg_files/server.crt'
ssl_key_file = '$home/$pg_files/server.key'
shared_buffers = 16MB			# min 128kB
cluster_name = '15/main'			# added to process titles if nonempty
END
}

# The map lets whoever runs the lab in as postgres: on a node that is \`runuser -u postgres\`.
write_pg_hba() { # NODE
  cat >"$dir/$1/$pg_files/pg_hba.conf" <<'END'
# PostgreSQL Client Authentication Configuration File
# ===================================================
# TYPE  DATABASE        USER            ADDRESS                 METHOD

# Database administrative login by Unix domain socket
local   all             postgres                                peer map=lab

# "local" is for Unix domain socket connections only
local   all             all                                     peer
# IPv4 local connections:
host    all             all             127.0.0.1/32            scram-sha-256
END
  printf 'lab %s postgres\n' "$(id -un)" postgres | sort -u >"$dir/$1/$pg_files/pg_ident.conf"
}

make_certificate() { # NODE
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7 -subj "/CN=$1" \
    -keyout "$dir/$1/$pg_files/server.key" -out "$dir/$1/$pg_files/server.crt" 2>/dev/null
}

make_cluster() { # NODE
  local home=$dir/$1
  owned "$home/root/var/lib/postgresql" "$home/root/var/lib/postgresql/15" "$home/$pg_data" \
    "$home/root/etc/postgresql" "$home/root/etc/postgresql/15" "$home/$pg_files" \
    "$home/$pg_socket" "$home/root/var/log/postgresql"
  write_postgresql_conf "$1"
  write_pg_hba "$1"
  (umask 077 && make_certificate "$1")
  [ "$(id -u)" -ne 0 ] || chown postgres:postgres -- "$home/$pg_files"/*
  chmod 0640 "$home/$pg_files"/{pg_hba,pg_ident}.conf
  (cd / && as_postgres "$(pg_programs)/initdb" -D "$home/$pg_data" -U postgres -E UTF8 --locale=C.UTF-8 \
    --auth=peer --no-sync >/dev/null)
}
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; else "$@"; fi
}

# A schema of the lab's own: what tells one node's database from another's, and something to look at.
make_database() { # NODE
  sql "$1" "CREATE ROLE asterisk LOGIN PASSWORD 'proformatique'" postgres
  sql "$1" 'CREATE DATABASE asterisk OWNER asterisk' postgres
  sql "$1" "SET ROLE asterisk;
    CREATE TABLE infos (uuid varchar(38) PRIMARY KEY, wazo_version varchar(64) NOT NULL,
      configured boolean NOT NULL DEFAULT false);
    CREATE TABLE userfeatures (id serial PRIMARY KEY, firstname text NOT NULL, lastname text NOT NULL,
      uuid varchar(38) NOT NULL UNIQUE DEFAULT gen_random_uuid(), enablednd integer NOT NULL DEFAULT 0,
      enableunc integer NOT NULL DEFAULT 0, destunc varchar(128) NOT NULL DEFAULT '',
      enablerna integer NOT NULL DEFAULT 0, destrna varchar(128) NOT NULL DEFAULT '',
      enablebusy integer NOT NULL DEFAULT 0, destbusy varchar(128) NOT NULL DEFAULT '');
    CREATE TABLE linefeatures (id serial PRIMARY KEY, name varchar(128) NOT NULL UNIQUE,
      user_id integer REFERENCES userfeatures);
    CREATE TABLE extensions (id serial PRIMARY KEY, exten varchar(40) NOT NULL, context varchar(79) NOT NULL,
      type text NOT NULL, typeval varchar(255) NOT NULL, UNIQUE (exten, context));
    CREATE TABLE queuefeatures (id serial PRIMARY KEY, name varchar(128) NOT NULL UNIQUE, displayname text NOT NULL);
    CREATE TABLE call_log (id serial PRIMARY KEY, date timestamptz NOT NULL, source_exten text, duration interval);
    INSERT INTO infos VALUES (gen_random_uuid(), '26.08', true);
    INSERT INTO userfeatures (firstname, lastname) SELECT 'User', n::text FROM generate_series(1, 20) n;
    INSERT INTO linefeatures (name, user_id) SELECT 'line' || id, id FROM userfeatures"
  [ "$1" = pbx-b ] || fill_database "$1"
}

# The primary's is in use: with more users, extensions and queues, and calls that were made.
fill_database() { # NODE
  sql "$1" "SET ROLE asterisk;
    INSERT INTO userfeatures (firstname, lastname) SELECT 'User', n::text FROM generate_series(21, 500) n;
    INSERT INTO linefeatures (name, user_id) SELECT 'line' || id, id FROM userfeatures WHERE id > 20;
    INSERT INTO extensions (exten, context, type, typeval)
      SELECT 1000 + id, 'default', 'user', id FROM userfeatures;
    INSERT INTO queuefeatures (name, displayname) SELECT 'queue' || n, 'Queue ' || n FROM generate_series(1, 12) n;
    INSERT INTO call_log (date, source_exten, duration)
      SELECT now() - n * interval '1 minute', 1000 + n, n * interval '1 second' FROM generate_series(1, 300) n"
}

start_database() { # NODE
  for _ in 1 2 3; do
    sql_port[$1]=$(free_port 127.0.0.1)
    sed -i "s/^port = [0-9]*/port = ${sql_port[$1]}/" "$dir/$1/$pg_files/postgresql.conf"
    if postgresql "$1" start 2>"$dir/$1/postgresql.err"; then
      make_database "$1"
      return
    fi
  done
  cat "$dir/$1/postgresql.err" >&2
  die "the PostgreSQL server of $1 does not start"
}
