# What Postgres does at best with the rows that a job has here: plain statements by pgbench, without functions, fairness, lanes,
# leases, dependencies or tenants. Sourced by run.sh; needs $admin_url. Prints one JSON object.

# pgbench_run NAME MODE CLIENTS TRANSACTIONS [-D …]: transactions a second of the script of this name.
pgbench_run() {
    local name=$1 mode=$2 clients=$3 transactions=$4
    shift 4
    pgbench "$admin_url/limits" -n -M "$mode" -c "$clients" -j 1 -t "$transactions" "$@" -f "$here/$name.sql" 2>/dev/null |
        sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}

limits() {
    local commit belt tables
    psql "$admin_url/postgres" -qX -c "drop database if exists limits with (force)" -c "create database limits" 2>/dev/null
    psql "$admin_url/limits" -qX -v ON_ERROR_STOP=1 -v tables="$1" -f "$here/limits.sql" >/dev/null
    commit=$(pgbench_run limit_commit prepared 1 2000)
    belt=$(pgbench_run limit_belt prepared 2 250)
    # The name of a table cannot be a parameter.
    tables=$(pgbench_run limit_tables simple 2 2000 -D tables="$1")
    jq -nc --argjson commit "$commit" --argjson belt "$belt" --argjson tables "$tables" --argjson of "$1" '{
        commit_ms: (1e5 / $commit | round / 100),
        claim_and_settle_jobs_per_s: ($belt * 100 | round),
        outcomes_of_ten_jobs_into_one_table_of_many_jobs_per_s: ($tables * 10 | round), tables: $of}'
}
