# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # some variables belong to the script that sources this
# Mails of a takeover and of its failback: each once, although the operator is killed in the middle of both.

# The shortest times that the probes allow.
host_down=4s service_failed=6s hold=6s

# A mail system that keeps what it takes, while no fault says that its queue is full.
make_mail() { # HOST
  mkdir -p "$home/$1/mails"
  node_program "$1" /usr/sbin/sendmail <<'END'
mail=$(mktemp @HOME@/incoming.XXXXXX)
cat >"$mail"
if [ -e @HOME@/faults/queue_full ]; then rm "$mail"; echo 'queue is full' >&2; exit 75; fi
mv "$mail" @HOME@/mails/
END
}

mails() { { grep -l -- "^Subject: .*$2" "$home/$1"/mails/* 2>/dev/null || true; } | wc -l; } # HOST TEXT
mails_are() { [ "$(mails "$1" "$2")" = "$3" ]; }                                               # HOST TEXT COUNT
# What arrived is struck out some milliseconds later: a kill in between repeats it, under the same id.
journal_is_empty() { jq -e '[.receivers[] | .waiting + .sending] | add == []' "$home/$1/state/notify.json"; } # HOST
restart_operator() { kill_operator "$1" && start_operator "$1" && soon on "$1" health; }        # HOST

course_notify() {
  make_pair
  a_test_reaches_everybody
  takeover_is_mailed
  failback_is_mailed
  nothing_is_told_twice
}

a_test_reaches_everybody() {
  scene "an edit of notify is in force at once, and a test tells whether it works"
  make_mail a
  make_mail b
  check on b notify
  declare_pair '  notify: [{ mail: root@localhost }, { webhook: "http://127.0.0.1:9/T0/hunter2" }]'
  soon pair_is b '.status.notifications | length == 2'
  if on b notify --test >"$home/b/test.out" 2>&1; then fail "a test without a web server succeeded"; fi
  grep -q 'mail root@localhost *Delivered' "$home/b/test.out" || fail "$(<"$home/b/test.out")"
  grep -q 'webhook http://127.0.0.1:9 *Failed' "$home/b/test.out" || fail "$(<"$home/b/test.out")"
  ! grep -rq hunter2 "$home/b/test.out" "$home/b"/*.log || fail "the path of the webhook is shown"
  check mails_are b TEST 1
  declare_pair '  notify: [{ mail: root@localhost }]'
  soon pair_is b '.status.notifications | length == 1'
  soon pair_is a '.status.notifications | length == 1'
  check on a notify --test
}

takeover_is_mailed() {
  scene "the secondary takes over, and its operator is killed meanwhile: both mails arrive"
  inside a "$home/a/root/usr/bin/systemctl" stop monit
  fault b asterisk_slow 5
  systemctl_of a kill asterisk
  soon mails_are b 'takes over for pbx-a' 1
  soon journal_is_empty b
  check is_state b Activating
  restart_operator b
  soon is_state b Active
  no_fault b asterisk_slow
  soon mails_are b 'serves for pbx-a' 1
}

failback_is_mailed() {
  scene "the mail system refuses, the operator is killed, the mail system is mended: the mail arrives"
  fault b queue_full
  systemctl_of a start asterisk monit
  soon is_state b Standby
  soon has_event b 'queue is full'
  check mails_are b 'has given back to pbx-a' 0
  check pair_is b '.status.notifications[0].waiting == 1'
  kill_operator b
  no_fault b queue_full
  start_operator b
  soon mails_are b 'has given back to pbx-a' 1
  soon journal_is_empty b
}

nothing_is_told_twice() {
  scene "no restart tells anything again, and the primary left it to the secondary"
  restart_operator b
  throughout 4 mails_are b 'has given back to pbx-a' 1
  check mails_are b 'takes over for pbx-a' 1
  check mails_are b 'serves for pbx-a' 1
  check mails_are a 'pbx-a: [^T]' 0
  check [ "$(stat -c %a "$home/b/state/notify.json")" = 600 ]
}
