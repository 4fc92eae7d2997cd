# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # some variables belong to the script that sources this
# A phone beside the witness: for how long nobody answered. Needs network.sh.

start_phone() {
  setsid nsenter "--net=/run/netns/$net-w" python3 "$here/phone.py" "${address_of[w]}" "${address_of[a]}" \
    "${address_of[b]}" >"$home/phone.out" 2>"$home/phone.log" </dev/null &
  phone=$!
  within 20 test -s "$home/phone.out"
}
# The gap in seconds, and how many of the two nodes answered, into $gap and $answered.
stop_phone() {
  kill "$phone"
  within 20 grep -q gap "$home/phone.out"
  read -r _ gap _ answered < <(grep gap "$home/phone.out")
}
