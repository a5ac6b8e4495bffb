#!/usr/bin/env bash
# Runs the procedures of ops/runbook.md on a Postgres and an S3 of its own: a backup under load, the end of everything, a restore with
# each file compared; one tenant exported, deleted, imported; an upgrade under load; more workers, and a drain; new keys, passwords, secrets.
# env: ESTEIRA, a binary, built without it; PREVIOUS, that of the release before, with which everything then begins.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# Word splitting of the lists is meant.
# shellcheck disable=SC2086
ensure_packages $run_packages $backup_packages jq openssl curl python3
if [ -z "${ESTEIRA:-}" ]; then
    # shellcheck disable=SC2086
    ensure_packages $build_packages
    ensure_pdfium
    ensure_rust
    say "Building Esteira"
    (cd "$repository" && env -u DATABASE_URL SQLX_OFFLINE=true cargo build --workspace --locked --bin esteira)
    ESTEIRA=$(target_dir)/debug/esteira
fi
program=${PREVIOUS:-$ESTEIRA} # what roles are started with
jobs=40                       # of a load; the API lists a hundred at a time
work=$(mktemp -d "${TMPDIR:-/tmp}/esteira-procedures.XXXXXX")
declare -A running=()

# Ends all that was started; after a failure, with the last words of the roles.
finish() {
    local status=$? pid
    for pid in "${running[@]}" "${load:-}" "${receiver:-}"; do
        [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null || true
    done
    for pid in "${running[@]}"; do wait "$pid" 2>/dev/null || true; done
    stop_server
    [ "$status" = 0 ] || tail -n 20 "$work"/*.log >&2
    rm -rf -- "$work"
}
trap finish EXIT

fail() { echo "$*" >&2; exit 1; }
ask() { "$ESTEIRA" "$@"; }
# refused WORDS COMMAND…: fails unless it fails, and says so.
refused() {
    local words=$1 said
    shift
    ! said=$("$@" 2>&1) || fail "was not refused: $*"
    grep -qF -- "$words" <<<"$said" || fail "was refused for another reason: $said"
}
# until_so COMMAND…: waits until it succeeds; five minutes are no measure, but an end.
until_so() {
    local tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 600 ] || fail "did not come true: $*"
        sleep 0.5
    done
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# servers NAME: Postgres and S3 by an `esteira up`, and on them an empty database and an empty place for the roles below.
servers() {
    local address password
    data_dir=$work/$1
    start_server env ESTEIRA_METRICS_LISTEN=off "$ESTEIRA" up --data-dir "$data_dir" --listen 127.0.0.1:0 >>"$work/up.log" 2>&1
    address=$(jq -r .database_url "$data_dir/esteira.json" | sed 's/.*@//; s/[/].*//')
    password=$(jq -r .superuser_password "$data_dir/postgres.json")
    admin=postgres://postgres:$password@$address/production
    psql -X -q -v ON_ERROR_STOP=1 "${admin%production}postgres" \
        -c "create role production login createrole noinherit password 'first'" -c "create database production owner production"
    settings=(
        "DATABASE_URL=postgres://production:first@$address/production"
        ESTEIRA_S3_BUCKET=esteira ESTEIRA_S3_PREFIX=production/ ESTEIRA_S3_PATH_STYLE=true
        "ESTEIRA_S3_ENDPOINT=$(jq -r .s3_endpoint "$data_dir/esteira.json")"
        "ESTEIRA_S3_ACCESS_KEY=$(jq -r .s3_access_key "$data_dir/secrets.json")"
        "ESTEIRA_S3_SECRET_KEY=$(jq -r .s3_secret_key "$data_dir/secrets.json")"
        "ESTEIRA_WORK_DIR=$work/attempts" ESTEIRA_METRICS_LISTEN=off ESTEIRA_API_DRAIN_SECONDS=0
        # What runs at the end of a worker is handed back at once.
        ESTEIRA_WORKER_GRACE_SECONDS=0
        ESTEIRA_WEBHOOKS_ALLOW_HTTP=true "ESTEIRA_WEBHOOKS_ALLOWED_HOSTS=127.0.0.1:$hook_port"
    )
}

# start NAME ROLE…, stop NAME: a process, and its end in order.
start() {
    local name=$1
    shift
    env "${settings[@]}" "$program" "$@" 2>>"$work/roles.log" &
    running[$name]=$!
}
stop() {
    kill -TERM "${running[$1]}"
    wait "${running[$1]}" || fail "$1 did not end in order"
    unset "running[$1]"
}
start_worker() { start "$1" worker --concurrency document.extract=2; }
start_roles() {
    start api api --listen "${ESTEIRA_URL#http://}"
    start scheduler scheduler
    start_worker worker_1
    start_worker worker_2
    until_so ask health
}
# Each process is replaced by another, workers first beside the old ones.
roll() {
    local name
    for name in worker_1 worker_2; do
        running[old]=${running[$name]}
        start_worker "$name"
        stop old
    done
    stop scheduler
    start scheduler scheduler
    stop api
    start api api --listen "${ESTEIRA_URL#http://}"
    until_so ask health
}
migrate() { env "${settings[@]}" "$1" migrate 2>>"$work/roles.log"; }

later= # a job that is not to run before long
# submit NAME: a job on a file of its own. Sent again after an answer that was lost, it is the same request, and so the same job.
submit() {
    local file=$work/$1
    if [ ! -e "$file.source" ]; then
        # Long enough that workers have something to do when their end comes.
        { printf '# Contrato %s\n\n' "$1"; seq -f 'Cláusula %g: o prazo é de doze meses.' 4000; } >"$file.md"
        ask file put "$file.md" >"$file.answer" || return
        mv "$file.answer" "$file.source"
    fi
    ask job submit --kind document.extract --idempotency-key "$1" --input - <<<"{\"source\": \"$(cat "$file.source")\"}"
}
# submit_all NAME: a load, whose ids go into NAME.ids; each job is sent until it is taken.
submit_all() {
    local number tries=0
    for number in $(seq "$jobs"); do
        until submit "$1-$number" >>"$work/$1.ids" 2>>"$work/refused.log"; do
            tries=$((tries + 1))
            [ "$tries" -lt 600 ] || fail "job $number was not taken"
            sleep 0.2
        done
    done
}
begin_load() { submit_all "$1" & load=$!; }
# Waits for the end of a load: each job that was taken has succeeded, without a lost attempt, and none came twice.
end_load() {
    wait "$load"
    load=
    until_so all_over
    local lost
    [ "$(sort -u "$work/$1.ids" | wc -l)" = "$jobs" ] || fail "jobs came twice"
    while read -r id; do
        lost=$(ask job get "$id" --json | jq -r 'select(.state != "succeeded" or .attempt != 1) | "\(.state) \(.attempt)"')
        [ -z "$lost" ] || fail "job $id: $lost"
    done <"$work/$1.ids"
    echo "$jobs jobs: all succeeded, at their first attempt" >&2
}
# Of the last hundred jobs, and but for the one of later: one look at all, since a job that is taken from a worker waits again.
all_over() {
    ask job list --limit 100 --json |
        jq -e --arg later "$later" 'all(.[]; .id == $later or (.state | IN("succeeded", "failed", "cancelled")))'
}

# known_files: what the API says of the files of each job; same_files LIST fetches those of a list, and compares.
known_files() { ask job list --limit 100 --state succeeded --json | jq -r '.[] | .id as $id | .artifacts[] | "\(.sha256)  \($id)/\(.name)"'; }
same_files() {
    local name
    while read -r _ name; do
        mkdir -p "$work/fetched/$(dirname "$name")"
        ask artifact get "${name%%/*}" "${name#*/}" -o "$work/fetched/$name" >>"$work/fetched.log" 2>&1
    done <"$1"
    (cd "$work/fetched" && sha256sum --check --quiet --strict "$1")
    rm -rf "$work/fetched"
    echo "$(wc -l <"$1") files fetched, each as it was" >&2
}
new_key() { ask key create acme --name "$1" --scope jobs:read --scope jobs:write --scope schedules:write --scope webhooks:write --json; }
valid() { ESTEIRA_API_KEY=$1 ask job list --json; }

# A receiver of webhooks: each message becomes a line.
hook_port=$(free_port)
python3 - "$hook_port" "$work/told" <<'PYTHON' &
import http.server, json, sys

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        with open(sys.argv[2], "a") as told:
            told.write(json.dumps({name: self.headers["webhook-" + name] for name in ("id", "timestamp", "signature")} | {"body": body}) + "\n")
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
PYTHON
receiver=$!
# signed SECRET LINE: whether a message bears this secret's signature.
signed() {
    local key signature
    key=$(base64 -d <<<"${1#whsec_}" | od -An -v -tx1 | tr -d ' \n')
    signature=$(jq -j '.id + "." + .timestamp + "." + .body' <<<"$2" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
    jq -e --arg one "v1,$signature" '.signature | split(" ") | index($one)' <<<"$2" >/dev/null
}
# message: what a test of the webhook brings.
message() {
    rm -f "$work/told"
    ask webhook test "$hook" >/dev/null
    until_so test -s "$work/told"
    head -n 1 "$work/told"
}

export ESTEIRA_URL ESTEIRA_API_KEY ESTEIRA_OPERATOR_KEY
ESTEIRA_URL=http://127.0.0.1:$(free_port)
ESTEIRA_OPERATOR_KEY=est_$(openssl rand -hex 32)

say "An Esteira with files, jobs, a schedule and a webhook"
servers one
migrate "$program"
start_roles
ask tenant create acme >/dev/null
psql -X -q "$admin" -c "create role application login password 'app'"
ask tenant grant-submit acme application >/dev/null
first=$(new_key app)
ESTEIRA_API_KEY=$(jq -r .key <<<"$first")
for number in 1 2 3; do submit "before-$number" >/dev/null; done
later=$(ask job submit --kind document.extract --run-at 2100-01-01T00:00:00Z --input - <<<"{\"source\": \"$(ask file put "$work/before-1.md")\"}")
ask schedule create --name nightly --cron '0 2 * * *' --kind report.generate --input - >/dev/null \
    <<<'{"report": "usage", "period": "last_7_days", "formats": ["csv"]}'
until_so all_over
known_files >"$work/files"
schedules=$(ask schedule list --json)

say "A backup under load"
begin_load load
until_so test -s "$work/load.ids"
copy=$(env "${settings[@]}" BACKUP_DATABASE_URL="$admin" "$repository/ops/backup.sh" "$work/backup")
end_load load

say "The end of everything"
for name in "${!running[@]}"; do stop "$name"; done
stop_server
rm -rf "$work/one"

say "A restore on new servers"
servers two
restoring=("$repository/ops/restore.sh" "$copy")
restore() { env "${settings[@]}" RESTORE_DATABASE_URL="$admin" "${restoring[@]}"; }
refused 'something at this place' env "${settings[@]}" ESTEIRA_S3_PREFIX= RESTORE_DATABASE_URL="$admin" "${restoring[@]}"
# A copy that lacks a file, or has another, is refused before anything is written.
object=$(find "$work/backup/objects" -path "*/jobs/$(sed -n '1s/.*  \(.*\)[/].*/\1/p' "$work/files")/*/document.md")
mv "$object" "$work/object"
refused 'files are missing or others' restore
echo other >"$object"
refused 'files are missing or others' restore
mv "$work/object" "$object"
restore
refused 'there is an Esteira' restore
migrate "$program"
start_roles
by_sql=$(psql -X -q -At -v ON_ERROR_STOP=1 "$admin" -c "set role application" \
    -c "select esteira.submit('acme', 'document.extract', '{\"source\": \"$(cat "$work/before-1.source")\"}')")
until_so all_over
[ "$(ask job get "$by_sql" --json | jq -r .state)" = succeeded ] || fail "the role of an application lost its right"
same_files "$work/files"
[ "$(ask job get "$later" --json | jq -r .state)" = scheduled ] || fail "the job of later is not there"
[ "$(ask schedule list --json)" = "$schedules" ] || fail "schedules are others"
[ "$(ask job list --limit 100 --json | jq '[.[] | select(.state | IN("succeeded", "scheduled") | not)] | length')" = 0 ] ||
    fail "a job of the copy did not end well"
ask tenant list >/dev/null
begin_load restored
end_load restored

say "One tenant: exported, deleted, imported"
known_files >"$work/files"
env "${settings[@]}" "$ESTEIRA" tenant export acme "$work/acme.tar"
ask tenant delete acme --confirm acme
refused unauthenticated valid "$ESTEIRA_API_KEY"
until_so env "${settings[@]}" "$ESTEIRA" tenant import "$work/acme.tar" --slug acme
ask tenant resume acme >/dev/null
first=$(new_key app)
ESTEIRA_API_KEY=$(jq -r .key <<<"$first")
same_files "$work/files"
refused not_found ask job get "$later"

say "An upgrade under load${PREVIOUS:+, from the release before}"
begin_load upgrade
until_so test -s "$work/upgrade.ids"
migrate "$ESTEIRA"
# A version that is not written yet: what its migrations may do while this one is at work (migrations/README.md, expand).
psql -X -q -v ON_ERROR_STOP=1 "$admin" -c "alter table esteira.queue add column extra text" \
    -c "alter table tenant_acme_schema.jobs add column extra text"
program=$ESTEIRA
roll
end_load upgrade

say "More workers, and a drain"
workers() { [ "$(ask worker list --json | jq '[.[] | select(.state == "live")] | length')" = "$1" ]; }
until_so workers 2
start_worker worker_3
until_so workers 3
drained=$(ask worker list --json | jq -r '.[0].id')
begin_load drain
ask worker drain "$drained" >/dev/null
is_drained() { ask worker list --json | jq -e --arg id "$drained" '.[] | select(.id == $id) | .state == "drained"'; }
until_so is_drained
end_load drain
ask worker resume "$drained" >/dev/null
until_so workers 3
stop worker_3

say "New keys"
old_operator=$ESTEIRA_OPERATOR_KEY
old_id=$(ask key list --operator --json | jq -r '.[0].id')
ESTEIRA_OPERATOR_KEY=est_$(openssl rand -hex 32)
migrate "$ESTEIRA"
for key in "$old_operator" "$ESTEIRA_OPERATOR_KEY"; do ESTEIRA_OPERATOR_KEY=$key ask tenant list >/dev/null; done
ask key revoke --operator "$old_id" >/dev/null
refused unauthenticated env ESTEIRA_OPERATOR_KEY="$old_operator" "$ESTEIRA" tenant list

old=$ESTEIRA_API_KEY
ESTEIRA_API_KEY=$(new_key app_2 | jq -r .key)
valid "$old" >/dev/null
valid "$ESTEIRA_API_KEY" >/dev/null
ask key revoke acme "$(jq -r .id <<<"$first")" >/dev/null
refused unauthenticated valid "$old"

say "A new secret of a webhook"
made=$(ask webhook create "http://127.0.0.1:$hook_port/" --json)
hook=$(jq -r .id <<<"$made")
old=$(jq -r .secret <<<"$made")
new=$(ask webhook update "$hook" --rotate-secret --keep-old 86400 --json | jq -r .secret)
told=$(message)
signed "$old" "$told" || fail "the old secret does not sign"
signed "$new" "$told" || fail "the new secret does not sign"
newest=$(ask webhook update "$hook" --rotate-secret --keep-old 0 --json | jq -r .secret)
told=$(message)
signed "$newest" "$told" || fail "the newest secret does not sign"
! signed "$new" "$told" || fail "a secret that was ended signs"

say "A new password of the database, under load"
begin_load password
until_so test -s "$work/password.ids"
old_url=${settings[0]#DATABASE_URL=}
psql -X -q "$admin" -c "alter role production password 'second'"
settings[0]=DATABASE_URL=${old_url/:first@/:second@}
roll
end_load password
refused 'password authentication failed' psql -X -q "$old_url" -c 'select'

for name in "${!running[@]}"; do stop "$name"; done
say "Every procedure did what it says; attempts that an end of a worker handed back: $(grep -c 'decision=Release' "$work/roles.log" || true)"
