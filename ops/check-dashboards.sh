#!/usr/bin/env bash
# Whether dashboards and rules ask for what there is: an Esteira at work, a Prometheus that watches it, and every query put to
# that. Before, the dashboards are held against the types that Grafana declares. `--pictures` draws docs/metrics/*.png anew.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
ensure_packages prometheus python3-venv python3-yaml
seconds=${LOAD_SECONDS:-90}
esteira=${ESTEIRA:-$(target_dir)/debug/esteira}

tools=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/dashboard-tools
if [ ! -x "$tools/bin/python" ] || ! "$tools/bin/pip" freeze | grep -q '^grafana[-_]foundation[-_]sdk==1769699379!11.6.0$'; then
    say "Installing grafana-foundation-sdk"
    python3 -m venv "$tools"
    "$tools/bin/pip" install -q 'grafana-foundation-sdk==1769699379!11.6.0' matplotlib==3.10.7 pyyaml==6.0.3
fi
cd "$repository/ops/grafana"
python3 dashboards.py --check
"$tools/bin/python" check_types.py

[ -x "$esteira" ] || { echo "no $esteira: cargo build" >&2; exit 1; }
scratch=$(mktemp -d "${TMPDIR:-/tmp}/esteira-dashboards.XXXXXX")
data_dir=$scratch/data
prometheus=
second=
finish() {
    for process in $second $prometheus; do
        kill -TERM "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    stop_server
    rm -rf -- "$scratch"
}
trap finish EXIT

# field NAME: what esteira.json says.
field() { jq -r ".$1" "$data_dir/esteira.json"; }
address() { field metrics_url | sed 's|http://||; s|/metrics||'; }

export ESTEIRA_WEBHOOKS_ALLOW_HTTP=true ESTEIRA_WEBHOOKS_ALLOWED_HOSTS=127.0.0.1 ESTEIRA_METRICS_LOOK_SECONDS=2
export ESTEIRA_LOG=warn
start_server "$esteira" up --data-dir "$data_dir" --listen 127.0.0.1:0
# A second worker: queries add up what several processes tell.
second_port=$((20000 + RANDOM % 20000))
secret() { jq -r ".$1" "$data_dir/secrets.json"; }
DATABASE_URL=$(field database_url) ESTEIRA_S3_ENDPOINT=$(field s3_endpoint) ESTEIRA_S3_BUCKET=esteira \
    ESTEIRA_S3_PATH_STYLE=true ESTEIRA_S3_ACCESS_KEY=$(secret s3_access_key) ESTEIRA_S3_SECRET_KEY=$(secret s3_secret_key) \
    ESTEIRA_WORK_DIR=$scratch/second ESTEIRA_METRICS_LISTEN=127.0.0.1:$second_port "$esteira" worker &
second=$!

# The configuration that comes along, at other addresses and in a hurry.
cp ../prometheus/*.rules.yml "$scratch"
sed "s/127.0.0.1:9600\"/$(address)\", \"127.0.0.1:$second_port\"/; s/interval: 15s/interval: 2s/; /^alerting:/,/9093/d" \
    ../prometheus/prometheus.yml >"$scratch/prometheus.yml"
port=$((20000 + RANDOM % 20000))
prometheus --config.file="$scratch/prometheus.yml" --storage.tsdb.path="$scratch/tsdb" --log.level=warn \
    --web.listen-address="127.0.0.1:$port" --enable-feature=exemplar-storage &
prometheus=$!

say "$seconds s of work"
python3 load.py "$data_dir/esteira.json" "$seconds"
url=http://127.0.0.1:$port
python3 check_queries.py "$url"
exemplars=$(curl -fs "$url/api/v1/query_exemplars" --data-urlencode 'query=esteira_job_run_seconds_bucket' \
    --data-urlencode "start=$(($(date +%s) - 900))" --data-urlencode "end=$(date +%s)" | jq '[.data[].exemplars[]] | length')
[ "$exemplars" -gt 0 ] || { echo "Prometheus keeps no exemplars" >&2; exit 1; }
echo "$exemplars exemplars name jobs"
if [ "${1:-}" = --pictures ]; then
    "$tools/bin/python" pictures.py "$url" "$repository/docs/metrics"
fi
