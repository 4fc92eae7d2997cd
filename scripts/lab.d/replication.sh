# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# Replication by Tandem itself: what is changed on the primary arrives on the secondary and is proven equal; while
# the secondary serves nothing is copied; and `tandem release` leaves nothing of it. Needs drills.sh, keys.sh,
# database.sh, adoption.sh and story.sh.

users_before=0

# Without root the primary reaches neither the other node's database nor its files.
replicates() { has_root; }

# Intervals short enough to watch: a run each 2 s by the servers' counters, and every row compared each 6 s.
declared_replication() {
  if replicates; then
    echo '{ owner: tandem, database: { interval: 2s, proofInterval: 6s } }'
  else
    echo '{ owner: vendor }'
  fi
}

# The folders of the vendor's list; the primary has something in them.
readonly music=var/lib/asterisk/moh/default
make_folders() { # NODE
  local root=$dir/$1/root
  mkdir -p "$root"/{etc/asterisk/extensions_extra.d,etc/xivo/asterisk,var/lib/asterisk/agi-bin,"$music"} \
    "$root"/{root/.config/wazo-auth-cli,var/lib/wazo-auth-keys,var/lib/wazo/sounds/tenants}
  [ "$1" = pbx-a ] || return 0
  printf '[lab]\nexten = 100,1,Answer()\n' >"$root/etc/asterisk/extensions_extra.d/lab.conf"
  head -c 100000 /dev/urandom >"$root/$music/welcome.wav"
}

prepare_replication() {
  replicates || {
    say 'replication stays the vendor'\''s: not as root nobody logs in on the other node'
    return 0
  }
  both make_folders
  users_before=$(rows_of pbx-b userfeatures)
  say 'tandem init on pbx-a: the key and the password again, which release took away'
  init_pair | quote
}

# replication_is NODE FILTER: of what the operator tells of its copies.
replication() { curl -sf --max-time 5 "http://${listen[$1]}/api/v1/replication"; }
replication_is() { replication "$1" | jq -e ".replication | $2" >/dev/null 2>&1; }

# What both servers say themselves: the rows of each copied table, and what the sequences gave last.
digest() { # NODE
  local table text="SELECT 0, 'sequences', md5(string_agg(s::text, ' ' ORDER BY sequencename))
    FROM pg_sequences s WHERE schemaname = 'public' AND sequencename <> 'call_log_id_seq'"
  for table in infos userfeatures linefeatures extensions queuefeatures; do
    text+=" UNION ALL SELECT count(*), '$table', md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM $table t"
  done
  sql "$1" "$text ORDER BY 2"
}
databases_are_equal() { [ "$(digest pbx-a)" = "$(digest pbx-b)" ]; }

# A proof that began after this was called.
remember_run() { run_before=$(replication pbx-a | jq .replication.database.run); }
proven_since() {
  replication_is pbx-a ".database | (.running | not) and .run > $run_before and .last.result == \"equal\""
}

# arrives WHAT HOW CHANGE CHECK: something is changed, and the time is taken until pbx-b has it.
arrives() {
  local what=$1 began ended
  noticed=$2
  clock began
  "$3"
  if wait_for "$wait_limit" "$4" && clock ended; then
    good "$what: after $(shown_time "$((ended - began))")"
    note_row "$what" "$noticed" "$(shown_time "$((ended - began))")"
  else
    bad "it did not happen within the limit"
    note_row "$what" "$noticed" 'NOT SEEN'
    fail pbx-a "$what"
  fi
}

name_is() { [ "$(sql "$1" 'SELECT firstname FROM userfeatures WHERE id = 7')" = "$2" ]; }
rename() { sql "$1" "UPDATE userfeatures SET firstname = '$2' WHERE id = 7"; }
name_on_primary() { rename pbx-a Ada; }
name_has_arrived() { name_is pbx-b Ada; }
name_on_secondary() { rename pbx-b Mallory; }
music_on_primary() { head -c 200000 /dev/urandom >"$dir/pbx-a/root/$music/hold.wav"; }
music_has_arrived() { cmp -s "$dir/pbx-a/root/$music/hold.wav" "$dir/pbx-b/root/$music/hold.wav"; }
folder_has_arrived() { diff -r "$dir/pbx-a/root/$1" "$dir/pbx-b/root/$1" >/dev/null 2>&1; }

# Both kinds, everything compared.
order_copies() {
  say 'tandem replicate on pbx-a:'
  tandem_on pbx-a replicate 2>&1 | quote || fail pbx-a 'tandem replicate on pbx-a'
}
first_have_arrived() {
  databases_are_equal && folder_has_arrived etc/asterisk && folder_has_arrived var/lib/asterisk
}

show_copies() {
  replication pbx-a | jq -r '.replication | to_entries[] | select(.key != "undo" and .value.run) |
    "\(.key): " + (if .value.held then "held, \(.value.held.reason): \(.value.held.message)"
      else .value.last.message // "none yet" end),
    (.value.proof // empty | "  proven: \(.)")' | fold -s -w 110 | quote
}
rows_of() { sql "$1" "SELECT count(*) FROM $2"; }

# The primary had its order first: what it asked for before the secondary had its own was refused (DirectionMissing), for
# seconds. Either order works; the secondary first avoids that refused run: docs/install.md, chapter 7.
await_first_copies() {
  replicates || return 0
  arrives 'pbx-b: has its order; the first copies' 'the row of pbx-b' already_begun first_have_arrived
}
first_copies() {
  step 'Replication is Tandem'\''s too: the database and the files of pbx-b are as those of pbx-a'
  say "pbx-b had what its set-up left, $users_before users; pbx-a has $(rows_of pbx-a userfeatures)"
  say "pbx-b has $(rows_of pbx-b userfeatures) users; of the $(rows_of pbx-a call_log) calls of pbx-a it has" \
    "$(rows_of pbx-b call_log): records stay where they are made"
  expect 'call records are not copied' pbx-b no_calls_there
  arrives 'pbx-a: ordered to copy; proven equal' ordered order_copies databases_are_equal
}
no_calls_there() { [ "$(rows_of pbx-b call_log)" = 0 ]; }

changes_arrive() {
  step 'What is changed on pbx-a arrives on pbx-b; what somebody changes on pbx-b is put right'
  arrives "pbx-a: a user's name; pbx-b has it" "interval 2 s" name_on_primary name_has_arrived
  arrives 'pbx-a: music on hold; pbx-b has it' 'file event' music_on_primary music_has_arrived
  arrives "pbx-b: a user's name by hand; as on pbx-a again" 'comparison' name_on_secondary name_has_arrived
  remember_run
  expect 'the databases are proven equal' pbx-a proven_since
  expect 'both servers say the same of their rows and sequences' pbx-b databases_are_equal
  show pbx-a get replication -o wide
  show pbx-b get replication -o wide
}

# The newest copy is taken back on pbx-b, whose own operator does it: pbx-a might be dead.
no_names() { sql pbx-a "UPDATE userfeatures SET firstname = ''" >/dev/null; }
names_are_gone() { [ "$(sql pbx-b "SELECT count(*) FROM userfeatures WHERE firstname <> ''")" = 0 ]; }
names_are_back() { name_is pbx-b Ada; }
order_undo() {
  say 'tandem replicate --undo on pbx-b:'
  tandem_on pbx-b replicate --undo --reason 'a script emptied all names' 2>&1 | quote ||
    fail pbx-b 'tandem replicate --undo on pbx-b'
}
is_undone() { replication_is pbx-a '.database.last.reason == "Undone"'; }
order_database() {
  sql pbx-a "UPDATE userfeatures SET firstname = 'User' WHERE id <> 7" >/dev/null
  rename pbx-a Ada
  say 'tandem replicate database on pbx-a, which is right again:'
  tandem_on pbx-a replicate database 2>&1 | quote || fail pbx-a 'tandem replicate database on pbx-a'
}
undo_a_copy() {
  step 'A mistake on pbx-a has reached pbx-b: its copy is taken back, and none is made before somebody orders it'
  arrives 'pbx-a: all names emptied by mistake; pbx-b has it' 'interval 2 s' no_names names_are_gone
  show pbx-b get generations -o wide
  arrives 'pbx-b: the copy taken back; the names are there' ordered order_undo names_are_back
  expect 'the copies are held, and say why' pbx-a is_undone
  wait_for 5 names_are_gone && fail pbx-a 'pbx-a copied the mistake again'
  good 'for 5 s no copy was made'
  show_copies
  arrives 'pbx-a: the names put right, a copy ordered; proven equal' ordered order_database databases_are_equal
}

keep_replicating() {
  replicates || return 0
  first_copies
  changes_arrive
  undo_a_copy
}

is_held() { replication_is pbx-a ".database.held.reason == \"$1\" and .files.held.reason == \"$1\""; }

# Between the takeover and the failback: what pbx-b has now is newer, whatever pbx-a holds.
hold_copies() {
  replicates || return 0
  step 'pbx-b serves: nothing is copied onto it'
  expect 'the copies are held' pbx-a is_held SecondaryServes
  show_copies
  remember_run
  rename pbx-a Grace
  wait_for 5 name_is pbx-b Grace && fail pbx-a 'pbx-a copied onto pbx-b while that served'
  if replication_is pbx-a ".database.run == $run_before" && name_is pbx-b Ada; then
    good 'a name was changed on pbx-a, and for 5 s no copy was begun'
  else
    bad 'a copy was begun'
    fail pbx-a 'a copy was begun while pbx-b served'
  fi
}

already_begun() { :; }
go_on_proven() { proven_since && name_is pbx-b Grace && databases_are_equal; }
resume_copies() {
  replicates || return 0
  step 'pbx-b stands by again: copies go on, and the first one compares everything'
  arrives 'pbx-b: stands by again; proven equal' 'peer link' already_begun go_on_proven
  show_copies
}

nothing_of_ours() { # NODE
  [ "$(sql "$1" "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'tandem%') +
    (SELECT count(*) FROM pg_roles WHERE rolname = 'tandem')")" = 0 ]
}
release_the_copied() {
  replicates || return 0
  step 'Given back with all that was copied: tandem release drops the schemas tandem and tandem_undo'
  both end_process
  both give_back
  expect 'nothing of Tandem in the database' pbx-a nothing_of_ours pbx-a
  expect 'nothing of Tandem in the database' pbx-b nothing_of_ours pbx-b
  expect 'the databases stay equal' pbx-b databases_are_equal
}
