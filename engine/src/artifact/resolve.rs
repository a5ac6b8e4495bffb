//! Which object does a name inside an input mean, and may this tenant read it?

use std::collections::HashMap;

use super::Store;
use crate::db::{DatabaseError, Db};
use crate::id::{JobId, UploadId};
use crate::job::FileUri;
use crate::tenant::Tenant;

/// An object that a tenant may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// Another bucket than our own.
    pub bucket: Option<String>,
    /// Its key there.
    pub key: String,
    /// What whoever uploaded it calls it.
    pub file_name: Option<String>,
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
}

/// Finds the objects behind some names (all but those of the web), each once, in one transaction under the tenant's own role.
pub(crate) async fn locate_all(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    uris: impl IntoIterator<Item = &FileUri>,
) -> Result<HashMap<FileUri, Result<Located, ResolveError>>, DatabaseError> {
    let mut places = HashMap::new();
    let (mut uploads, mut jobs, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for uri in uris {
        let unknown = match uri {
            FileUri::Upload(id) => {
                uploads.push(id.0);
                Err(ResolveError::NoUpload)
            }
            FileUri::Artifact { job, name } => {
                jobs.push(job.0);
                names.push(name.clone());
                Err(ResolveError::NoArtifact)
            }
            FileUri::S3 { bucket, key } => allowed(store, tenant, bucket, key),
            // It is no object, and was looked at with the input.
            FileUri::Web(_) => continue,
        };
        places.insert(uri.clone(), unknown);
    }
    if uploads.is_empty() && jobs.is_empty() {
        return Ok(places);
    }
    let mut tx = db.begin_as(tenant).await?;
    let found = sqlx::query!("select id, object_key, file_name from uploads where id = any ($1)", &uploads)
        .fetch_all(tx.conn())
        .await?;
    for row in found {
        let located = Located { bucket: None, key: row.object_key, file_name: Some(row.file_name) };
        places.insert(FileUri::Upload(UploadId(row.id)), Ok(located));
    }
    let found = sqlx::query!(
        "select job_id, name, object_key from artifacts
         where (job_id, name) in (select * from unnest($1::uuid[], $2::text[]))",
        &jobs,
        &names
    )
    .fetch_all(tx.conn())
    .await?;
    for row in found {
        let uri = FileUri::Artifact { job: JobId(row.job_id), name: row.name };
        places.insert(uri, Ok(Located { bucket: None, key: row.object_key, file_name: None }));
    }
    tx.commit().await?;
    Ok(places)
}

/// An object of a bucket that the tenant's settings list. Never one of ours, where other tenants' files lie.
fn allowed(store: &Store, tenant: &Tenant, bucket: &str, key: &str) -> Result<Located, ResolveError> {
    if store.is_own_bucket(bucket) || !tenant.limits.s3_buckets.iter().any(|listed| listed == bucket) {
        return Err(ResolveError::BucketNotAllowed);
    }
    Ok(Located { bucket: Some(bucket.to_owned()), key: key.to_owned(), file_name: None })
}
