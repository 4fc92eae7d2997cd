# The real PostgreSQL and the real sshd of a node, on ports and in folders of their own. Sourced by
# prometheus_test.sh, whose start_on_a_free_port() they need; both end with it, even where it is killed.
# shellcheck shell=bash disable=SC2154

pg_programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

# PostgreSQL does not run as root.
as_postgres=()
[ "$(id -u)" -ne 0 ] || as_postgres=(--reuid=postgres --regid=postgres --init-groups)
owned() { # FOLDER...
  mkdir -p "$@"
  [ "$(id -u)" -ne 0 ] || chown postgres:postgres "$@"
}

# Whoever runs the test is let in as postgres by the map: on a node that is `runuser -u postgres`.
write_database_files() { # FOLDER DATA SOCKETS ADDRESS
  cat >"$1/postgresql.conf" <<END
data_directory = '$2'
hba_file = '$1/pg_hba.conf'
ident_file = '$1/pg_ident.conf'
listen_addresses = 'localhost,$4'
unix_socket_directories = '$3'
wal_level = logical
min_wal_size = 32MB
shared_buffers = 16MB
max_connections = 50
fsync = off
END
  printf '%s\n' 'local all postgres peer map=test' 'host all all 127.0.0.1/32 scram-sha-256' >"$1/pg_hba.conf"
  echo "test $(id -un) postgres" >"$1/pg_ident.conf"
}

sql() { # [OPTION]...: to the server of the node at $root, in $pg_port
  psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$root/run/postgresql" -p "$pg_port" -U postgres "$@"
}

# start_database ADDRESS: a schema like Wazo's, as the vendor's wizard leaves it. Leaves `pg_port`.
start_database() {
  local files=$root/etc/postgresql/15/main data=$root/var/lib/postgresql/15/main
  chmod 0711 "$work"
  owned "$files" "$root/run/postgresql"
  mkdir -p "${data%/*}"
  owned "$data"
  write_database_files "$files" "$data" "$root/run/postgresql" "$1"
  [ "$(id -u)" -ne 0 ] || chown postgres:postgres "$files"/*
  (cd / && setpriv ${as_postgres[@]+"${as_postgres[@]}"} "$pg_programs/initdb" -D "$data" -U postgres -E UTF8 \
    --locale=C.UTF-8 --auth=peer --no-sync) >"$work/postgres.log"
  cd / # where every user may be
  start_on_a_free_port postgres "$1" '' setpriv ${as_postgres[@]+"${as_postgres[@]}"} --pdeathsig QUIT \
    "$pg_programs/postgres" -D "$data" -c "config_file=$files/postgresql.conf" -p @PORT@
  cd - >/dev/null
  databases+=("${pids[-1]}")
  pg_port=$port
  within 30 sql -d postgres -c 'select' >/dev/null
  sql -d postgres -c "create role asterisk login password 'proformatique'"
  sql -d postgres -c 'create database asterisk owner asterisk'
  sql -d asterisk -f "$here/../replication/wazo_like.sql"
  sql -d asterisk -c "insert into infos values ('$(cat /proc/sys/kernel/random/uuid)', '26.08', true)" \
    -c "insert into alembic_version values ('1e0f')"
  # What the operator runs of the node's programs.
  mkdir -p "$root/usr/sbin"
  printf '#!/bin/sh\nshift 3\nPGHOST=%s PGUSER=postgres exec "$@"\n' "$root/run/postgresql" >"$root/usr/sbin/runuser"
  chmod 0755 "$root/usr/sbin/runuser"
}

users_of_the_primary() {
  sql -d asterisk -c "insert into tenant values ('t1', 'main')" \
    -c "insert into userfeatures (uuid, firstname, tenant_uuid) select 'u' || i, 'User ' || i, 't1' from generate_series(1, 50) i"
}

# start_sshd ADDRESS: only the keys of this node's own root may log in. Leaves `ssh_port` and `host_key`. It wants
# the folder /run/sshd, and gets one that nobody else sees.
start_sshd() {
  mkdir -p "$root/etc/ssh"
  ssh-keygen -q -t ed25519 -N '' -f "$root/etc/ssh/host_key"
  host_key=$(ssh-keygen -lf "$root/etc/ssh/host_key.pub" | cut -d' ' -f2)
  printf '%s\n' "HostKey $root/etc/ssh/host_key" "AuthorizedKeysFile $root/root/.ssh/authorized_keys" 'PidFile none' \
    'StrictModes no' 'UsePAM no' 'PasswordAuthentication no' 'KbdInteractiveAuthentication no' \
    'PermitRootLogin prohibit-password' "SetEnv HOME=$root/root" 'Subsystem sftp internal-sftp' >"$root/etc/ssh/sshd_config"
  # shellcheck disable=SC2016    # for the inner shell
  start_on_a_free_port sshd "$1" '' unshare --mount --propagation private sh -c \
    'mount -t tmpfs -o mode=0755 tmpfs /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f "$1" -o "$2"' \
    sshd "$root/etc/ssh/sshd_config" "ListenAddress=$1:@PORT@"
  ssh_port=$port
}
