//! How does a tenant bring a file? Streamed through to S3, then written down.

use sqlx::types::chrono::{DateTime, Utc};
use tokio::io::{AsyncRead, AsyncReadExt};
use tracing::Instrument;

use super::media_type::{self, HEAD_BYTES};
use super::room::{hold_room, room_left};
use super::{Store, StoreError, Stored, upload_key};
use crate::db::{DatabaseError, Db};
use crate::id::UploadId;
use crate::tenant::{Tenant, TenantState};
use crate::usage::enter_upload;

/// A file that a tenant brought.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its id; an input names it `upload://<id>`.
    pub id: UploadId,
    /// The name that it came under.
    pub file_name: String,
    /// Its media type, by its first bytes where they tell, else as the client said.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

/// What a client says of a file that it brings.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// The name that it comes under.
    pub file_name: String,
    /// Its media type, if the client knows.
    pub media_type: Option<String>,
    /// The most bytes that are taken.
    pub limit: u64,
}

/// A file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// The tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// It is larger than allowed.
    #[error("the file has more than {limit} bytes")]
    TooLarge {
        /// The most that is taken.
        limit: u64,
    },
    /// The tenant's storage limit is reached.
    #[error("the tenant's storage limit of {limit} bytes is reached")]
    QuotaReached {
        /// The limit.
        limit: i64,
    },
    /// The client broke off.
    #[error("the file did not arrive whole")]
    Broken(#[source] std::io::Error),
    /// S3 failed.
    #[error("failed to keep the file")]
    Store(#[source] StoreError),
    /// The database is away.
    #[error("failed to write the file down")]
    Database(#[from] DatabaseError),
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooLarge { limit } => Self::TooLarge { limit },
            StoreError::Local(error) => Self::Broken(error),
            other => Self::Store(other),
        }
    }
}

/// Takes a file.
///
/// In a task of its own, which a caller that goes away does not stop in the middle: it either ends with a row for
/// the object, or with neither.
pub(crate) async fn put_file(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    file: &NewFile,
    reader: impl AsyncRead + Send + Unpin + 'static,
) -> Result<Upload, UploadError> {
    let (db, store, tenant, file) = (db.clone(), store.clone(), tenant.clone(), file.clone());
    let taking =
        tokio::spawn(async move { take(&db, &store, &tenant, &file, reader).await }.in_current_span());
    taking.await.unwrap_or_else(|error| Err(UploadError::Broken(std::io::Error::other(error))))
}

async fn take(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    file: &NewFile,
    mut reader: impl AsyncRead + Send + Unpin,
) -> Result<Upload, UploadError> {
    if tenant.state != TenantState::Active {
        return Err(UploadError::Suspended);
    }
    let quota = tenant.limits.max_storage_bytes;
    let limit = match (quota, room_left(db, tenant).await?) {
        (Some(quota), Some(0)) => return Err(UploadError::QuotaReached { limit: quota }),
        (_, room) => file.limit.min(room.unwrap_or(u64::MAX)),
    };
    let id = UploadId::new();
    let key = upload_key(tenant.id, id);
    let head = peek(&mut reader).await.map_err(UploadError::Broken)?;
    let media_type = media_type::of(&head, file.media_type.as_deref());
    let mut whole = std::io::Cursor::new(head).chain(reader);
    let stored = store.put(&key, &media_type, limit, &mut whole).await.map_err(|error| {
        match (UploadError::from(error), quota) {
            // The file itself was small enough; what ran out is the tenant's room.
            (UploadError::TooLarge { limit: at }, Some(quota)) if at < file.limit => {
                UploadError::QuotaReached { limit: quota }
            }
            (error, _) => error,
        }
    })?;
    match write_down(db, tenant, file, id, &key, &media_type, &stored).await {
        Ok(created_at) => Ok(Upload {
            id,
            file_name: file.file_name.clone(),
            media_type,
            bytes: stored.bytes,
            sha256: stored.sha256,
            created_at,
        }),
        Err(error) => {
            // The first error is the one to tell.
            if let Err(left) = store.delete_prefix(&key).await {
                tracing::warn!(
                    error = &left as &dyn std::error::Error,
                    "an upload without a row was left behind"
                );
            }
            Err(error)
        }
    }
}

async fn write_down(
    db: &Db,
    tenant: &Tenant,
    file: &NewFile,
    id: UploadId,
    key: &str,
    media_type: &str,
    stored: &Stored,
) -> Result<DateTime<Utc>, UploadError> {
    let mut tx = db.begin_as(tenant).await?;
    // Others may have taken of the room while the file came.
    if let Some(limit) = tenant.limits.max_storage_bytes
        && hold_room(tx.conn(), tenant).await?.is_some_and(|room| room < stored.bytes)
    {
        return Err(UploadError::QuotaReached { limit });
    }
    let bytes = i64::try_from(stored.bytes).unwrap_or(i64::MAX);
    let created_at = sqlx::query_scalar!(
        "insert into uploads (id, file_name, media_type, bytes, sha256, object_key)
         values ($1, $2, $3, $4, $5, $6) returning created_at",
        id.0,
        file.file_name,
        media_type,
        bytes,
        stored.sha256,
        key
    )
    .fetch_one(tx.conn())
    .await
    .map_err(DatabaseError::from)?;
    if tenant.keeps_usage() {
        enter_upload(tx.conn(), bytes).await?;
    }
    tx.commit().await?;
    Ok(created_at)
}

/// The first bytes, for a look at them.
async fn peek(reader: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, std::io::Error> {
    let mut head = Vec::new();
    reader.take(HEAD_BYTES as u64).read_to_end(&mut head).await?;
    Ok(head)
}
