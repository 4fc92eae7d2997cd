#!/usr/bin/env bash
# What every command says: its help, a success, a failure. All of it is kept as a transcript; no command may want for one.
#   transcript_test.sh TANDEM WAZO_SIM TRANSCRIPT
# shellcheck disable=SC2154    # out, err, root and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
transcript=$3
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/end_to_end/node.sh
source "$here/node.sh"
make_node
: >"$transcript"
declare -A seen

# tell KIND STATUS ARGUMENT...: what a person would see.
tell() {
  local kind=$1 wanted=$2
  shift 2
  expect "$wanted" "$tandem" "$@"
  seen["$1 $kind"]=1
  {
    printf '$ tandem'
    printf ' %s' "${@@Q}"
    printf '\n%s%s\n[exit %s]\n\n' "${out:+$out$'\n'}" "$err" "$wanted"
  } >>"$transcript"
}
works() { tell success "${@}"; }
# fails STATUS WORDS ARGUMENT...: and the message says what to do.
fails() {
  local status=$1 words=$2
  shift 2
  tell failure "$status" "$@"
  [[ "$err" =~ $words ]] || fail "expected $words in: $err"
  [ -z "$out" ] || [ "$status" -ne 64 ] || fail "a complaint on standard output: $out"
}

commands=$("$tandem" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ "$(wc -l <<<"$commands")" -ge 25 ] || fail "commands were not found in the help: $commands"

echo "help: the manual's words, its options, an example where there is one"
for command in $commands; do
  tell help 0 help "$command"
  seen["$command help"]=1
  contains "$out" "--operator FILE"
  width=$(wc -L <<<"$out")
  [ "$width" -le 130 ] || fail "help of $command is $width columns wide"
done
help_of() { "$tandem" "$1" --help; }
contains "$(help_of status)" "tandem status --watch"

echo "where no operator runs"
fails 1 "tandem run|tokenFile" status
fails 1 "tandem run|tokenFile" get conditions
fails 1 "tandem run|tokenFile" why
fails 1 "tandem run|tokenFile" replicate
fails 1 "tandem run|tokenFile" divergence
works 0 resync-devices
fails 1 "" health
fails 1 "tandem run" notify
works 0 support-bundle --out "$work/bundle.tar.gz"
for order in takeover failback suspend resume ack; do
  ends=()
  case $order in suspend) ends=(--for 1h) ;; failback) ends=(--yes) ;; esac
  fails 1 "tandem run|tokenFile" "$order" --reason "a test" "${ends[@]}"
done
fails 1 "tandem run|tokenFile" switchover --reason "a test" --for 1h --yes
fails 1 "tandem run|tokenFile" maintenance --reason "a test" --for 1h --yes

echo "wrong usage"
fails 64 "WHAT" get
fails 64 "--reason" apply --structural
fails 64 "text|json" plan -o xml
fails 64 "" doctor --nonsense
fails 64 "FILE" validate
fails 64 "SHELL" completion
fails 64 "" version -o xml
fails 64 "no command" help nonsense
fails 64 "init" pki destroy
fails 64 "" run --nonsense
fails 64 "" resync-devices --nonsense
fails 64 "" support-bundle --nonsense
fails 64 "" init --nonsense
fails 64 "" import --role nobody
fails 64 "" release --nonsense
fails 1 "no field" explain spec.nonsense

echo "what needs no operator"
works 0 validate "$work/pair.yaml"
works 0 version
works 0 completion bash
works 0 explain spec.sip.expiry
works 0 help status
works 2 plan
works 0 apply --structural --reason "first set-up"
works 0 pki init --dir "$work/pki"

echo "what asks one"
start_operator
within 20 is_converged
works 0 health
"$tandem" status >/dev/null || status_exit=$?
works "${status_exit:-0}" status
works 0 get conditions
works 0 why
works 0 notify
works 0 suspend --for 1h --reason "a test"
works 0 resume --reason "a test"
works 0 maintenance --for 10m --reason "a test" --yes --no-wait

echo "a view that goes on: what changes is written, a signal ends it, and the terminal is as it was"
"$tandem" status --watch >"$work/watched" 2>&1 &
watcher=$!
pids+=("$watcher")
within 20 grep -q 'maintenance' "$work/watched"
expect 0 "$tandem" maintenance --end --reason "a test" --no-wait
left_maintenance() { awk '/^State +Maintenance/ { seen = 1 } seen && /^State +(Rejoining|Degraded|Serving)/ { left = 1 } END { exit !left }' "$work/watched"; }
within 20 left_maintenance
kill -INT "$watcher"
wait "$watcher" || fail "the view ended with $?"
# On a terminal: the other screen, hidden cursor, and back.
timeout 60 script -qec "stty rows 30 cols 90; exec '$tandem' status --watch" "$work/screen" >/dev/null </dev/null &
viewer=$!
pids+=("$viewer")
within 20 grep -q 'Health' "$work/screen"
# `script` is the child of `timeout`, and the program that of `script`.
kill -INT "$(pgrep -P "$(pgrep -P "$viewer")")"
wait "$viewer" || true
grep -q $'\x1b\[?1049l' "$work/screen" || fail "the terminal was left on the other screen"
longest=$(grep -av '^Script ' "$work/screen" | tr '\r' '\n' | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g' | wc -L)
[ "$longest" -le 90 ] || fail "a line of $longest columns on a terminal of 90"

echo "the operator ends in order"
kill "$operator"
wait "$operator" || fail "run ended with $?"
seen["run success"]=1

echo "no command wants for one of the three"
# Of these the success is shown where there is what they need: SCRIPT has it.
declare -A elsewhere=([takeover]=failover [failback]=failover [switchover]=failover [ack]=failover [init]=sync_key_test.sh
  [doctor]=doctor_test.sh [import]=adoption_test.sh [release]=adoption_test.sh
  [replicate]=../../scripts/lab.d [divergence]=../../scripts/lab.d)
for command in $commands; do
  for kind in help failure success; do
    [ -z "${seen["$command $kind"]-}" ] || continue
    where=${elsewhere[$command]-}
    if [ "$kind" = success ] && [ -n "$where" ] && grep -rqw -- "$command" "$here/$where"; then continue; fi
    fail "no $kind of '$command' was shown"
  done
done
echo "transcript: $(grep -c '^\$ tandem' "$transcript") command lines, in $transcript"
