#!/usr/bin/env bash
# Are the slots shared by seconds and weight? 50 backlogged tenants, one of which has everything queued at once,
# visitors with single jobs, and tenants with a cap; in the queue, in a plain line, and in one that knows all costs.
# At a simulated time first, then with real workers; the last line is one JSON object.
# env: SLOTS (64), WORKERS (2), WINDOWS (3), FLOOD (100000), REAL_WINDOWS (2), SEED (1),
# PICTURE (a file for the shares over time, as SVG).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lib.sh"
build_benches
start_postgres
size=(--slots "${SLOTS:-64}" --workers "${WORKERS:-2}" --seed "${SEED:-1}")
simulated=""
for durations in mixed long-and-short; do
    line=$(ours fairness "${size[@]}" --windows "${WINDOWS:-3}" --flood "${FLOOD:-100000}" \
        --durations "$durations" --series "$scratch/$durations.json")
    echo "$line"
    simulated+="${simulated:+, }$line"
done
if [ -n "${PICTURE:-}" ]; then python3 "$here/picture.py" "$scratch/mixed.json" >"$PICTURE"; fi
# Four connections for each worker, as a process has them by default.
real=$(ours fairness-real "${size[@]}" --windows "${REAL_WINDOWS:-2}" --connections "$((4 * ${WORKERS:-2}))")
echo "$real"
echo "{\"bench\": \"fairness\", \"simulated\": [$simulated], \"real\": $real}"
