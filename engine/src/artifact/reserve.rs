//! How is an upload announced? Its room is reserved, and its client gets a link for each part.
//!
//! The row comes first: what a crash leaves is a row that expires, and never parts that nobody knows of.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::parts::{Part, part_bytes, plan};
use super::room::hold_room;
use super::{Store, StoreError, upload_key};
use crate::db::{DatabaseError, Db};
use crate::id::UploadId;
use crate::tenant::{Tenant, TenantState};

/// What a client says of a file that it will bring.
#[derive(Debug, Clone)]
pub struct Announcement {
    /// The name that it comes under.
    pub file_name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size; at least 1.
    pub bytes: u64,
    /// Its SHA-256, if the client knows.
    pub sha256: Option<[u8; 32]>,
}

/// How long and how often uploads may be announced.
#[derive(Debug, Clone, Copy)]
pub struct UploadTerms {
    /// How long an upload may take.
    pub good_for: Duration,
    /// The most uploads of a tenant that are announced and not completed; 0 for no limit.
    pub most: usize,
}

/// An upload that was announced.
#[derive(Debug, Clone)]
pub struct Reserved {
    /// Its id.
    pub id: UploadId,
    /// What is to be brought, and where to.
    pub parts: Vec<Part>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// An upload was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReserveError {
    /// The tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// The tenant's schema is of a version that knows no such uploads.
    #[error("the tenant's schema is not migrated yet")]
    NotMigrated,
    /// The tenant's storage limit is reached.
    #[error("the tenant's storage limit of {limit} bytes is reached")]
    QuotaReached {
        /// The limit.
        limit: i64,
    },
    /// So many uploads of the tenant are announced and not completed.
    #[error("{most} uploads are announced already")]
    TooMany {
        /// The most.
        most: usize,
    },
    /// S3 failed.
    #[error("failed to announce the file to the object store")]
    Store(#[from] StoreError),
    /// The database is away.
    #[error("failed to write the upload down")]
    Database(#[from] DatabaseError),
}

/// Announces an upload.
pub(crate) async fn reserve(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    file: &Announcement,
    terms: UploadTerms,
) -> Result<Reserved, ReserveError> {
    if tenant.state != TenantState::Active {
        return Err(ReserveError::Suspended);
    }
    if !tenant.announces_uploads() {
        return Err(ReserveError::NotMigrated);
    }
    let id = UploadId::new();
    let key = upload_key(tenant.id, id);
    let expires_at = write_down(db, tenant, file, terms, id, &key).await?;
    match links(db, store, tenant, file, terms, id, &key).await {
        Ok(parts) => Ok(Reserved { id, parts, expires_at }),
        Err(error) => {
            // The first error is the one to tell; the row expires in any case.
            if let Err(left) = forget(db, tenant, id).await {
                tracing::debug!(
                    error = &left as &dyn std::error::Error,
                    "an announced upload is left to expire"
                );
            }
            Err(error)
        }
    }
}

async fn write_down(
    db: &Db,
    tenant: &Tenant,
    file: &Announcement,
    terms: UploadTerms,
    id: UploadId,
    key: &str,
) -> Result<DateTime<Utc>, ReserveError> {
    let mut tx = db.begin_as(tenant).await?;
    let room = hold_room(tx.conn(), tenant).await?;
    if let (Some(room), Some(limit)) = (room, tenant.limits.max_storage_bytes)
        && room < file.bytes
    {
        return Err(ReserveError::QuotaReached { limit });
    }
    let under_way = sqlx::query_scalar!(
        r#"select count(*) as "count!" from unfinished_uploads where expires_at > esteira.now() and not given_up"#
    )
    .fetch_one(tx.conn())
    .await
    .map_err(DatabaseError::from)?;
    if terms.most > 0 && usize::try_from(under_way).unwrap_or(usize::MAX) >= terms.most {
        return Err(ReserveError::TooMany { most: terms.most });
    }
    let expires_at = sqlx::query_scalar!(
        "insert into unfinished_uploads (id, file_name, media_type, bytes, sha256, part_bytes, object_key, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, esteira.now() + make_interval(secs => $8)) returning expires_at",
        id.0,
        file.file_name,
        file.media_type,
        i64::try_from(file.bytes).unwrap_or(i64::MAX),
        file.sha256.as_ref().map(<[u8; 32]>::as_slice),
        i64::try_from(part_bytes(file.bytes)).unwrap_or(i64::MAX),
        key,
        terms.good_for.as_secs_f64()
    )
    .fetch_one(tx.conn())
    .await
    .map_err(DatabaseError::from)?;
    tx.commit().await?;
    Ok(expires_at)
}

/// Announces the object to S3, and signs a link for each part.
async fn links(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    file: &Announcement,
    terms: UploadTerms,
    id: UploadId,
    key: &str,
) -> Result<Vec<Part>, ReserveError> {
    let multipart = store.begin_parts(key, &file.media_type).await?;
    let mut tx = db.begin_as(tenant).await?;
    sqlx::query!("update unfinished_uploads set multipart_id = $2 where id = $1", id.0, multipart)
        .execute(tx.conn())
        .await
        .map_err(DatabaseError::from)?;
    tx.commit().await?;
    let mut parts = Vec::new();
    for (number, bytes) in plan(file.bytes, part_bytes(file.bytes)) {
        parts.push(store.part_link(key, &multipart, number, bytes, terms.good_for).await?);
    }
    Ok(parts)
}

async fn forget(db: &Db, tenant: &Tenant, id: UploadId) -> Result<(), DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    // One that S3 knows stays until its parts are given up there.
    sqlx::query!("delete from unfinished_uploads where id = $1 and multipart_id is null", id.0)
        .execute(tx.conn())
        .await?;
    tx.commit().await
}
