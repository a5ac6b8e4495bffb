#!/usr/bin/env bash
# Submits a second through HTTP while 99 of 100 answers come within 25 ms, and by the engine alone.
# Ever more callers, each waiting for its answer on a connection that stays open; the last line is one JSON object.
# env: CALLERS (1,2,4,8,16,32,64,128), STEP_SECONDS (5), P99_MILLIS (25).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
start_postgres
ours http --esteira "$esteira" --callers "${CALLERS:-1,2,4,8,16,32,64,128}" \
    --seconds "${STEP_SECONDS:-5}" --p99-millis "${P99_MILLIS:-25}"
