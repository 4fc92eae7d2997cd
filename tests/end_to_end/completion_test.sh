#!/usr/bin/env bash
# The completion scripts, in the real shells, on real words; names come from a running operator.
#   completion_test.sh TANDEM WAZO_SIM
set -euo pipefail
tandem=$1
wazo_sim=$2
# shellcheck source=tests/end_to_end/node.sh
source "$(dirname "$0")/node.sh"
make_node
write_pair ""
mkdir "$work/bin"
ln -s "$tandem" "$work/bin/tandem"
export PATH=$work/bin:$PATH

asked=0
# same GOT WANTED WHAT
same() {
  asked=$((asked + 1))
  [ "$1" = "$2" ] || fail "$3: got '$1' instead of '$2'"
}

# Names are asked of the operator for 200 ms at most; a machine that is busy may need a second try.
# with_names WANTED WHAT COMMAND...
with_names() {
  local wanted=$1 tries got
  for tries in {1..20}; do
    got=$("${@:3}")
    [ "$got" != "$wanted" ] || break
    sleep 0.2
  done
  same "$got" "$wanted" "$2 (tries: $tries)"
}

echo "bash"
"$tandem" completion bash >"$work/tandem.bash"
shellcheck -s bash "$work/tandem.bash"
# in_bash WORD...: what bash offers for the last word, sorted, on one line.
in_bash() {
  # shellcheck disable=SC2016
  bash --norc -c 'source "$1"; shift; COMP_WORDS=(tandem "$@"); COMP_CWORD=$#; _tandem
    printf "%s\n" "${COMPREPLY[@]}" | sort | tr "\n" " "' - "$work/tandem.bash" "$@"
}
same "$(in_bash ve)" "version " "a command"
same "$(in_bash --operator /etc/x.yaml ve)" "version " "a command behind an option with its value"
same "$(in_bash plan -o '')" "json text " "choices of an option"
same "$(in_bash status --output = w)" "wide " "a value behind '='"
same "$(in_bash get '')" "conditions events generations probes replication resources takeovers " "an argument's choices"
same "$(in_bash switchover --f)" "--for " "an option of an order"
same "$(in_bash apply --str)" "--structural " "an option"
same "$(in_bash explain spec.sip.p)" "spec.sip.policy spec.sip.preset " "fields"
same "$(in_bash completion z)" "zsh " "shells"
touch "$work/one.yaml" "$work/two words.yaml"
same "$(in_bash validate "$work/two")" "$work/two words.yaml " "files, blanks included"
same "$(in_bash get resources '')" " " "no names without an operator"

start_operator
with_names "ha-conf " "a resource of the running operator" in_bash get resources ha
with_names "sentinels services sip-expiry sync-key " "a second resource" in_bash get resources ha-conf s
with_names "SpecAccepted " "a condition of the running operator" in_bash get conditions SpecA

echo "fish"
"$tandem" completion fish >"$work/tandem.fish"
# in_fish LINE: what fish offers at its end, without the descriptions.
in_fish() {
  HOME=$work fish --no-config -c "source $work/tandem.fish; complete -C '$1'" | cut -f1 | sort | tr '\n' ' '
}
same "$(in_fish 'tandem ve')" "version " "a command"
same "$(in_fish 'tandem plan -o ')" "json text " "choices of an option"
same "$(in_fish 'tandem get ')" "conditions events generations probes replication resources takeovers " "an argument's choices"
with_names "ha-conf " "a resource of the running operator" in_fish 'tandem get resources ha'
same "$(in_fish 'tandem explain spec.sip.p')" "spec.sip.policy spec.sip.preset " "fields"
same "$(in_fish 'tandem apply --str')" "--structural " "an option"

echo "zsh"
"$tandem" completion zsh >"$work/_tandem"
cat >"$work/ask.zsh" <<'ZSH'
# Types a line and a tab into an interactive zsh and prints what the line became.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "unset zle_bracketed_paste; PROMPT=; TERM=dumb; stty -echo; fpath=($1 \$fpath); autoload -Uz compinit && compinit -u -d $1/dump; echo rea''dy"
zpty -r shell line '*ready*'
zpty -w -n shell "$2"$'\t'
zpty -w -n shell $'\C-aecho "<\C-e>"\n'
zpty -r shell line '*<*>*'
line=${line##*<}
print -r -- "${line%%>*}"
zpty -d shell
ZSH
in_zsh() { timeout 30 zsh -f "$work/ask.zsh" "$work" "$1"; }
same "$(in_zsh 'tandem ver')" "tandem version" "a command"
same "$(in_zsh 'tandem get res')" "tandem get resources" "an argument's choice"
with_names "tandem get resources ha-conf" "a resource of the running operator" in_zsh 'tandem get resources ha'
same "$(in_zsh 'tandem explain spec.sip.pre')" "tandem explain spec.sip.preset" "a field"
same "$(in_zsh 'tandem status --output=w')" "tandem status --output=wide" "a value behind '='"

echo "what a stranger at the operator's port tells is not run"
mkdir "$work/hostile"
cat >"$work/hostile/tandem" <<SH
#!/bin/sh
printf '%s\\n' '\$(touch $work/pwned)' '\`touch $work/pwned\`' 'x; touch $work/pwned' good-one
SH
chmod +x "$work/hostile/tandem"
(
  PATH=$work/hostile:$PATH
  same "$(in_bash get resources '')" "good-one " "names in bash"
  in_fish 'tandem get resources ' >/dev/null
  in_zsh 'tandem get resources ' >/dev/null || true
)
[ ! -e "$work/pwned" ] || fail "a name was run as a command"

echo "names that are not there are refused, with the nearest"
expect 0 "$tandem" get resources ha-conf -o name
[ "$out" = ha-conf ] || fail "asked for one, got: $out"
expect 1 "$tandem" get resources ha-cnf
contains "$err" "ha-conf"
echo "all good: $asked completions in bash, fish and zsh"
