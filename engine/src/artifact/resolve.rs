//! Which object does a name inside an input mean, and may this tenant read it?

use crate::db::{DatabaseError, Db};
use crate::job::FileUri;
use crate::tenant::Tenant;

/// An object that a tenant may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// Another bucket than our own.
    pub bucket: Option<String>,
    /// Its key there.
    pub key: String,
}

/// A name of an input leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The tenant has no such upload.
    #[error("there is no such upload")]
    NoUpload,
    /// The tenant has no such artifact.
    #[error("there is no such artifact, or its job has not succeeded yet")]
    NoArtifact,
    /// The tenant's settings do not list the bucket.
    #[error("the bucket is not one that this tenant may read")]
    BucketNotAllowed,
    /// The database is away.
    #[error("failed to look the file up")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for ResolveError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Finds the object behind a name, under the tenant's own role.
pub(crate) async fn locate(db: &Db, tenant: &Tenant, uri: &FileUri) -> Result<Located, ResolveError> {
    match uri {
        FileUri::S3 { bucket, key } => {
            if !tenant.limits.s3_buckets.contains(bucket) {
                return Err(ResolveError::BucketNotAllowed);
            }
            Ok(Located { bucket: Some(bucket.clone()), key: key.clone() })
        }
        FileUri::Upload(id) => {
            let mut tx = db.begin_as(tenant).await?;
            let key = sqlx::query_scalar!("select object_key from uploads where id = $1", id.0)
                .fetch_optional(tx.conn())
                .await?;
            tx.commit().await?;
            Ok(Located { bucket: None, key: key.ok_or(ResolveError::NoUpload)? })
        }
        FileUri::Artifact { job, name } => {
            let mut tx = db.begin_as(tenant).await?;
            let key = sqlx::query_scalar!(
                "select object_key from artifacts where job_id = $1 and name = $2",
                job.0,
                name
            )
            .fetch_optional(tx.conn())
            .await?;
            tx.commit().await?;
            Ok(Located { bucket: None, key: key.ok_or(ResolveError::NoArtifact)? })
        }
    }
}
