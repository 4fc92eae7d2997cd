# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# Who may reach PostgreSQL: what breaks it on the secondary, and what must stay. $1 is the node.

hba() { echo "$dir/$1/$pg_files/pg_hba.conf"; }
sql_conf() { echo "$dir/$1/$pg_files/postgresql.conf"; }

vendor_line_is_there() { grep -q '^host asterisk postgres 127\.0\.0\.11/32 trust$' "$(hba "$1")"; }
our_line_is_there() { grep -q '^host.* asterisk tandem 127\.0\.0\.11/32 scram-sha-256' "$(hba "$1")"; }
both_may_connect() { vendor_line_is_there "$1" && our_line_is_there "$1"; }

remove_vendor_line() { sed -i '/^host asterisk postgres/d' "$(hba "$1")"; }
remove_our_line() { sed -i '/asterisk tandem/d' "$(hba "$1")"; }
remove_role() {
  sql "$1" 'REVOKE SET ON PARAMETER session_replication_role FROM tandem; DROP ROLE tandem' postgres
}
role_is_there() { [ "$(sql "$1" "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'tandem'" postgres)" = t ]; }

# The vendor's own setting goes, and somebody's comes: in one step, or the operator would repair in between.
readonly own_choice="listen_addresses = 'localhost, 127.0.0.99'	# ours, since 2019"
set_own_listen() {
  sed -i -n -e '/^listen_addresses/!p' -e "\$a $own_choice" "$(sql_conf "$1")"
}
keeps_own_choice() {
  grep -qxF "$own_choice" "$(sql_conf "$1")" &&
    grep -q "^listen_addresses = 'localhost, *127\.0\.0\.99, *127\.0\.0\.12'" "$(sql_conf "$1")"
}

access_drills() {
  drill event pbx-b postgres-access "the vendor's line is gone from pg_hba.conf" remove_vendor_line both_may_connect
  drill event pbx-b postgres-access "Tandem's line is gone from pg_hba.conf" remove_our_line both_may_connect
  drill event pbx-b postgres-access 'an administrator sets listen_addresses' set_own_listen keeps_own_choice
  say 'the line stays as it was; one of ours after it adds the declared address:'
  grep -n '^listen_addresses' "$(sql_conf pbx-b)" | quote
  systemctl_of pbx-b restart postgresql.service
  say "after a restart by hand the server listens on: $(sql pbx-b 'SHOW listen_addresses')"
  drill asked pbx-b postgres-access 'the database role is dropped' remove_role role_is_there
}
