#!/usr/bin/env bash
# How much does a report cost? The PDF and the workbook beside reportlab and openpyxl, from PyPI, with the same rows of the same
# dataset; and each of the three reports, on the way of every job, of a tenant with a million jobs in the period.
#
# PDF: an activity report of about 30 pages, as CPU seconds of one process, its start and the reading of the dataset
# included. XLSX: the same with 200,000 rows of what was made, with the peak of the memory. The last line is one JSON object.
# env: PEERS=0 leaves the others out; PDF_ROWS (880) and XLSX_ROWS (200000); RUNS (3, of which the median counts); JOBS (1000000);
# PLANS names a file for the plans of the statements, which Postgres tells by auto_explain.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib.sh
. "$here/../lib.sh"
ensure_packages python3-venv poppler-utils
# All of them, so that their dependencies are those of the binary, which are built already.
(cd "$repository" && cargo build --release --locked --package esteira --package esteira-benches --package esteira-report \
    --bin esteira --example report >&2)
render="$(target_dir)/release/examples/report" esteira="$(target_dir)/release/esteira"
POSTGRES_OPTIONS="-c shared_preload_libraries=auto_explain -c auto_explain.log_analyze=on" start_postgres
trap 'stop_server; stop_postgres' EXIT
rendered=$(mktemp -d "$scratch/rendered.XXXXXX")

peers=""
if [ "${PEERS:-1}" = 1 ]; then
    peers=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/report-peers
    if [ ! -x "$peers/bin/python" ]; then
        python3 -m venv "$peers"
        "$peers/bin/pip" install -q reportlab==5.1.0 openpyxl==3.1.5
    fi
fi
beside=$(python3 "$here/measure.py" --render "$render" --scratch "$rendered" --peers "$peers" \
    --pdf-rows "${PDF_ROWS:-880}" --xlsx-rows "${XLSX_ROWS:-200000}" --runs "${RUNS:-3}")

owned_database
data_dir=$scratch/data
DATABASE_URL=$engine_url start_server "$esteira" up --data-dir "$data_dir" --listen 127.0.0.1:0 2>"$scratch/up.log"
psql "$superuser_url" -qX -v ON_ERROR_STOP=1 -v jobs="${JOBS:-1000000}" -f "$here/fill.sql" >&2
psql "$superuser_url" -qX -c "alter system set auto_explain.log_min_duration = 0" -c "select pg_reload_conf()" >/dev/null

# Seconds from the claim to the settle, and the peaks of the worker (with its API) and of the child.
report() {
    local job
    echo 5 >"/proc/$server/clear_refs"
    job=$(printf '{"report": "%s", "period": "last_7_days"}' "$1" |
        "$esteira" --data-dir "$data_dir" job submit --kind report.generate --input - --wait)
    psql "$superuser_url" -qXAt -c "select json_build_object(
            'seconds', round(extract(epoch from o.finished_at - o.started_at), 2),
            'worker_peak_mib', $(awk '/VmHWM/ {print int($2 / 1024)}' "/proc/$server/status"),
            'child_peak_mib', a.peak_bytes >> 20, 'child_cpu_seconds', round(a.cpu_seconds::numeric, 2))
        from tenant_demo_schema.outcomes as o join tenant_demo_schema.attempts as a using (job_id) where o.job_id = '$job'"
}
of_jobs=$(for name in usage activity quality; do echo "\"$name\": $(report "$name")"; done | paste -sd,)
if [ -n "${PLANS:-}" ]; then
    # Of each statement on what the tenant has, with the time that it took.
    sed -n '/duration: .* plan:/,/^[0-9]\{4\}-/p' "$scratch/log" | grep -v '^[0-9]\{4\}-.*\(statement\|checkpoint\)' >"$PLANS"
fi
echo "{\"jobs\": ${JOBS:-1000000}, $of_jobs, \"beside\": $beside}"
