//! How does a tenant bring a file? Streamed through to S3, then written down.

use sqlx::types::chrono::{DateTime, Utc};
use tokio::io::AsyncRead;

use super::{Store, StoreError, upload_key};
use crate::db::{DatabaseError, Db};
use crate::id::UploadId;
use crate::tenant::{Tenant, TenantState};

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

impl From<sqlx::Error> for UploadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Takes a file.
pub(crate) async fn put_file(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    file: &NewFile,
    reader: &mut (impl AsyncRead + Unpin),
) -> Result<Upload, UploadError> {
    if tenant.state != TenantState::Active {
        return Err(UploadError::Suspended);
    }
    let limit = match tenant.limits.max_storage_bytes {
        None => file.limit,
        Some(quota) => {
            let room = quota - stored_bytes(db, tenant).await?;
            let room = u64::try_from(room).ok().filter(|room| *room > 0);
            file.limit.min(room.ok_or(UploadError::QuotaReached { limit: quota })?)
        }
    };
    let id = UploadId::new();
    let key = upload_key(tenant.id, id);
    let (head, mut whole) = peek(reader).await.map_err(UploadError::Broken)?;
    let media_type =
        sniff(&head).or(file.media_type.as_deref()).unwrap_or("application/octet-stream").to_owned();
    let stored = store.put(&key, &media_type, limit, &mut whole).await.map_err(|error| {
        match (UploadError::from(error), tenant.limits.max_storage_bytes) {
            // The file itself was small enough; what ran out is the tenant's room.
            (UploadError::TooLarge { limit: at }, Some(quota)) if at < file.limit => {
                UploadError::QuotaReached { limit: quota }
            }
            (error, _) => error,
        }
    })?;
    // From here to the commit the object is nobody's, even if the caller goes away in between.
    let unowned = Unowned { store: store.clone(), key: Some(key.clone()) };
    let mut tx = db.begin_as(tenant).await?;
    let created_at = sqlx::query_scalar!(
        "insert into uploads (id, file_name, media_type, bytes, sha256, object_key)
         values ($1, $2, $3, $4, $5, $6) returning created_at",
        id.0,
        file.file_name,
        media_type,
        i64::try_from(stored.bytes).unwrap_or(i64::MAX),
        stored.sha256,
        key
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    unowned.adopt();
    Ok(Upload {
        id,
        file_name: file.file_name.clone(),
        media_type,
        bytes: stored.bytes,
        sha256: stored.sha256,
        created_at,
    })
}

/// An object that no row names yet; deleted unless it is adopted.
struct Unowned {
    store: Store,
    key: Option<String>,
}

impl Unowned {
    fn adopt(mut self) {
        self.key = None;
    }
}

impl Drop for Unowned {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            let store = self.store.clone();
            tokio::spawn(async move {
                if let Err(error) = store.delete_prefix(&key).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "an unfinished upload was left behind"
                    );
                }
            });
        }
    }
}

/// Bytes that the tenant keeps already.
async fn stored_bytes(db: &Db, tenant: &Tenant) -> Result<i64, DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    let bytes = sqlx::query_scalar!(
        r#"select (coalesce((select sum(bytes) from uploads), 0)
                 + coalesce((select sum(bytes) from artifacts), 0))::bigint as "bytes!""#
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(bytes)
}

/// The media type that the first bytes tell.
fn sniff(head: &[u8]) -> Option<&'static str> {
    infer::get(head).map(|kind| kind.mime_type())
}

/// Reads the first bytes without losing them.
async fn peek<R: AsyncRead + Unpin>(reader: R) -> Result<(Vec<u8>, impl AsyncRead + Unpin), std::io::Error> {
    use tokio::io::AsyncReadExt;
    const HEAD: u64 = 8192;
    let mut reader = reader;
    let mut head = Vec::new();
    (&mut reader).take(HEAD).read_to_end(&mut head).await?;
    let whole = std::io::Cursor::new(head.clone()).chain(reader);
    Ok((head, whole))
}
