#!/usr/bin/env bash
# Tenants made one after another, and migrated by one version: by several connections, by one, killed in the middle
# and resumed with a tenant set aside. The last line is one JSON object.
# env: TENANTS (1000), MIGRATE_CONNECTIONS (4).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
start_postgres
measured tenants --tenants "${TENANTS:-1000}" --migrate-connections "${MIGRATE_CONNECTIONS:-4}"
