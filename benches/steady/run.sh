#!/usr/bin/env bash
# A steady load for an hour with autovacuum at its defaults, then with a transaction held open, then without it again:
# throughput, latency, the cost of claims and the size of the hot tables. A JSON line a look; the last is the summary.
# env: STEADY_MINUTES (60), HELD_MINUTES (10), AFTER_MINUTES (2), RATE (500 jobs a second), TENANTS (50), EVERY (10 seconds).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
POSTGRES_OPTIONS="-c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track=all -c compute_query_id=on ${POSTGRES_OPTIONS:-}"
start_postgres
measured steady --connections 8 --minutes "${STEADY_MINUTES:-60}" --held-minutes "${HELD_MINUTES:-10}" \
    --after-minutes "${AFTER_MINUTES:-2}" --rate "${RATE:-500}" --tenants "${TENANTS:-50}" --every "${EVERY:-10}"
