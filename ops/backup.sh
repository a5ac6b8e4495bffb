#!/usr/bin/env bash
# Copies a whole Esteira into a folder while it runs, and compares what the copy of the database names with the copy of the bucket:
#   ops/backup.sh FOLDER
# FOLDER/objects keeps each object once, however often this runs; FOLDER/TIME is a copy of the database, and what ops/restore.sh
# is given. Exit code 1: a file is missing or another; retention may have taken it away meanwhile, so run it again.
# env: those of `esteira migrate` for the bucket (ESTEIRA_S3_…), and BACKUP_DATABASE_URL: the database itself, not a pooler, as a
# superuser or a member of pg_read_all_data; Esteira's own role may not read tenants' rows.
set -euo pipefail

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
folder=${1:?which folder?}
: "${BACKUP_DATABASE_URL:?is not set}"
# Word splitting of the list is meant.
# shellcheck disable=SC2086
ensure_packages $backup_packages
reach_bucket
umask 077
copy=$folder/$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$folder/objects"
mkdir "$copy.part"

say "The database"
pg_dump --format=custom --file="$copy.part/database.dump" "$BACKUP_DATABASE_URL"
# Roles belong to the server and are in no dump: first the owner, then each tenant's, then those of applications with a right here.
psql -X -q -At -v ON_ERROR_STOP=1 "$BACKUP_DATABASE_URL" >"$copy.part/roles.sql" <<'SQL'
with owner as (select datdba as id from pg_database where datname = current_database()),
     theirs as (select format('create role %1$I nologin noinherit; grant %1$I to current_user;', role_name) as text
                from esteira.tenants order by id),
     others as (select distinct rolname, rolcanlogin, rolinherit
                from pg_shdepend join pg_roles on pg_roles.oid = refobjid
                where refclassid = 'pg_authid'::regclass
                  and dbid = (select oid from pg_database where datname = current_database())
                  and not rolsuper and rolname not like 'pg\_%' and refobjid <> (select id from owner)
                  and rolname not in (select role_name from esteira.tenants))
select format('set role %I;', id::regrole::name) from owner
union all select text from theirs
union all select 'reset role;'
union all select format(
    'select ''create role %1$I %2$s %3$s'' where not exists (select from pg_roles where rolname = %1$L) \gexec', rolname,
    case when rolcanlogin then 'login' else 'nologin' end, case when rolinherit then 'inherit' else 'noinherit' end)
from others;
SQL

say "The bucket"
# An object's own time is in the list, without a question for each of them.
rclone copy --use-server-modtime --transfers 16 "$bucket" "$folder/objects"

say "Comparing"
verify_objects "$copy.part/database.dump" "$folder/objects"
mv "$copy.part" "$copy"
echo "$copy"
