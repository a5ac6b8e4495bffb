//! How does a tenant get at a file that a job made, or that it brought? By a presigned link, good for a quarter of an
//! hour; or at the beginning of it, through us.

use std::pin::Pin;
use std::time::Duration;

use tokio::io::AsyncRead;

use super::{Store, StoreError};
use crate::db::{DatabaseError, Db};
use crate::id::{JobId, UploadId};
use crate::tenant::Tenant;

/// How long a link is good for; the contract says 15 minutes.
const GOOD_FOR: Duration = Duration::from_secs(15 * 60);

/// A link to a file.
#[derive(Debug, Clone)]
pub struct ArtifactLink {
    /// The address.
    pub url: String,
    /// How long it is good for, from now.
    pub good_for: Duration,
}

/// The beginning of an artifact as the store sends it; all of it, where it is not longer.
pub type Beginning = Pin<Box<dyn AsyncRead + Send>>;

/// A link could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The database is away.
    #[error("failed to look the file up")]
    Database(#[from] DatabaseError),
    /// The link could not be signed, or the file not be read.
    #[error("the object store did not give the file")]
    Store(#[from] StoreError),
}

/// The link to an artifact; `None` when the tenant has no such job or the job no such artifact.
pub(crate) async fn artifact_link(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    job: JobId,
    name: &str,
) -> Result<Option<ArtifactLink>, LinkError> {
    let Some(kept) = artifact(db, tenant, job, name).await? else { return Ok(None) };
    let file_name = name.rsplit('/').next().unwrap_or(name);
    let url = store.link(&kept.key, &kept.media_type, file_name, GOOD_FOR).await?;
    Ok(Some(ArtifactLink { url, good_for: GOOD_FOR }))
}

/// The first `most` bytes of an artifact; `None` as for [`artifact_link`].
pub(crate) async fn artifact_beginning(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    job: JobId,
    name: &str,
    most: u64,
) -> Result<Option<Beginning>, LinkError> {
    let Some(kept) = artifact(db, tenant, job, name).await? else { return Ok(None) };
    Ok(Some(store.read(&kept.key, most).await?))
}

/// The link to a file that the tenant brought; `None` when it has none of this id.
pub(crate) async fn upload_link(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    id: UploadId,
) -> Result<Option<ArtifactLink>, LinkError> {
    let mut tx = db.begin_as(tenant).await?;
    let row = sqlx::query!("select object_key, media_type from uploads where id = $1", id.0)
        .fetch_optional(tx.conn())
        .await
        .map_err(DatabaseError::from)?;
    tx.commit().await?;
    let Some(row) = row else { return Ok(None) };
    // Under its id: the name that it came under may hold what no field of a head can.
    let url = store.link(&row.object_key, &row.media_type, &id.to_string(), GOOD_FOR).await?;
    Ok(Some(ArtifactLink { url, good_for: GOOD_FOR }))
}

/// Where an artifact lies, and what it is.
struct Kept {
    key: String,
    media_type: String,
}

async fn artifact(db: &Db, tenant: &Tenant, job: JobId, name: &str) -> Result<Option<Kept>, LinkError> {
    let mut tx = db.begin_as(tenant).await?;
    let row = sqlx::query!(
        "select object_key, media_type from artifacts where job_id = $1 and name = $2",
        job.0,
        name
    )
    .fetch_optional(tx.conn())
    .await
    .map_err(DatabaseError::from)?;
    tx.commit().await?;
    Ok(row.map(|row| Kept { key: row.object_key, media_type: row.media_type }))
}
