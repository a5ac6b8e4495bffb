#!/usr/bin/env bash
# Real processes of Esteira, a real Postgres with its standby and an S3, shot at while thousands of jobs run: is each
# job accounted for? The last line is one JSON object, which says which faults were survived; exit code 1 if the
# accounting fails.
#   benches/run.sh chaos                 10,000 jobs of 20 tenants in 15 minutes
#   benches/run.sh chaos --minutes 2     the same rate in less time        
#   benches/run.sh chaos --hours 8       the same for long
#   …                    --seed N        the jobs and the faults of an earlier run; --only NAME,NAME these faults alone
# env: CHAOS_MINUTES (as --minutes); CHAOS_KEEP=1 keeps the folder with the logs of a run that failed.
# Disks can be full only as root, and clocks be off only with Debian's libfaketime; what this machine cannot have is
# named in the result as skipped.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
build_benches
dir=$(mktemp -d "${TMPDIR:-/tmp}/esteira-chaos.XXXXXX")
# The user of the servers has to walk through it.
chmod 711 "$dir"
[ -n "${CHAOS_MINUTES:-}" ] && set -- --minutes "$CHAOS_MINUTES" "$@"

# The program ends what it started, unless it is killed itself. What then is left is found by its folder.
clear_up() {
    local status=$? mount
    if [ -n "${chaos:-}" ] && kill -TERM "$chaos" 2>/dev/null; then wait "$chaos" || true; fi
    for process in $(grep -lsF "$dir" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3 | sort -u); do
        [ "$process" = "$$" ] || kill -KILL "$process" 2>/dev/null || true
    done
    for mount in $(awk -v dir="$dir/" 'index($2, dir) == 1 { print $2 }' /proc/mounts); do umount --lazy "$mount"; done
    if [ "$status" = 0 ] || [ -z "${CHAOS_KEEP:-}" ]; then rm -rf -- "$dir"; else echo "kept: $dir" >&2; fi
    exit "$status"
}
trap clear_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$benches" chaos --program "$(dirname "$benches")/esteira-chaos" --dir "$dir" "$@" &
chaos=$!
wait "$chaos"
