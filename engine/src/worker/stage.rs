//! Which files does a job need, and how do they get into its directory?

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::Engine;
use crate::artifact::{Located, StoreError, locate_all};
use crate::child::AttemptDir;
use crate::db::DatabaseError;
use crate::job::{FileReference, KindError};
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

/// The files that a job needs, in its directory.
pub(super) struct Staged {
    /// Where each lies, relative to the directory.
    pub files: BTreeMap<String, PathBuf>,
    /// Their size together.
    pub bytes: u64,
}

/// Fetches the files that an input names.
pub(super) async fn stage(
    engine: &Engine,
    tenant: &Tenant,
    kind: &str,
    input: &Value,
    dir: &AttemptDir,
    limit: u64,
) -> Result<Staged, StageError> {
    let checked = engine.catalog.check(kind, input).await.map_err(|errors| {
        // It was fit when it was submitted; a newer version or other settings think otherwise.
        let first = errors.first().map_or(String::new(), |e| format!("/input{}: {}", e.pointer, e.message));
        KindError::fail("bad_input", first)
    })?;
    let found =
        locate_all(&engine.db, &engine.store, tenant, checked.files.iter().map(|file| &file.uri)).await?;
    let mut places = BTreeMap::new();
    let mut left = limit;
    for file in checked.files {
        let name = file.uri.to_string();
        if places.contains_key(&name) {
            continue;
        }
        let place = AttemptDir::staged(places.len());
        let object = match found.get(&file.uri) {
            Some(Ok(object)) => object,
            Some(Err(error)) => return Err(gone(&file, &error.to_string()).into()),
            None => return Err(gone(&file, "it was not looked for").into()),
        };
        left -= fetch(engine, &file, object, &dir.path().join(&place), left).await?;
        places.insert(name, place);
    }
    dir.seal().map_err(|error| unwritable(&error))?;
    Ok(Staged { files: places, bytes: limit - left })
}

fn gone(file: &FileReference, why: &str) -> KindError {
    KindError::fail("file_not_found", format!("/input{}: {why}", file.pointer))
}

/// Fetches one file; tells its size.
async fn fetch(
    engine: &Engine,
    file: &FileReference,
    object: &Located,
    path: &std::path::Path,
    limit: u64,
) -> Result<u64, KindError> {
    let pointer = &file.pointer;
    match engine.store.fetch(object.bucket.as_deref(), &object.key, path, limit).await {
        Ok(bytes) => Ok(bytes),
        Err(StoreError::Missing) => Err(gone(file, "the file is gone")),
        Err(StoreError::TooLarge { .. }) => Err(KindError::fail(
            "file_too_large",
            format!("/input{pointer}: all files of the job together pass the worker's limit"),
        )),
        Err(StoreError::Local(error)) => Err(unwritable(&error)),
        Err(error @ StoreError::Remote(_)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "an input could not be fetched");
            Err(KindError::retry(
                "store_unavailable",
                format!("/input{pointer}: the file store did not answer"),
            ))
        }
    }
}

/// The worker's own disk is at fault, not the job.
fn unwritable(error: &std::io::Error) -> KindError {
    KindError::retry("work_dir_unwritable", format!("the worker's disk refused a write: {}", error.kind()))
}
