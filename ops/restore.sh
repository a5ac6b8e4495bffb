#!/usr/bin/env bash
# Puts a copy that ops/backup.sh made into an empty database and an empty place in a bucket:
#   ops/restore.sh FOLDER/TIME
# Nothing is written unless every file of the copy is whole. No process of Esteira may run on either; afterwards `esteira migrate`,
# then the roles. A run that failed is begun anew with an empty database and an empty place.
# env: those of `esteira migrate` for the bucket (ESTEIRA_S3_…), and RESTORE_DATABASE_URL: the database itself as a superuser; it
# belongs to a role of the same name as before.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
copy=${1:?which copy?}
objects=$(dirname "$copy")/objects
: "${RESTORE_DATABASE_URL:?is not set}"
# Word splitting of the list is meant.
# shellcheck disable=SC2086
ensure_packages $backup_packages
reach_bucket
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@" "$RESTORE_DATABASE_URL"; }

if [ "$(sql -c "select count(*) from pg_namespace where nspname = 'esteira'")" != 0 ]; then
    echo "there is an Esteira in this database: make an empty one" >&2
    exit 1
fi
# Exit code 3: there is no such place yet.
there=$(rclone lsf "$bucket" 2>/dev/null) || [ $? = 3 ] || { rclone lsf "$bucket"; exit 1; }
if [ -n "$there" ]; then
    echo "there is something at this place in the bucket: name another (ESTEIRA_S3_PREFIX, ESTEIRA_S3_BUCKET)" >&2
    exit 1
fi

say "Looking whether the copy is whole"
verify_objects "$copy/database.dump" "$objects"

say "The bucket"
rclone copy --transfers 16 "$objects" "$bucket"
rclone check --one-way "$objects" "$bucket"

say "The database"
# All roles or none: a tenant's role that is there already belongs to another Esteira of this server.
sql --single-transaction -f "$copy/roles.sql"
pg_restore --exit-on-error --dbname="$RESTORE_DATABASE_URL" "$copy/database.dump"
sql -c analyze
echo "restored: run \`esteira migrate\`, then start the roles" >&2
