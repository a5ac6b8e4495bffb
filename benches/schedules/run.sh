#!/usr/bin/env bash
# 10,000 schedules of 100 tenants: what the scheduler and Postgres use while nothing is due, how many queries a minute, and how
# late the runs are when each is due once within a minute. The last line is one JSON object.
# env: TENANTS (100), EACH (100), IDLE_SECONDS (60).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
start_postgres
measured schedules --tenants "${TENANTS:-100}" --each "${EACH:-100}" --idle-seconds "${IDLE_SECONDS:-60}" | tail -n 1
