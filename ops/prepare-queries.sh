#!/usr/bin/env bash
# Checks every query against the migrations on a throw-away Postgres, and writes what sqlx needs to know for
# builds without one into .sqlx. With --check nothing is written; it fails when .sqlx is out of date.
# Run it after a change of a query or a migration.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
mode=${1:-write}
cd "$repository"

binaries=${PG_BIN_DIR:-$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)}
[ -x "$binaries/initdb" ] || { echo "no Postgres server here: apt-get install postgresql" >&2; exit 1; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/esteira-queries.XXXXXX")
# Postgres refuses to run as root.
as_owner() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; else "$@"; fi; }
finish() {
    as_owner "$binaries/pg_ctl" -D "$scratch/cluster" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf -- "$scratch"
}
trap finish EXIT
[ "$(id -u)" = 0 ] && chown postgres "$scratch"

cd "$scratch"
as_owner "$binaries/initdb" -D "$scratch/cluster" -A trust -U postgres >"$scratch.log"
port=$((20000 + RANDOM % 20000))
as_owner "$binaries/pg_ctl" -D "$scratch/cluster" -w -l "$scratch/server.log" \
    -o "-p $port -k $scratch -c listen_addresses=127.0.0.1 -c fsync=off" start >>"$scratch.log"
rm -f "$scratch.log"
cd "$repository"
sql() { "$binaries/psql" -h 127.0.0.1 -p "$port" -U postgres -X -q -v ON_ERROR_STOP=1 "$@" postgres; }

# The engine makes this schema and this table before its first migration.
sql -c "create schema esteira; create table esteira.migrations (version integer primary key, name text not null,
        checksum bytea not null, applied_at timestamptz not null default now())"
for file in migrations/control/*.sql; do sql -1 -f "$file"; done
# Queries of a tenant's tables name no schema: at run time the search path is the tenant's.
sql -c "create schema tenant_any_schema" -c "alter database postgres set search_path = tenant_any_schema"
for file in migrations/tenant/*.sql; do sed 's/{slug}/any/g' "$file" | sql -1 -f -; done

mkdir "$scratch/found"
chmod 755 "$scratch"
touch engine/src/lib.rs # the macros look at the database only while the engine is compiled
SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$scratch/found DATABASE_URL=postgres://postgres@127.0.0.1:$port/postgres \
    cargo check -q --workspace --locked

if [ "$mode" = --check ]; then
    diff -rq .sqlx "$scratch/found" || { echo ".sqlx is out of date: run ops/prepare-queries.sh" >&2; exit 1; }
else
    rm -rf .sqlx
    cp -r "$scratch/found" .sqlx
fi
echo "$(find "$scratch/found" -type f | wc -l) queries fit the migrations"
