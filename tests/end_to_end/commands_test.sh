#!/usr/bin/env bash
# What each command says and returns, where no operator runs.
#   commands_test.sh TANDEM SOURCE_DIR
set -euo pipefail
tandem=$1
source_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export NO_COLOR=1
cd "$work"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
expect() {
  local wanted=$1 got=0
  shift
  out=$("$@" 2>"$work/stderr") || got=$?
  err=$(cat "$work/stderr")
  [ "$got" -eq "$wanted" ] || fail "'$*' ended with $got instead of $wanted: $out $err"
}
contains() { [[ "$1" == *"$2"* ]] || fail "expected '$2' in: $1"; }

echo "help"
expect 0 "$tandem"
contains "$out" "Examples:"
for command in run plan apply status doctor get why takeover failback switchover suspend resume maintenance ack init pki \
  replicate divergence resync-devices notify support-bundle health validate import release explain version; do
  expect 0 "$tandem" "$command" --help
  contains "$out" "--operator"
  expect 0 "$tandem" help "$command"
done

echo "what other programs run is in no help, and answers nobody but sshd"
if "$tandem" --help | grep -q sync-gate; then fail "sync-gate is in the help"; fi
expect 1 "$tandem" sync-gate
contains "$err" "refused"
expect 1 env SSH_ORIGINAL_COMMAND="tandem facts" "$tandem" sync-gate
contains "$err" "no connection of ssh"
expect 1 env SSH_ORIGINAL_COMMAND="tandem facts" SSH_CONNECTION="127.0.0.1 1 127.0.0.1 2" TANDEM_ROOT=/tmp "$tandem" sync-gate
contains "$err" "TANDEM_ROOT"

echo "wrong usage is 64 and says what to do"
expect 64 "$tandem" pln
contains "$err" "Did you mean: tandem plan?"
expect 64 "$tandem" plan --nonsense
expect 64 "$tandem" get
expect 64 "$tandem" get nonsense
expect 64 "$tandem" plan -o xml
expect 64 "$tandem" apply --structural
contains "$err" "--reason"
expect 64 "$tandem" divergence --discard
contains "$err" "--reason"
expect 64 "$tandem" divergence --apply voicemail
contains "$err" "dnd, forwards or both"
expect 64 "$tandem" divergence --apply dnd --discard --reason x
expect 64 "$tandem" divergence --user u7
expect 64 "$tandem" pki
expect 64 "$tandem" pki destroy
for days in 0 abc 3651 -1; do expect 64 "$tandem" pki init "--days=$days"; done
contains "$err" "from 1 to 3650"
expect 64 "$tandem" pki renew --dir relative
expect 64 "$tandem" validate
[ -z "$out" ] || fail "errors belong to standard error"

echo "what is typed is UTF-8, or is refused before anything is done"
latin=$'d\xe9pannage'
for order in takeover resume ack "maintenance --end" "apply --structural" "replicate --undo"; do
  # shellcheck disable=SC2086
  expect 64 "$tandem" $order --reason "$latin"
  contains "$err" "--reason: must be UTF-8"
done
for option in --node --root --pair --state-dir --operator --listen; do
  expect 64 "$tandem" plan "$option" "/$latin"
  contains "$err" "$option: must be UTF-8"
done
for name in TANDEM_PAIR TANDEM_NODE TANDEM_ROOT TANDEM_STATE_DIR; do
  expect 64 env "$name=/$latin" "$tandem" plan
  contains "$err" "must be UTF-8"
done
expect 64 "$tandem" import --peer-name "$latin"
contains "$err" "type it without accents"
expect 64 "$tandem" takeover --reason $'a\u202etest'
contains "$err" "turns a text"

echo "a closed standard stream takes in no file's place"
mkdir -p closed/root closed/state
listen=127.$((RANDOM % 250 + 1)).$((RANDOM % 250 + 1)).1:9877
printf 'apiVersion: tandem.ha/v1alpha1\nkind: OperatorConfig\nspec: {node: pbx-a, listen: "%s", root: %s, stateDir: %s, pair: %s, tokenFile: %s}\n' \
  "$listen" "$work/closed/root" "$work/closed/state" "$work/closed/pair.yaml" "$work/closed/token" >closed/operator.yaml
timeout -s TERM 5 "$tandem" run --operator closed/operator.yaml </dev/null >/dev/null 2>&- || true
[ -e closed/token ] || fail "the operator did not start without standard error"
if grep -rE 'level=|msg=' closed; then fail "the log is in a file"; fi
without_output() { "$@" >&-; }
without_the_others() { "$@" <&- 2>&-; }
expect 1 without_output "$tandem" version
expect 0 without_the_others "$tandem" version

echo "a path is from where it is typed, and a file"
expect 64 "$tandem" validate ""
contains "$err" "must not be empty"
expect 64 "$tandem" plan --pair ""
contains "$err" "--pair: must not be empty"
expect 1 "$tandem" plan --operator .
contains "$err" "is a directory"
mkdir -p here/x here/root
for path in nofile.yaml ./nofile.yaml ../here/nofile.yaml x/../nofile.yaml; do
  expect 1 env -C here "$tandem" plan --node pbx-a --pair "$path" --root root --state-dir ../here/x
  contains "$err" "$work/here/nofile.yaml"
done
expect 1 env -C here "$tandem" plan --node pbx-a --pair . --root root --state-dir x
contains "$err" "$work/here"
contains "$err" "directory"

echo "an order needs a reason, and an end where it has one"
for order in takeover failback switchover suspend resume maintenance ack; do
  expect 64 "$tandem" "$order"
  contains "$err" "--reason"
  expect 64 "$tandem" "$order" --reason ""
  expect 64 "$tandem" "$order" --reason $'two\nlines' --for 1h
done
for order in switchover suspend maintenance; do
  expect 64 "$tandem" "$order" --reason "a test"
  contains "$err" "must have an end"
  for end in soon 0s 8d -1h; do expect 64 "$tandem" "$order" --reason "a test" "--for=$end"; done
  expect 64 "$tandem" "$order" --reason "a test" --until 2001-01-01T00:00:00Z
  expect 64 "$tandem" "$order" --reason "a test" --until tomorrow
  expect 64 "$tandem" "$order" --reason "a test" --for 1h --until 2100-01-01T00:00:00Z
done
expect 64 "$tandem" takeover --reason "a test" --for 1h
expect 64 "$tandem" maintenance --reason "a test" --end --for 1h
expect 64 "$tandem" takeover --reason "a test" --timeout soon
expect 64 "$tandem" ack --reason "$(printf 'x%.0s' {1..201})"
contains "$err" "200 characters"

echo "what is listed is checked before it is asked for"
expect 64 "$tandem" get events --since soon
expect 64 "$tandem" get events --since=-1
expect 64 "$tandem" get resources -w
expect 64 "$tandem" get takeovers --since 1h
expect 64 "$tandem" get takeovers --type warning
expect 64 "$tandem" get replication --since 1h
expect 64 "$tandem" get generations --since 1h

echo "what is copied, and why, is checked before it is ordered"
expect 64 "$tandem" replicate voicemail
expect 64 "$tandem" replicate database --undo
expect 64 "$tandem" replicate --undo --force why
expect 64 "$tandem" replicate --undo --confirm-direction
expect 64 "$tandem" replicate --reason why
expect 64 "$tandem" replicate --undo --reason $'two\nlines'
expect 64 "$tandem" replicate --force ""
expect 64 "$tandem" replicate --force $'two\nlines'
expect 64 "$tandem" replicate --force "$(printf 'x%.0s' {1..501})"
contains "$err" "500 bytes"

echo "validate"
expect 0 "$tandem" validate "$source_dir"/manifests/*.example.yaml
printf 'apiVersion: tandem.ha/v1alpha1\nkind: HAPair\nmetadata: {name: x}\nspec: {prodct: wazo}\n' >bad.yaml
expect 1 "$tandem" validate bad.yaml
contains "$err" "bad.yaml:4:8: spec.prodct:"
contains "$err" "product"
expect 1 "$tandem" validate missing.yaml
expect 1 "$tandem" validate .
head -c 2000000 /dev/zero | tr '\0' 'a' >big.yaml
expect 1 "$tandem" validate big.yaml
contains "$err" "1 MiB"

echo "import"
expect 64 "$tandem" import --force
expect 64 "$tandem" import --role slave
expect 1 "$tandem" import --root "$work/none" --node pbx-a
for option in --product --role --address --peer-address; do contains "$err" "$option"; done
[ -z "$out" ] || fail "a declaration was shown that can not be"

echo "release"
expect 1 "$tandem" release --yes --root "$work/root" --state-dir "$work/state" --pair "$work/none.yaml"
contains "$err" "none.yaml"

echo "explain"
expect 0 "$tandem" explain
expect 0 "$tandem" explain spec.sip.expiry.minimum
expect 1 "$tandem" explain spec.sip.expriy
contains "$err" "expiry"
expect 0 "$tandem" explain DataAgeObjectiveMet
contains "$out" "objectives.maxDataAge"
expect 0 "$tandem" explain TandemStreamBroken
contains "$out" "runbooks/TandemStreamBroken.md"
expect 1 "$tandem" explain TandemStreamBrokn
contains "$err" "TandemStreamBroken"

echo "without an operator the remedy is named"
options=(--node pbx-a --pair "$work/pair.yaml" --state-dir "$work/state" --root "$work/root" --listen 127.0.0.1:9)
expect 1 "$tandem" status "${options[@]}"
contains "$err" "tandem run"
expect 1 "$tandem" get events "${options[@]}"
contains "$err" "tandem run"
expect 1 "$tandem" why "${options[@]}"
contains "$err" "tandem run"
printf 'apiVersion: tandem.ha/v1alpha1\nkind: OperatorConfig\nspec: {node: pbx-a, listen: "127.0.0.1:9", tokenFile: %s}\n' \
  "$work/token" >operator.yaml
expect 1 "$tandem" takeover --reason "a test" --operator operator.yaml
contains "$err" "tokenFile"
printf '0123456789abcdef0123456789abcdef\n' >token
chmod 600 token
expect 1 "$tandem" takeover --reason "a test" --operator operator.yaml
contains "$err" "no operator answers"
expect 1 "$tandem" notify --test --operator operator.yaml
contains "$err" "no operator answers"
expect 1 "$tandem" notify --operator operator.yaml
contains "$err" "tandem run"
expect 64 "$tandem" notify somebody
expect 1 "$tandem" replicate --operator operator.yaml
contains "$err" "no operator answers"
expect 1 "$tandem" replicate --undo --reason "a test" --operator operator.yaml
contains "$err" "no operator answers"
expect 1 "$tandem" get generations --operator operator.yaml
contains "$err" "tandem run"
expect 1 "$tandem" plan "${options[@]}"
contains "$err" "pair.yaml"
expect 1 "$tandem" doctor "${options[@]}"
contains "$err" "pair.yaml"
expect 1 "$tandem" plan --operator "$work/none.yaml"
contains "$err" "none.yaml"
expect 1 "$tandem" plan --listen nowhere
contains "$err" "spec.listen"

echo "version"
expect 0 "$tandem" version -o json
contains "$out" '"version"'
echo "all good"
