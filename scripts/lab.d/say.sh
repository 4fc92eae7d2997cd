# shellcheck shell=bash
# What the lab and the bench show: numbered steps, short lines, colour only on a terminal.

bold='' dim='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-}" != dumb ]; then
  bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

steps=0
step() {
  steps=$((steps + 1))
  printf '\n%s%2d. %s%s\n' "$bold" "$steps" "$*" "$plain"
}

say() { printf '    %s\n' "$*"; }
good() { printf '    %s%s%s\n' "$green" "$*" "$plain"; }
bad() { printf '    %s%s%s\n' "$red" "$*" "$plain"; }

# What a program printed, line by line; on a terminal, as much of a line as fits.
columns=1000
if [ -t 1 ]; then columns=$(stty size <&1 2>/dev/null | cut -d ' ' -f 2) || columns=80; fi
[ "${columns:-0}" -ge 40 ] || columns=80
quote() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    [ "${#line}" -le $((columns - 6)) ] || line=${line:0:columns-9}...
    printf '    %s|%s %s\n' "$dim" "$plain" "$line"
  done
}

# shorten LENGTH: each line, with "..." where something of it is left out.
shorten() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    [ "${#line}" -le "$1" ] || line=${line:0:$1-3}...
    printf '%s\n' "$line"
  done
}

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
