#!/usr/bin/env bash
# What a job costs from its claim to its settle, without history and with millions of jobs that ended long ago.
# The last line is one JSON object with the ratios. env: FINISHED (10000000), TENANTS (100), QUEUED (10000), ROUNDS (500).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
start_postgres
tenants=${TENANTS:-100} queued=${QUEUED:-10000} rounds=${ROUNDS:-500}
none=$(measured flat --server-log "$scratch/log" --tenants "$tenants" --queued "$queued" --rounds "$rounds" --finished 0)
echo "$none"
long=$(measured flat --server-log "$scratch/log" --tenants "$tenants" --queued "$queued" --rounds "$rounds" \
    --finished "${FINISHED:-10000000}")
echo "$long"
python3 "$(dirname "${BASH_SOURCE[0]}")/../beside.py" history "$none" "$long"
