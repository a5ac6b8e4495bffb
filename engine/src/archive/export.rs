//! How is a tenant written into an archive? Its rows by one snapshot, then the objects that they name.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use futures::TryStreamExt as _;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use tempfile::TempDir;

use super::manifest::{FORMAT, Listed, MANIFEST, Manifest};
use super::{ArchiveError, import::columns_of_tables};
use crate::artifact::{Store, StoreError, tenant_prefix};
use crate::db::Db;
use crate::migrate::{TENANT_MIGRATIONS, newest};
use crate::tenant::Tenant;

/// Writes a tenant into `file`.
pub(crate) async fn export(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    file: File,
) -> Result<Manifest, ArchiveError> {
    if tenant.schema_version != newest(&TENANT_MIGRATIONS) {
        return Err(ArchiveError::NotMigrated(tenant.schema_version));
    }
    let scratch = TempDir::new()?;
    let mut writer = Writer { tar: tar::Builder::new(file), entries: Vec::new() };
    let prefix = tenant_prefix(tenant.id);
    // No other transaction stays open while the object store is asked, so the rows come first.
    let mut tx = db.begin().await?;
    sqlx::raw_sql("set transaction isolation level repeatable read, read only").execute(tx.conn()).await?;
    let mut tx = tx.enter(tenant).await?;
    for (table, columns) in columns_of_tables(tx.conn()).await? {
        let path = scratch.path().join("rows");
        copy_out(tx.conn(), &table, &columns, &path).await?;
        writer.add(format!("tables/{table}"), &path, Some(columns), None)?;
    }
    let keys = sqlx::query_scalar!(
        r#"select object_key as "key!" from artifacts union all select object_key from uploads"#
    )
    .fetch_all(tx.conn())
    .await?;
    let told = sqlx::query!(
        r#"select esteira.now() as "now!", count(*) as "unfinished!"
           from jobs where not exists (select from outcomes where job_id = jobs.id)"#
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    for (number, key) in keys.iter().enumerate() {
        let path = scratch.path().join("object");
        match store.fetch(None, key, &path, u64::MAX).await {
            Err(StoreError::Missing) => return Err(ArchiveError::Gone(key.clone())),
            fetched => fetched?,
        };
        let own = key.strip_prefix(&prefix).unwrap_or(key).to_owned();
        writer.add(format!("objects/{number}"), &path, None, Some(own))?;
    }
    let manifest = Manifest {
        format: FORMAT,
        slug: tenant.slug.to_string(),
        schema_version: tenant.schema_version,
        limits: serde_json::to_value(&tenant.limits).map_err(std::io::Error::from)?,
        prefix,
        exported_at: told.now,
        unfinished_jobs: told.unfinished,
        entries: writer.entries.clone(),
    };
    writer.finish(&manifest)?;
    Ok(manifest)
}

/// Copies the rows of a table into a file; of jobs only those that are over, with what is theirs.
async fn copy_out(
    conn: &mut PgConnection,
    table: &str,
    columns: &[String],
    path: &Path,
) -> Result<(), ArchiveError> {
    let finished = match table {
        "jobs" => "where exists (select from outcomes where job_id = jobs.id)",
        // Those of which some job is still to end would never end in the copy.
        "batches" => "where finished_at is not null",
        "attempts" => "where exists (select from outcomes where job_id = attempts.job_id)",
        // What waits has its place in the control schema, which an archive does not have.
        "schedule_runs" => "where state <> 'waiting'",
        "documents" => "where exists (select from settled_documents as s where s.id = documents.id)",
        "passages" => "where exists (select from settled_documents as s where s.id = passages.document_id)",
        _ => "",
    };
    // The names come from the catalogue, as Postgres itself would quote them.
    let sql = format!("copy (select {} from {table} {finished}) to stdout", columns.join(", "));
    let mut rows = conn.copy_out_raw(&sql).await?;
    let mut file = File::create(path)?;
    while let Some(piece) = rows.try_next().await? {
        file.write_all(&piece)?;
    }
    Ok(())
}

struct Writer {
    tar: tar::Builder<File>,
    entries: Vec<Listed>,
}

impl Writer {
    /// Moves a file into the archive.
    fn add(
        &mut self,
        name: String,
        path: &Path,
        columns: Option<Vec<String>>,
        key: Option<String>,
    ) -> Result<(), ArchiveError> {
        let (bytes, sha256) = hash(&mut File::open(path)?)?;
        self.append(&name, bytes, File::open(path)?)?;
        std::fs::remove_file(path)?;
        self.entries.push(Listed { name, bytes, sha256, columns, key });
        Ok(())
    }

    fn append(&mut self, name: &str, bytes: u64, content: impl std::io::Read) -> Result<(), ArchiveError> {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes);
        header.set_mode(0o600);
        Ok(self.tar.append_data(&mut header, name, content)?)
    }

    /// Writes the manifest, and makes sure that everything is on the disk.
    fn finish(mut self, manifest: &Manifest) -> Result<(), ArchiveError> {
        let bytes = serde_json::to_vec_pretty(manifest).map_err(std::io::Error::from)?;
        self.append(MANIFEST, bytes.len() as u64, bytes.as_slice())?;
        Ok(self.tar.into_inner()?.sync_all()?)
    }
}

/// Size and SHA-256 of what a reader gives.
pub(super) fn hash(reader: &mut impl std::io::Read) -> Result<(u64, String), std::io::Error> {
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok((bytes, hex::encode(hash.finalize())));
        }
        hash.update(buffer.get(..count).unwrap_or_default());
        bytes += count as u64;
    }
}
