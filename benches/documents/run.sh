#!/usr/bin/env bash
# How well and how fast are documents read? Beside PyMuPDF, the wheel of kreuzberg and markitdown, in the same run.
#
# Quality: each document of a corpus that ESTEIRA_CORPUS names (a folder with `open/`, `SOURCES.tsv` and `score.py`), as
# its score.py scores it. Speed: 100 pages of the manual in Debian's package debian-reference-pt as CPU seconds of one
# process, its start included; ten of its pages as scans of 200 dpi; pictures of its pages; the peak memory of 1,000 pages.
# Last, small documents of many tenants go through a whole `esteira up`. The last two lines are a JSON object each.
# env: ESTEIRA_CORPUS; PEERS=0 leaves the others out; PAGES (100), SCANS (10), LONG (1000), DOCUMENTS (1000), TENANTS (20).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../ops/lib.sh
. "$here/../../ops/lib.sh"
# shellcheck disable=SC2086
ensure_packages $run_packages debian-reference-pt qpdf poppler-utils python3-venv
ensure_pdfium
(cd "$repository" && cargo build --release --locked --quiet -p esteira -p esteira-document --bin esteira --example extract >&2)
esteira="$(target_dir)/release/esteira"
extract="$(target_dir)/release/examples/extract"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/esteira-documents.XXXXXX")
trap 'rm -rf -- "$scratch"' EXIT

peers=""
if [ "${PEERS:-1}" = 1 ]; then
    peers=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/document-peers
    if [ ! -x "$peers/bin/markitdown" ]; then
        python3 -m venv "$peers"
        "$peers/bin/pip" install -q pymupdf==2.0 kreuzberg==4.10.4 'markitdown[pdf,docx,xlsx,pptx]==0.1.9'
    fi
fi
python3 "$here/measure.py" --extract "$extract" --scratch "$scratch" --peers "$peers" \
    --corpus "${ESTEIRA_CORPUS:-}" --pages "${PAGES:-100}" --scans "${SCANS:-10}" --long "${LONG:-1000}"
# Postgres refuses to run as root: `esteira up` takes another user for it, who has to reach the folder.
chmod 755 "$scratch"
python3 "$here/throughput.py" --esteira "$esteira" --extract "$extract" --scratch "$scratch" \
    --documents "${DOCUMENTS:-1000}" --tenants "${TENANTS:-20}"
