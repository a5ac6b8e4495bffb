//! How does an archive become a tenant? Verified, then made anew: schema and role by the migrations, objects under the
//! new number, rows by COPY in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, copy};
use std::path::Path;

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection};
use tempfile::TempDir;

use super::ArchiveError;
use super::kept::check_kept;
use super::manifest::{Listed, Manifest};
use super::verify::{entries, name_of, verify};
use crate::artifact::{Place, Store, tenant_prefix};
use crate::db::{DatabaseError, Db};
use crate::document::sink::note_import;
use crate::migrate::{TENANT_MIGRATIONS, newest};
use crate::schedule;
use crate::tenant::{LimitsChange, Slug, Tenant, TenantState, create, remove, set_state};

/// Moves what numbers itself behind what was copied.
const GO_ON_COUNTING: &str = "do $$
declare
    v record;
begin
    for v in
        select k.oid::regclass as in_table, quote_ident(a.attname) as in_column,
               pg_get_serial_sequence(k.oid::regclass::text, a.attname) as sequence
        from pg_class as k join pg_attribute as a on a.attrelid = k.oid
        where k.relnamespace = current_schema()::regnamespace and k.relkind = 'r' and a.attnum > 0
          and not a.attisdropped and (a.attidentity <> '' or a.atthasdef)
    loop
        if v.sequence is not null then
            execute format('select setval(%L, coalesce((select max(%s) from %s), 0) + 1, false)',
                           v.sequence, v.in_column, v.in_table);
        end if;
    end loop;
end $$";

/// Makes a tenant of an archive.
pub(crate) async fn import(db: &Db, store: &Store, path: &Path, slug: &Slug) -> Result<Tenant, ArchiveError> {
    let manifest = verify(path)?;
    let ours = newest(&TENANT_MIGRATIONS);
    if manifest.schema_version != ours {
        return Err(ArchiveError::Version { found: manifest.schema_version, ours });
    }
    let limits: LimitsChange = serde_json::from_value(manifest.limits.clone())
        .map_err(|error| ArchiveError::Unfit(format!("its limits are not understood: {error}")))?;
    if let Some((field, why)) = limits.fault() {
        return Err(ArchiveError::Unfit(format!("its limit {field} {why}")));
    }
    let tenant = create(db, slug, &limits).await?;
    match fill(db, store, path, &manifest, &tenant).await {
        Ok(()) => Ok(Tenant { state: TenantState::Suspended, ..tenant }),
        Err(error) => {
            // The first error is the one to tell.
            if let Err(left) = remove(db, store, slug).await {
                let left: &dyn std::error::Error = &left;
                tracing::warn!(error = left, tenant = %slug, "a tenant that was half imported is left behind");
            }
            Err(error)
        }
    }
}

async fn fill(
    db: &Db,
    store: &Store,
    path: &Path,
    manifest: &Manifest,
    tenant: &Tenant,
) -> Result<(), ArchiveError> {
    // Nobody works in it before an operator has looked at it.
    set_state(db, &tenant.slug, TenantState::Suspended).await?;
    put_objects(store, path, manifest, tenant).await?;
    let mut tx = db.begin_as(tenant).await?;
    copy_rows(tx.conn(), path, manifest).await?;
    let prefix = tenant_prefix(tenant.id);
    take_keys_over(tx.conn(), &manifest.prefix, &prefix).await?;
    check_kept(tx.conn(), manifest, &prefix).await?;
    sqlx::raw_sql(GO_ON_COUNTING).execute(tx.conn()).await?;
    let mut tx = schedule::note_import(tx, tenant).await?;
    note_import(tx.conn(), tenant.id).await?;
    tx.commit().await?;
    Ok(())
}

/// Puts the objects below the new tenant's own key, and nowhere else.
async fn put_objects(
    store: &Store,
    path: &Path,
    manifest: &Manifest,
    tenant: &Tenant,
) -> Result<(), ArchiveError> {
    let listed: BTreeMap<&str, &Listed> = manifest
        .entries
        .iter()
        .filter(|entry| entry.key.is_some())
        .map(|entry| (entry.name.as_str(), entry))
        .collect();
    let scratch = TempDir::new()?;
    let object = scratch.path().join("object");
    for entry in entries(path)?.entries()? {
        let mut entry = entry?;
        let Some(listed) = listed.get(name_of(&entry)?.as_str()).copied() else { continue };
        let key = format!("{}{}", tenant_prefix(tenant.id), listed.key.as_deref().unwrap_or_default());
        if Place::of(&key).is_none_or(|place| place.tenant != tenant.id) {
            return Err(ArchiveError::Unfit(format!("the key of {} is none of an object", listed.name)));
        }
        copy(&mut entry, &mut File::create(&object)?)?;
        let mut reader = tokio::fs::File::open(&object).await?;
        let stored = store.put(&key, "application/octet-stream", listed.bytes, &mut reader).await?;
        if hex::encode(stored.sha256) != listed.sha256 {
            return Err(changed(listed));
        }
    }
    Ok(())
}

/// The archive is not as it was a moment ago.
fn changed(listed: &Listed) -> ArchiveError {
    ArchiveError::Unfit(format!("the entry {} changed while it was read", listed.name))
}

/// Copies the rows of every table that the archive has.
async fn copy_rows(conn: &mut PgConnection, path: &Path, manifest: &Manifest) -> Result<(), ArchiveError> {
    let known = columns_of_tables(conn).await?;
    for entry in entries(path)?.entries()? {
        let mut entry = entry?;
        let name = name_of(&entry)?;
        let Some(listed) = manifest.entries.iter().find(|listed| listed.name == name) else { continue };
        let (Some(table), Some(columns)) = (listed.table(), &listed.columns) else { continue };
        let there: BTreeSet<&String> = known.get(table).into_iter().flatten().collect();
        if columns.is_empty() || !columns.iter().all(|column| there.contains(column)) {
            return Err(ArchiveError::Unfit(format!("there is no table {table} with such columns")));
        }
        // Names that the catalogue has just given, as Postgres itself would quote them.
        let sql = format!("copy {table} ({}) from stdin", columns.join(", "));
        if copy_in(conn, &sql, &mut entry).await? != listed.sha256 {
            return Err(changed(listed));
        }
    }
    Ok(())
}

/// Copies rows; gives the SHA-256 of what was read.
async fn copy_in(conn: &mut PgConnection, sql: &str, rows: &mut impl Read) -> Result<String, ArchiveError> {
    let mut copying = conn.copy_in_raw(sql).await?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let count = rows.read(&mut buffer)?;
        let piece = buffer.get(..count).unwrap_or_default();
        if piece.is_empty() {
            break;
        }
        hash.update(piece);
        copying.send(piece).await?;
    }
    copying.finish().await?;
    Ok(hex::encode(hash.finalize()))
}

/// Every object's key begins with the new number, whatever it began with: no row names an object of another tenant.
async fn take_keys_over(conn: &mut PgConnection, old: &str, new: &str) -> Result<(), DatabaseError> {
    for table in ["artifacts", "uploads"] {
        let sql = format!(
            "update {table} set object_key = $2 || case when starts_with(object_key, $1)
                                                       then substr(object_key, length($1) + 1) else object_key end"
        );
        sqlx::query(AssertSqlSafe(sql)).bind(old).bind(new).execute(&mut *conn).await?;
    }
    Ok(())
}

/// The tables of the tenant's schema with their columns, in the order and with the quotes that Postgres gives them.
/// Webhooks are not among them, since a copy must not send what the original sends, nor are answers to keys of requests,
/// nor uploads that are not completed: they have no object yet, and whoever completes or forgets one reads or deletes
/// the object that its row names.
pub(super) async fn columns_of_tables(
    conn: &mut PgConnection,
) -> Result<BTreeMap<String, Vec<String>>, DatabaseError> {
    let rows = sqlx::query!(
        r#"select quote_ident(k.relname) as "table!", array_agg(quote_ident(a.attname) order by a.attnum) as "columns!"
           from pg_class as k join pg_attribute as a on a.attrelid = k.oid
           where k.relnamespace = current_schema()::regnamespace and k.relkind = 'r' and a.attnum > 0
             and not a.attisdropped and a.attgenerated = ''
             and k.relname not in ('webhooks', 'deliveries', 'idempotency_keys', 'unfinished_uploads',
                                   'checkpoints')
           group by k.relname"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.table, row.columns)).collect())
}
