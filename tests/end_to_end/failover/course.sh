#!/usr/bin/env bash
# One course of scenes with a pair of its own: course.sh NAME. Started by failover_test.sh.
# shellcheck disable=SC2154  # $net, $home and the programs come from failover_test.sh
set -euo pipefail
course=$1
# shellcheck source=tests/end_to_end/failover/telling.sh
. "$here/telling.sh"
# shellcheck source=tests/end_to_end/failover/network.sh
. "$here/network.sh"
# shellcheck source=tests/end_to_end/failover/host.sh
. "$here/host.sh"
# shellcheck source=tests/end_to_end/failover/pair.sh
. "$here/pair.sh"
# shellcheck source=tests/end_to_end/failover/phone.sh
. "$here/phone.sh"
# shellcheck source=/dev/null
. "$here/scenes_$course.sh"

trap remove_network EXIT
trap 'exit 143' TERM INT HUP
began=$SECONDS
"course_$course"
no_secret_is_told
echo "[$course] done after $((SECONDS - began)) s"
