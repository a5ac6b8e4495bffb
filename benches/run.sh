#!/usr/bin/env bash
# benches/run.sh NAME: measures one thing; the last line of output is one JSON object.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=${1:-}
if [ -z "$name" ] || [ ! -x "$here/$name/run.sh" ]; then
    echo "usage: benches/run.sh NAME, where NAME is one of:" >&2
    for script in "$here"/*/run.sh; do basename "$(dirname "$script")"; done >&2
    exit 2
fi
shift
exec "$here/$name/run.sh" "$@"
