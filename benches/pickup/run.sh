#!/usr/bin/env bash
# From before a submit to the first line of the job, on an idle queue; in turn with the peers on the same server.
# The last line is one JSON object. env: SAMPLES (120), RUNS (3).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
start_postgres
peer_lines="" own=""
for run in $(seq "${RUNS:-3}"); do
    line=$(ours pickup --samples "${SAMPLES:-120}"); echo "$line"; own+="$line"$'\n'
    lines=$(peers latency); [ -z "$lines" ] || echo "$lines"; peer_lines+="$lines"$'\n'
done
python3 "$(dirname "${BASH_SOURCE[0]}")/../ratio.py" pickup "$own" "$peer_lines"
