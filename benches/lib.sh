# What the measurements of the queue share: a Postgres server of their own, and the peers.
# Sourced, not run.

. "$(dirname "${BASH_SOURCE[0]}")/../ops/lib.sh"

# start_postgres: a new server with the settings that the peers are measured with, until the script ends.
# Sets $admin_url (a superuser, without a database) and $postmaster.
start_postgres() {
    local binaries=${PG_BIN_DIR:-$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)}
    [ -x "$binaries/initdb" ] || { echo "no Postgres server here: apt-get install postgresql" >&2; return 1; }
    export PATH="$binaries:$PATH"
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/esteira-bench.XXXXXX")
    # Postgres refuses to run as root.
    if [ "$(id -u)" = 0 ]; then chown postgres "$scratch"; owner=(setpriv --reuid=postgres --regid=postgres --clear-groups --); else owner=(); fi
    local port=$((20000 + RANDOM % 20000))
    (cd "$scratch" && "${owner[@]}" initdb -D "$scratch/cluster" -A trust -U postgres >"/dev/null")
    (cd "$scratch" && "${owner[@]}" pg_ctl -D "$scratch/cluster" -w -l "$scratch/log" start >/dev/null \
        -o "-p $port -k $scratch -c listen_addresses=127.0.0.1 -c shared_buffers=1GB -c synchronous_commit=on -c jit=off -c max_connections=120 ${POSTGRES_OPTIONS:-}")
    trap stop_postgres EXIT
    postmaster=$(head -n 1 "$scratch/cluster/postmaster.pid")
    admin_url=postgres://postgres@127.0.0.1:$port
}

stop_postgres() {
    (cd "$scratch" && "${owner[@]}" pg_ctl -D "$scratch/cluster" -m immediate -w stop >/dev/null 2>&1) || true
    rm -rf -- "$scratch"
}

# build_benches: the measuring program ($benches) and the binary ($esteira), in release; with BENCH_PROFILE=dev, what the tests have built, for runs that
# look whether something holds and not how fast it is.
build_benches() {
    if [ "${BENCH_PROFILE:-release}" = dev ]; then
        (cd "$repository" && cargo build --locked --workspace --all-targets >&2)
        benches="$(target_dir)/debug/esteira-benches" esteira="$(target_dir)/debug/esteira"
        return
    fi
    # Both packages, so that their dependencies are those of the binary, which are built already.
    (cd "$repository" && cargo build --release --locked --package esteira --package esteira-benches >&2)
    benches="$(target_dir)/release/esteira-benches" esteira="$(target_dir)/release/esteira"
}

# ours NAME ARGUMENT…: one measurement in a new database; its JSON line goes to standard output.
ours() {
    local name=$1
    shift
    psql "$admin_url/postgres" -qX -c "drop database if exists bench with (force)" -c "create database bench" >&2
    "$benches" "$name" --database-url "$admin_url/bench" --postmaster "$postmaster" "$@" | tail -n 1
}

# peers KIND: the peers' lines on the same server; nothing where their folder is not at hand (QUEUE_PEERS names their
# run.sh).
peers() {
    local script=${QUEUE_PEERS:-}
    [ -n "$script" ] || script="$repository/../shared/peers/queue/run.sh"
    [ -x "$script" ] || { echo "no peers here: set QUEUE_PEERS to their run.sh" >&2; return 0; }
    PEER_ADMIN_URL=$admin_url "$script" "$1"
}

# owned_database: a new database of a role without superuser rights, as in production.
# Sets $engine_url (that role) and $superuser_url, both to the database.
owned_database() {
    local role=esteira_$RANDOM$RANDOM
    psql "$admin_url/postgres" -qX -v ON_ERROR_STOP=1 -c "drop database if exists bench with (force)" \
        -c "create role $role login createrole" -c "create database bench owner $role" >&2
    engine_url=${admin_url/postgres@/$role@}/bench
    superuser_url=$admin_url/bench
}

# measured NAME ARGUMENT…: one measurement in a new database of its own; every line goes to standard output.
measured() {
    local name=$1
    shift
    owned_database
    "$benches" "$name" --database-url "$engine_url" --superuser-url "$superuser_url" --postmaster "$postmaster" "$@"
}
