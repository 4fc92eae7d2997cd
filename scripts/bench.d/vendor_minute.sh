#!/usr/bin/env bash
# The vendor's check on a secondary whose primary is well, stated anew: once a minute a ping that is answered, and then the
# command that stops what is stopped already. That starts 86 programs, as counted on a real node's set of units; here each is
# a systemctl that only tells its version, so that what it would make systemd do is not counted.
#   vendor_minute.sh FOLDER ADDRESS
# FOLDER is only there to tell whose process this is.
set -euo pipefail
readonly starts=86
while true; do
  sleep $((60 - EPOCHSECONDS % 60))
  ping -n -q -c 1 -W 1 "$2" >/dev/null
  for ((i = 0; i < starts; i++)); do systemctl --version >/dev/null; done
done
