#!/usr/bin/env bash
# What a request costs beside a million jobs of its tenant: submit, get, list, usage, wait. Latency, and CPU of the
# process that answers, of Postgres and of who asks. The last line is one JSON object.
# env: JOBS (1000000), QUEUED (10000), CALLERS (8), STEP_SECONDS (5), WAITS (200).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
start_postgres
measured api --esteira "$esteira" --jobs "${JOBS:-1000000}" --queued "${QUEUED:-10000}" --callers "${CALLERS:-8}" \
    --seconds "${STEP_SECONDS:-5}" --waits "${WAITS:-200}"
