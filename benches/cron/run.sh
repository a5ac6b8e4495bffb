#!/usr/bin/env bash
# The instants of 10,000 random cron texts, zones and starts, beside those of the Python library croniter. Each difference is
# explained by a rule that the two do not share, or it is a failure. The last line is one JSON object.
# env: TEXTS (10000), SEED (1).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
tools=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/croniter-7.0.0
if [ ! -x "$tools/bin/python" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install -q croniter==7.0.0 tzdata==2026.6
fi
(cd "$repository" && cargo build --locked --package esteira-scheduler --example due >&2)
"$tools/bin/python" "$(dirname "${BASH_SOURCE[0]}")/compare.py" "$(target_dir)/debug/examples/due" \
    "${TEXTS:-10000}" "${SEED:-1}"
