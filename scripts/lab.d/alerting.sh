# shellcheck shell=bash
# shellcheck disable=SC2154  # some variables belong to the script that sources this, or to its other pieces
# A real Prometheus and a real Alertmanager with the shipped files, and somebody whom Alertmanager tells. One alarm is:
# a fault is made, its alerts arrive, it is mended, they end; and nothing else fired than what the fault explains.
# Needs say.sh, waiting.sh, processes.sh, nodes.sh and drills.sh.

readonly alert_limit=120 # seconds, until an alert has come, or has ended
prometheus='' alertmanager='' notified=''
readonly net=TandemNotReady   # below all others: fires beside each that lasts, and is told only where none other is
alarms=()   # of the table: fault, alert, its route, noticed after, ended after
heard=0     # lines of the receiver's list before this alarm
alarm_at=0  # when this alarm began, in seconds since 1970: the first whole one in which only its own may fire

# As wait_for, for questions that start programs: three a second.
await() { # SECONDS COMMAND...
  local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
  shift
  until "$@"; do
    [ "${EPOCHREALTIME/[.,]/}" -lt "$deadline" ] || return 1
    sleep 0.3
  done
}

# start_server NAME PATH COMMAND...: @PORT@ in the command is a free port, and the server answers at PATH. Leaves `port`.
start_server() {
  local name=$1 path=$2
  shift 2
  for _ in 1 2 3; do
    port=$(free_port 127.0.0.1)
    start "$name" "$dir/$name.out" "$dir/$name.log" "${@//@PORT@/$port}"
    await 30 server_answers_or_ended "$name" "$path" || break
    if runs "$name"; then return 0; fi
  done
  die "$name does not start: $dir/$name.log"
}
server_answers_or_ended() { # NAME PATH
  if [ -z "$2" ]; then has_line "$dir/$1.out"; else curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$port$2"; fi ||
    ! runs "$1"
}

start_alerting() {
  local port receiver
  step 'Prometheus and Alertmanager start, with the files of manifests/prometheus'
  start_server alert-receiver '' scripts/lab.d/alert-receiver "$dir/" 127.0.0.1 @PORT@
  receiver=$port notified=$dir/alert-receiver.out
  # Alertmanager's port must be known before its files are written: an own try each time.
  for _ in 1 2 3; do
    port=$(free_port 127.0.0.1)
    scripts/lab.d/alert-files "$dir" "127.0.0.1:$port" "http://127.0.0.1:$receiver" "${listen[pbx-a]}" "${listen[pbx-b]}"
    start alertmanager "$dir/alertmanager.out" "$dir/alertmanager.log" prometheus-alertmanager \
      "--config.file=$dir/alertmanager.yaml" "--storage.path=$dir/alertmanager" "--web.listen-address=127.0.0.1:$port" \
      --cluster.listen-address= --log.level=warn
    await 30 server_answers_or_ended alertmanager /-/ready || break
    if runs alertmanager; then break; fi
  done
  runs alertmanager || die "alertmanager does not start: $dir/alertmanager.log"
  alertmanager=http://127.0.0.1:$port
  start_server prometheus /-/ready prometheus "--config.file=$dir/prometheus.yaml" "--storage.tsdb.path=$dir/prometheus" \
    --web.listen-address=127.0.0.1:@PORT@ --log.level=warn
  prometheus=http://127.0.0.1:$port
  say 'changed in them: the addresses, each for (1m is 3 s, 15m is 8 s, 1d is 17 s), a look every 2 s'
  await 60 both_are_scraped || die "Prometheus does not scrape both operators: $dir/prometheus.log"
  # Prometheus judges rules for the 5 s before it learns its targets: TandemNoOperator, which asks for absent(), fires here
  # where each `for` is that short.
  await 60 is_silent || say "still firing: $(firing_now | tr '\n' ' ')"
}

# --- what they say

query() { # EXPRESSION: the series, one a line: ALERT INSTANCE
  curl -sf --max-time 10 "$prometheus/api/v1/query" --data-urlencode "query=$1" |
    jq -r '.data.result[].metric | "\(.alertname // "-") \(.instance // "-")"'
}
both_are_scraped() { [ "$(query 'up{job="tandem"} == 1' | wc -l)" -eq 2 ]; }
# What would fire soon counts too: it would disturb the next alarm.
firing_now() { query 'ALERTS' | cut -d ' ' -f 1 | sort -u; }
# What fired since this alarm began, told or inhibited.
fired() {
  local age=$((EPOCHSECONDS - alarm_at))
  query "count by (alertname, instance) (last_over_time(ALERTS{alertstate=\"firing\"}[${age}s]))" |
    cut -d ' ' -f 1 | sort -u
}
in_alertmanager() { # ALERT
  curl -sf --max-time 10 "$alertmanager/api/v2/alerts" --get --data-urlencode "filter=alertname=\"$1\"" |
    jq -e 'any(.[]; .endsAt > (now | todate))' >/dev/null
}
was_told() { # firing|resolved ALERT
  awk -v heard="$heard" -v how="$1" -v alert="$2" 'NR > heard && $1 == how && $3 == alert { found = 1; exit } END { exit !found }' \
    "$notified"
}
is_muted() { # ALERT
  curl -sf --max-time 10 "$alertmanager/api/v2/alerts" --get --data-urlencode "filter=alertname=\"$1\"" |
    jq -e 'length > 0 and all(.[]; .status.state == "suppressed")' >/dev/null
}
# The net is told only of a node of which no other alert is there.
net_is_muted() {
  curl -sf --max-time 10 "$alertmanager/api/v2/alerts" | jq -e --arg net "$net" '
    [.[] | select(.labels.alertname != $net).labels.instance] as $others |
    all(.[]; .labels.alertname != $net or .status.state == "suppressed" or (.labels.instance | IN($others[]) | not))' >/dev/null
}
has_come() { was_told firing "$1" && in_alertmanager "$1"; }
has_ended() { was_told resolved "$1" && ! in_alertmanager "$1"; }
route_of() { # ALERT
  awk -v heard="$heard" -v alert="$1" 'NR > heard && $3 == alert { print $2; exit }' "$notified"
}
is_silent() { both_are_scraped && [ -z "$(firing_now)" ]; }

# What fired, and is neither of the list nor one of the companions, which is a pattern.
strays() { # ALERTS COMPANIONS
  local alert
  fired | while read -r alert; do
    [[ " $1 " == *" $alert "* || $alert =~ ^($2)$ ]] || printf '%s ' "$alert"
  done
}

# --- one alarm

# alarm WHAT ALERTS COMPANIONS BREAK MEND [MUTED]: ALERTS must all come, reach the receiver, and end; COMPANIONS, a
# pattern, may fire beside them; MUTED must come too, and reach Alertmanager alone.
alarm() {
  local what=$1 alerts=$2 companions=$3 break_it=$4 mend=$5 muted=${6-} began ended alert
  local -A came=() went=()
  step "$what: ${alerts// /, }"
  heard=$(wc -l <"$notified") alarm_at=$((EPOCHSECONDS + 1))
  clock began
  "$break_it" || die "the lab could not break it: $break_it"
  for alert in $alerts; do
    if await "$alert_limit" has_come "$alert"; then
      clock ended
      came[$alert]=$(shown_time "$((ended - began))")
      good "$alert: at the receiver $(route_of "$alert") after ${came[$alert]}"
    else
      not_as_wanted "$what" "$alert did not come"
    fi
  done
  for alert in $muted; do
    await "$alert_limit" is_muted "$alert" || not_as_wanted "$what" "$alert did not come, muted"
  done
  # Not later: where both end, the one that is muted may be the last by a moment.
  net_is_muted || not_as_wanted "$what" "$net is not muted beside another alert of its node"
  for alert in $muted; do
    ! was_told firing "$alert" || not_as_wanted "$what" "$alert was told, which another alert should mute"
  done
  show_summary "${alerts%% *}"
  clock began
  "$mend" || die "the lab could not mend it: $mend"
  for alert in $alerts; do
    [ -n "${came[$alert]-}" ] || continue
    if await "$alert_limit" has_ended "$alert"; then
      clock ended
      went[$alert]=$(shown_time "$((ended - began))")
    else
      not_as_wanted "$what" "$alert did not end"
    fi
  done
  conclude_alarm "$what" "$alerts" "$companions${muted:+|${muted// /|}}"
}

not_as_wanted() { # WHAT WHICH
  bad "$2"
  fail pbx-a "$1: $2"
}

# The alarm's rows, and what fired beside it. Uses the variables of alarm().
conclude_alarm() { # WHAT ALERTS COMPANIONS
  local alert shown=$1 stray beside
  await "$alert_limit" is_silent || not_as_wanted "$1" "still firing: $(firing_now | tr '\n' ' ')"
  for alert in $2; do
    alarms+=("$shown"$'\t'"$alert"$'\t'"$(route_of "$alert")"$'\t'"${came[$alert]-NOT SEEN}"$'\t'"${went[$alert]-NOT SEEN}")
    shown=''
  done
  stray=$(strays "$2" "$3|$net")
  [ -z "$stray" ] || not_as_wanted "$1" "fired without a reason: $stray"
  beside=$(fired | while read -r alert; do [[ " $2 " == *" $alert "* ]] || printf '%s ' "$alert"; done)
  [ -z "$beside" ] || say "beside it, as it should: $beside"
  good "ended after ${went[${2%% *}]-NOT SEEN}"
}

# What somebody who is woken reads.
show_summary() { # ALERT
  curl -sf --max-time 10 "$alertmanager/api/v2/alerts" --get --data-urlencode "filter=alertname=\"$1\"" |
    jq -r 'first | .annotations.description // empty' | fold -s -w 100 | quote
}

print_alarms() {
  local row what alert route came went
  printf '\n    %s%-56s %-29s %-7s %9s %9s%s\n' "$bold" FAULT ALERT ROUTE CAME ENDED "$plain"
  for row in ${alarms[@]+"${alarms[@]}"}; do
    IFS=$'\t' read -r what alert route came went <<<"${row/#$'\t'/-$'\t'}"
    printf '    %-56s %-29s %-7s %9s %9s\n' "${what#-}" "$alert" "$route" "$came" "$went"
  done
}
