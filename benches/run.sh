#!/usr/bin/env bash
# benches/run.sh NAME: measures one thing; the last line of output is one JSON object.
# benches/run.sh all: measures everything, one after the other; the last line is one JSON object with all of them by name.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

names() {
    local script
    for script in "$here"/*/run.sh; do basename "$(dirname "$script")"; done
}

# Each bench's output as it comes, and its last line once more in the end. One that fails does not keep the others
# from being measured: it is null, and the whole fails.
run_all() {
    local name failed=() all=()
    output=$(mktemp "${TMPDIR:-/tmp}/esteira-bench.XXXXXX")
    trap 'rm -f -- "$output"' EXIT
    for name in $(names); do
        echo "== $name ==" >&2
        if "$here/$name/run.sh" | tee "$output"; then
            all+=("\"$name\": $(tail -n 1 "$output")")
        else
            failed+=("$name")
            all+=("\"$name\": null")
        fi
    done
    [ ${#failed[@]} = 0 ] || echo "failed: ${failed[*]}" >&2
    local IFS=,
    echo "{${all[*]}}"
    [ ${#failed[@]} = 0 ]
}

name=${1:-}
if [ "$name" = all ]; then
    run_all
    exit
fi
if [ -z "$name" ] || [ ! -x "$here/$name/run.sh" ]; then
    echo "usage: benches/run.sh NAME, where NAME is one of:" >&2
    names >&2
    echo "all" >&2
    exit 2
fi
shift
exec "$here/$name/run.sh" "$@"
