//! How does a tenant get at a file that a job made? By a presigned link, good for a quarter of an hour.

use std::time::Duration;

use super::{Store, StoreError};
use crate::db::{DatabaseError, Db};
use crate::id::JobId;
use crate::tenant::Tenant;

/// How long a link is good for; the contract says 15 minutes.
const GOOD_FOR: Duration = Duration::from_secs(15 * 60);

/// A link to an artifact.
#[derive(Debug, Clone)]
pub struct ArtifactLink {
    /// The address.
    pub url: String,
    /// How long it is good for, from now.
    pub good_for: Duration,
}

/// A link could not be made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The database is away.
    #[error("failed to look the artifact up")]
    Database(#[from] DatabaseError),
    /// The link could not be signed.
    #[error("failed to sign a link")]
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
    let Some(row) = row else { return Ok(None) };
    let file_name = name.rsplit('/').next().unwrap_or(name);
    let url = store.link(&row.object_key, &row.media_type, file_name, GOOD_FOR).await?;
    Ok(Some(ArtifactLink { url, good_for: GOOD_FOR }))
}
