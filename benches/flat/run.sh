#!/usr/bin/env bash
# What a job costs from its claim to its settle, with few tenants and a short queue, and with many and a long one; and
# the memory of the server's sessions after that. The last line is one JSON object with the ratios.
# env: TENANTS (10000), QUEUED (1000000), ROUNDS (500), DRAIN (100000).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
start_postgres
tenants=${TENANTS:-10000} queued=${QUEUED:-1000000} rounds=${ROUNDS:-500} drain=${DRAIN:-100000}
few=$(measured flat --server-log "$scratch/log" --tenants 10 --queued 1000 --rounds "$rounds" --drain 900)
echo "$few"
many=$(measured flat --server-log "$scratch/log" --tenants "$tenants" --queued "$queued" --rounds "$rounds" --drain "$drain")
echo "$many"
python3 "$(dirname "${BASH_SOURCE[0]}")/../beside.py" flat "$few" "$many"
