#!/usr/bin/env bash
# Installs what the tests need and runs all of them. Nothing outside this repository is read.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Word splitting of the lists is meant.
# shellcheck disable=SC2086
ensure_packages $build_packages $run_packages $test_packages
ensure_pdfium
ensure_rust
ensure_test_tools
ensure_moto
fetch_wheels

cd "$repository"
# Query data are checked in, so that a build asks no database, whatever DATABASE_URL says.
unset DATABASE_URL
export SQLX_OFFLINE=true
# The models come by the command that users have, built as the tests build it.
cargo test --workspace --locked --no-run
ensure_models "$(target_dir)/debug/esteira"
cargo test --workspace --locked "$@"

# The engine once more, with a pooler in transaction mode before Postgres.
if [ $# = 0 ]; then
    ESTEIRA_TEST_PGBOUNCER=1 cargo test --workspace --locked --test suite
fi
