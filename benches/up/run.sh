#!/usr/bin/env bash
# How long does `esteira up` take on a new and on a used folder, and what does it cost when idle?
# CPU over 30 s and memory (PSS) are those of Esteira, its spare child and Postgres together.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../ops/lib.sh"
seconds=${IDLE_SECONDS:-30}
(cd "$repository" && cargo build --release --locked --bin esteira >&2)
esteira=$(target_dir)/release/esteira
data_dir=$(mktemp -d "${TMPDIR:-/tmp}/esteira-bench.XXXXXX")
trap 'stop_server; rm -rf -- "$data_dir"' EXIT

start() {
    local from
    from=$(date +%s%N)
    start_server "$esteira" up --data-dir "$data_dir" --listen 127.0.0.1:0 2>>"$data_dir.log" >&2
    echo "$(($(date +%s%N) - from))" >"$data_dir.took"
}
took() { awk '{ printf "%.2f", $1 / 1e9 }' "$data_dir.took"; }
# Esteira and everything below it.
family() {
    local found=("$server") index=0 child
    while [ "$index" -lt ${#found[@]} ]; do
        for child in $(pgrep -P "${found[$index]}"); do found+=("$child"); done
        index=$((index + 1))
    done
    echo "${found[@]}"
}
ticks() {
    local sum=0 pid
    for pid in $(family); do
        sum=$((sum + $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | awk '{ print $12 + $13 }' || echo 0)))
    done
    echo "$sum"
}
pss_kib() {
    local pid
    for pid in $(family); do cat "/proc/$pid/smaps_rollup" 2>/dev/null || true; done |
        awk '/^Pss:/ { sum += $2 } END { print sum }'
}

start
new=$(took)
stop_server
start
used=$(took)
sleep 5 # what the start itself left to do is not idling
before=$(ticks)
sleep "$seconds"
after=$(ticks)
memory=$(pss_kib)
rm -f "$data_dir.took" "$data_dir.log"
awk -v new="$new" -v used="$used" -v ticks="$((after - before))" -v hz="$(getconf CLK_TCK)" -v s="$seconds" \
    -v kib="$memory" 'BEGIN {
    printf "{\"bench\": \"up\", \"new_folder_seconds\": %s, \"used_folder_seconds\": %s, ", new, used
    printf "\"idle_cpu_percent\": %.2f, \"idle_pss_mib\": %.1f}\n", 100 * ticks / hz / s, kib / 1024
}'
