#!/usr/bin/env bash
# Sends a server what its description allows and what it forbids, and looks whether every answer is one that the
# description promises: once with a tenant's key, beside another tenant that must see none of it, and once with an
# operator's. Nothing is drawn by chance, so that what is found today is found again. What is not a finding, and why,
# is said in schemathesis.toml.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Word splitting of the lists is meant.
# shellcheck disable=SC2086
ensure_packages $build_packages $run_packages curl python3-venv jq
ensure_rust
tools=${XDG_CACHE_HOME:-$HOME/.cache}/esteira/schemathesis
if ! "$tools/bin/pip" freeze 2>/dev/null | grep -qx "schemathesis==4.32.5"; then
    say "Installing schemathesis"
    python3 -m venv "$tools"
    "$tools/bin/pip" install -q schemathesis==4.32.5
fi

if [ -z "${ESTEIRA:-}" ]; then
    say "Building Esteira"
    (cd "$repository" && env -u DATABASE_URL SQLX_OFFLINE=true cargo build --workspace --locked --bin esteira)
    ESTEIRA=$(target_dir)/debug/esteira
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/esteira-schemathesis.XXXXXX")
export ESTEIRA_DATA_DIR=$work/data
data_dir=$ESTEIRA_DATA_DIR
trap 'stop_server; rm -rf -- "$work"' EXIT

say "Starting a server of its own"
start_server "$ESTEIRA" up --listen 127.0.0.1:0 >"$work/server.log" 2>&1
url=$(jq -r .url "$data_dir/esteira.json")
# The tenant of the examples, with a key of every scope, and one that must see nothing of it.
scopes="--scope jobs:read --scope jobs:write --scope schedules:write --scope webhooks:write --scope tenant:admin"
for slug in acme rival; do
    "$ESTEIRA" tenant create "$slug" >/dev/null
    # shellcheck disable=SC2086
    key=$("$ESTEIRA" key create "$slug" --name schemathesis $scopes 2>/dev/null)
    jq -n --arg name "$slug" --arg value "Bearer $key" '{$name, fixedHeaders: [{name: "Authorization", $value}]}'
    [ "$slug" = acme ] && acme=$key
done >"$work/callers"
jq -n --arg value "Bearer $(jq -r .operator_key "$data_dir/esteira.json")" \
    '{name: "operator", fixedHeaders: [{name: "Authorization", $value}]}' >>"$work/callers"
jq -s '{auth: .}' "$work/callers" >"$work/callers.json"

# The file that the examples of the description name.
printf '%s' iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg== |
    base64 -d >"$work/dot.png"
UPLOAD=$("$ESTEIRA" file put "$work/dot.png" --url "$url" --api-key "$acme")
export PYTHONDONTWRITEBYTECODE=1 UPLOAD CALLERS=$work/callers.json PYTHONPATH=$repository/ops

# tried NAME …: lets NAME call the operations that the other arguments pick. What follows the links from one to the
# next runs by itself: after the others it would try a few of them alone.
tried() {
    local name=$1 phases
    shift
    for phases in examples,coverage,fuzzing stateful; do
        say "As $name: $phases"
        (cd "$work" && "$tools/bin/schemathesis" --config-file "$repository/ops/schemathesis.toml" run \
            "$url/openapi.json" --auth-wfc-user "$name" --phases "$phases" "$@") || ended=1
    done
}
operators=(tenants keys queues workers)
ended=0
tried acme "${operators[@]/#/--exclude-tag=}"
tried operator "${operators[@]/#/--include-tag=}" --include-operation-id get_tenant_usage
exit "$ended"
