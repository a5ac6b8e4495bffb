#!/usr/bin/env bash
# How much does a report cost? Beside reportlab and openpyxl, from PyPI, with the same rows of the same dataset.
#
# PDF: an activity report of about 30 pages, as CPU seconds of one process, its start and the reading of the dataset
# included. XLSX: the same with 200,000 rows of what was made, with the peak of the memory. The last line is one JSON object.
# env: PEERS=0 leaves the others out; PDF_ROWS (880) and XLSX_ROWS (200000); RUNS (3, of which the median counts).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../ops/lib.sh
. "$here/../../ops/lib.sh"
ensure_packages python3-venv poppler-utils
(cd "$repository" && cargo build --release --locked --quiet -p esteira-report --example render >&2)
render="$(target_dir)/release/examples/render"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/esteira-reports.XXXXXX")
trap 'rm -rf -- "$scratch"' EXIT

peers=""
if [ "${PEERS:-1}" = 1 ]; then
    peers=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/report-peers
    if [ ! -x "$peers/bin/python" ]; then
        python3 -m venv "$peers"
        "$peers/bin/pip" install -q reportlab==5.1.0 openpyxl==3.1.5
    fi
fi
python3 "$here/measure.py" --render "$render" --scratch "$scratch" --peers "$peers" \
    --pdf-rows "${PDF_ROWS:-880}" --xlsx-rows "${XLSX_ROWS:-200000}" --runs "${RUNS:-3}"
