#!/usr/bin/env bash
# From the claim of a job to the first line of its kind: Postgres, worker, spare child and sandbox.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../../ops/lib.sh"
# Both packages, so that their dependencies are those of the binary, which are built already.
(cd "$repository" && cargo build --release --locked --package esteira --package esteira-benches >&2)
"$(target_dir)/release/esteira-benches" start "$@"
