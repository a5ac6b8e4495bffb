#!/usr/bin/env bash
# What becomes of spoilt documents? COUNT of each format that `document.extract` reads, spoilt by jobs/document/examples/mutated,
# always in the same way, from what the tests of the crate write, a few documents of the program's own and, with ESTEIRA_CORPUS
# (a folder with `open/`), those of a corpus. Each may use 30 s of the CPU and the address space of the kind's child; the harm
# that any does is told on its way, and in the end. The last line is one JSON object.
# env: ESTEIRA_CORPUS; COUNT (200 of each format); JOBS (2 processes); ONLY (formats, apart by commas); KEEP (a folder for those
# that did harm).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../ops/lib.sh
. "$here/../../ops/lib.sh"
# shellcheck disable=SC2086
ensure_packages $run_packages
ensure_pdfium
scratch=$(mktemp -d "${TMPDIR:-/tmp}/esteira-mutated.XXXXXX")
trap 'rm -rf -- "$scratch"' EXIT
mkdir "$scratch/seeds"
(cd "$repository" && cargo build --release --locked --quiet -p esteira-document --features fuzzing --example mutated >&2)
(cd "$repository" && ESTEIRA_SEEDS="$scratch/seeds" cargo test --release --locked --quiet -p esteira-document --features fuzzing --lib >&2)

seeds=("$scratch/seeds")
[ -z "${ESTEIRA_CORPUS:-}" ] || seeds+=("$ESTEIRA_CORPUS/open")
options=()
[ -z "${ONLY:-}" ] || options+=(--only "$ONLY")
[ -z "${KEEP:-}" ] || options+=(--keep "$KEEP")
TMPDIR=$scratch "$(target_dir)/release/examples/mutated" "${COUNT:-200}" "${JOBS:-2}" "${options[@]}" "${seeds[@]}"
