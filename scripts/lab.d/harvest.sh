# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# What callers leave on pbx-b while it serves: on pbx-a after the failback, with the lamp, and no copy before it. Needs
# drills.sh, programs.sh, takeover.sh and replication.sh.

readonly mailbox=var/spool/asterisk/voicemail/default/1001
readonly said_to_asterisk=asterisk.said # below a node's folder: what its stand-in for Asterisk was asked

# The stand-in for Asterisk: no call, and it writes down what it is told.
tell_asterisk() { # NODE
  program "$1" /usr/sbin/asterisk <<'END'
echo "$*" >>@HOME@/asterisk.said
echo '0 active channels'
END
}

# leave_message NODE NUMBER CALLER: as Asterisk keeps one.
leave_message() {
  local base=$dir/$1/root/$mailbox/INBOX/msg$2 now
  now=$(date +%s)
  mkdir -p "${base%/*}"
  head -c 64000 /dev/urandom >"$base.wav"
  printf '[message]\norigmailbox=1001\ncontext=default\ncallerid=%s\norigtime=%s\nduration=4\nmsg_id=%s-%08d\n' \
    "$3" "$now" "$now" "$2" >"$base.txt"
}

# Between the takeover and the failback.
callers_leave_messages() {
  replicates || return 0
  step 'A caller leaves a message on pbx-b, and a user records a greeting there'
  both tell_asterisk
  leave_message pbx-a 0000 '"Ada" <101>'
  leave_message pbx-b 0000 '"Grace" <102>'
  echo 'a greeting' >"$dir/pbx-b/root/$mailbox/unavail.wav"
  say 'pbx-a has a message of its own under the same number, msg0000.'
  say 'pbx-b noted, before it served, that all this is to come home:'
  jq -c . "$dir/pbx-b/state/harvest-owed.json" | quote
}

# Under the next number, whole, with the one that was there before it.
message_is_home() {
  cmp -s "$dir/pbx-b/root/$mailbox/INBOX/msg0000.wav" "$dir/pbx-a/root/$mailbox/INBOX/msg0001.wav" &&
    cmp -s "$dir/pbx-b/root/$mailbox/INBOX/msg0000.txt" "$dir/pbx-a/root/$mailbox/INBOX/msg0001.txt" &&
    grep -q Ada "$dir/pbx-a/root/$mailbox/INBOX/msg0000.txt" && [ ! -e "$dir/pbx-a/root/$mailbox/INBOX/msg0002.txt" ]
}
greeting_is_home() { [ "$(cat "$dir/pbx-a/root/$mailbox/unavail.wav" 2>/dev/null)" = 'a greeting' ]; }
lamp_is_told() { grep -qsx -e '-rx voicemail reload' "$dir/pbx-a/$said_to_asterisk"; }
nothing_is_owed() { condition_is pbx-a HarvestPending False; }

# After the failback.
messages_come_home() {
  replicates || return 0
  step 'pbx-b stands by: the message and the greeting come home to pbx-a'
  arrives 'pbx-a: the message is there, as msg0001' 'peer link' already_begun message_is_home
  expect 'the greeting is there too' pbx-a greeting_is_home
  expect 'Asterisk counted the mailboxes anew, for the lamp' pbx-a lamp_is_told
  expect 'nothing waits to come home any more' pbx-a nothing_is_owed
  show pbx-a get events harvest
}
