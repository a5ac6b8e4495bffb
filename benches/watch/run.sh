#!/usr/bin/env bash
# From before progress is written to the moment each of 1,000 open streams of one API process has told it.
# The last line is one JSON object. env: STREAMS (1000), TENANTS (10), ROUNDS (20), QUIET_SECONDS (10).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
ulimit -n "$(ulimit -Hn)"
build_benches
start_postgres
esteira=$(dirname "$benches")/esteira
ours watch --esteira "$esteira" --streams "${STREAMS:-1000}" --tenants "${TENANTS:-10}" --rounds "${ROUNDS:-20}" \
    --quiet-seconds "${QUIET_SECONDS:-10}"
