//! Which files does a job need, and how do they get into its directory?

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::Engine;
use crate::artifact::{ResolveError, StoreError, locate};
use crate::child::AttemptDir;
use crate::db::DatabaseError;
use crate::job::{CatalogEntry, FileReference, KindError};
use crate::tenant::Tenant;

/// Why a job's files are not in its directory.
#[derive(Debug, thiserror::Error)]
pub(super) enum StageError {
    /// The tenant is told.
    #[error(transparent)]
    Job(#[from] KindError),
    /// The database is away.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Fetches the files that an input names; tells where each lies, relative to the directory.
pub(super) async fn stage(
    engine: &Engine,
    tenant: &Tenant,
    entry: &CatalogEntry,
    input: &Value,
    dir: &AttemptDir,
    limit: u64,
) -> Result<BTreeMap<String, PathBuf>, StageError> {
    let checked = entry.check(input).map_err(|errors| {
        // It was fit when it was submitted; a newer version or other settings think otherwise.
        let first = errors.first().map_or(String::new(), |e| format!("/input{}: {}", e.pointer, e.message));
        KindError::fail("bad_input", first)
    })?;
    let mut places = BTreeMap::new();
    for file in checked.files {
        let name = file.uri.to_string();
        if places.contains_key(&name) {
            continue;
        }
        let place = AttemptDir::staged(places.len());
        fetch(engine, tenant, &file, &dir.path().join(&place), limit).await?;
        places.insert(name, place);
    }
    dir.seal().map_err(|error| unwritable(&error))?;
    Ok(places)
}

async fn fetch(
    engine: &Engine,
    tenant: &Tenant,
    file: &FileReference,
    path: &std::path::Path,
    limit: u64,
) -> Result<(), StageError> {
    let pointer = &file.pointer;
    let object = match locate(&engine.db, tenant, &file.uri).await {
        Ok(object) => object,
        Err(ResolveError::Database(error)) => return Err(error.into()),
        Err(error) => {
            return Err(KindError::fail("file_not_found", format!("/input{pointer}: {error}")).into());
        }
    };
    match engine.store.fetch(object.bucket.as_deref(), &object.key, path, limit).await {
        Ok(_) => Ok(()),
        Err(StoreError::Missing) => {
            Err(KindError::fail("file_not_found", format!("/input{pointer}: the file is gone")).into())
        }
        Err(error @ StoreError::TooLarge { .. }) => {
            Err(KindError::fail("file_too_large", format!("/input{pointer}: {error}")).into())
        }
        Err(StoreError::Local(error)) => Err(unwritable(&error).into()),
        Err(error @ StoreError::Remote(_)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "an input could not be fetched");
            Err(KindError::retry(
                "store_unavailable",
                format!("/input{pointer}: the file store did not answer"),
            )
            .into())
        }
    }
}

/// The worker's own disk is at fault, not the job.
fn unwritable(error: &std::io::Error) -> KindError {
    KindError::retry("work_dir_unwritable", format!("the worker's disk refused a write: {}", error.kind()))
}
