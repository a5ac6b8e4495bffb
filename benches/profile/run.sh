#!/usr/bin/env bash
# Where the time of a drain goes, inside Postgres: the statements by their time (pg_stat_statements, those inside of
# functions too), the plans of those that touch rows with their buffers and WAL (auto_explain), and the physical limits of
# the machine (pgbench with the same rows and commits). What the table of results says of goals that are missed rests on it.
# The last line is one JSON object.
# env: JOBS (10000), TENANTS (1).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lib.sh"
. "$here/limits.sh"
build_benches
jobs=${JOBS:-10000} tenants=${TENANTS:-1}
POSTGRES_OPTIONS="-c shared_preload_libraries=pg_stat_statements,auto_explain -c pg_stat_statements.track=all \
    -c auto_explain.log_nested_statements=on -c auto_explain.log_min_duration=-1 -c auto_explain.log_analyze=on \
    -c auto_explain.log_buffers=on -c auto_explain.log_wal=on -c auto_explain.log_timing=off"
start_postgres
psql "$admin_url/postgres" -qX -c "create extension pg_stat_statements"

plain=$(ours drain --jobs "$jobs" --tenants "$tenants")
psql "$admin_url/postgres" -X -P border=1 -c "
    select round(sum(total_exec_time)::numeric, 1) as ms, sum(calls) as calls, sum(rows) as rows,
           sum(shared_blks_hit) as hit, sum(wal_records) as wal_records, sum(wal_bytes) as wal_bytes,
           left(regexp_replace(query, '\s+', ' ', 'g'), 96) as statement
    from pg_stat_statements as s join pg_database as d on d.oid = s.dbid
    where d.datname = 'bench' and query ~ 'esteira|queue|outcomes|jobs'
    group by 7 order by sum(total_exec_time) desc limit 16"

# Once more with each plan written to the log; the longest of each statement is shown.
psql "$admin_url/postgres" -qX -c "alter system set auto_explain.log_min_duration = 0" -c "select pg_reload_conf()" >/dev/null
ours drain --jobs "$jobs" --tenants "$tenants" >/dev/null
python3 "$here/plans.py" "$scratch/log"
psql "$admin_url/postgres" -qX -c "alter system reset auto_explain.log_min_duration" -c "select pg_reload_conf()" >/dev/null
jq -nc --argjson drain "$plain" --argjson limits "$(limits 1000)" '$drain + {bench: "profile", limits: $limits}'
