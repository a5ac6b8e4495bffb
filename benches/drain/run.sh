#!/usr/bin/env bash
# A full queue of jobs that do nothing, emptied by one worker: jobs a second, and CPU time a job.
# One tenant and many tenants, in turn with the peers on the same server; the last line is one JSON object.
# env: JOBS (10000), RUNS (3), TENANTS (1000).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
start_postgres
jobs=${JOBS:-10000} runs=${RUNS:-3} tenants=${TENANTS:-1000}
peer_lines="" one="" many=""
for run in $(seq "$runs"); do
    line=$(ours drain --jobs "$jobs" --tenants 1); echo "$line"; one+="$line"$'\n'
    lines=$(peers drain); [ -z "$lines" ] || echo "$lines"; peer_lines+="$lines"$'\n'
    line=$(ours drain --jobs "$jobs" --tenants "$tenants"); echo "$line"; many+="$line"$'\n'
done
python3 "$(dirname "${BASH_SOURCE[0]}")/../ratio.py" drain "$one" "$many" "$peer_lines"
