#!/usr/bin/env bash
# Jobs taken: one by one, by eight callers at once, in bulks of 1,000; in turn with the peers on the same server.
# The last line is one JSON object. env: SINGLE (2000), BULK (20000), RUNS (3).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
start_postgres
peer_lines="" own=""
for run in $(seq "${RUNS:-3}"); do
    line=$(ours submit --single "${SINGLE:-2000}" --bulk "${BULK:-20000}"); echo "$line"; own+="$line"$'\n'
    lines=$(peers enqueue); [ -z "$lines" ] || echo "$lines"; peer_lines+="$lines"$'\n'
done
python3 "$(dirname "${BASH_SOURCE[0]}")/../ratio.py" submit "$own" "$peer_lines"
