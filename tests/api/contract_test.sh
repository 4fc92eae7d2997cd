#!/usr/bin/env bash
# The document of the API: linted, and each operation of it asked of a running operator.
#   contract_test.sh TANDEM WAZO_SIM PACKAGES
# shellcheck disable=SC2154    # listen, work and others come from node.sh
set -euo pipefail
tandem=$1
export wazo_sim=$2
packages=$3
here=$(cd "$(dirname "$0")" && pwd)
document=$here/../../docs/reference/openapi.json
# shellcheck source=tests/end_to_end/node.sh
source "$here/../end_to_end/node.sh"

echo "the document is good OpenAPI"
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
  "$packages/node_modules/.bin/redocly" lint "$document" --config "$here/redocly.yaml"

make_node
expect 0 "$tandem" apply --structural --reason "first set-up"
start_operator
within 20 is_converged

TANDEM_NPM_PACKAGES=$packages node "$here/contract.mjs" "http://$listen" "$work/token" "$document"
