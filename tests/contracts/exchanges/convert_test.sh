#!/usr/bin/env bash
# The fixtures are what scripts/convert-exchanges makes of the recordings, byte for byte. Skipped (77) where
# $TANDEM_EXCHANGES does not say where these are.
#   convert_test.sh SOURCE_DIR
set -euo pipefail
[ -n "${TANDEM_EXCHANGES-}" ] || exit 77
exec "$1/scripts/convert-exchanges" --check "$TANDEM_EXCHANGES"
