#!/usr/bin/env bash
# Uses the console as people do, in a real Chromium on a server of its own: ops/console/test.mjs. The last line is what the
# first view costs; with LONGEST_MS=1000 it fails where that is not there in a second. With PICTURES=FOLDER every view is also
# kept as a picture there.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Word splitting of the lists is meant.
# shellcheck disable=SC2086
ensure_packages $build_packages $run_packages chromium postgresql-client pocketsphinx-testdata
# Node from elsewhere brings npm along, and Debian's does not go beside it.
command -v npm >/dev/null || ensure_packages nodejs npm
ensure_pdfium
ensure_rust
tools=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/console-test
wanted="playwright-core@1.65.1 axe-core@4.14.1"
if [ "$(cat "$tools/installed" 2>/dev/null)" != "$wanted" ]; then
    say "Installing $wanted"
    mkdir -p "$tools"
    # What drives the browser, and what looks whether everybody can use a page; neither brings anything else along.
    # shellcheck disable=SC2086
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$tools" $wanted >&2
    echo "$wanted" >"$tools/installed"
fi

if [ -z "${ESTEIRA:-}" ]; then
    say "Building Esteira"
    (cd "$repository" && env -u DATABASE_URL SQLX_OFFLINE=true cargo build --workspace --locked --bin esteira)
    ESTEIRA=$(target_dir)/debug/esteira
fi
ensure_models "$ESTEIRA"
# Modules look for others beside them.
work=$(mktemp -d "${TMPDIR:-/tmp}/esteira-console-test.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
cp "$repository"/ops/console/*.mjs "$work"
ln -s "$tools/node_modules" "$work/node_modules"
node "$work/test.mjs" "$ESTEIRA" "${PICTURES:-}"
