//! Which files does a job need, and how do they get into its directory?

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Shared;
use crate::Engine;
use crate::artifact::{Located, ResolveError, StoreError, locate_all, service_key};
use crate::child::AttemptDir;
use crate::db::DatabaseError;
use crate::job::{FileReference, FileUri, KindError, SERVICE_RESULT};
use crate::queue::Lease;
use crate::tenant::Tenant;
use crate::web::FetchError;

/// The code of an attempt to which the service says that it is done, and whose result is not there.
pub(super) const RESULT_MISSING: &str = "service_result_missing";

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
    /// What those that were uploaded are called.
    pub file_names: BTreeMap<String, String>,
    /// Their size together.
    pub bytes: u64,
}

/// Where the objects lie that an input names; those of the web are no objects.
pub(super) type Found = HashMap<FileUri, Result<Located, ResolveError>>;

/// Looks for the files that an input names.
pub(super) async fn locate(
    engine: &Engine,
    tenant: &Tenant,
    kind: &str,
    input: &Value,
) -> Result<(Vec<FileReference>, Found), StageError> {
    let checked = engine.catalog.check(kind, input).await.map_err(|errors| {
        // It was fit when it was submitted; a newer version or other settings think otherwise.
        let first = errors.first().map_or(String::new(), |e| format!("/input{}: {}", e.pointer, e.message));
        KindError::fail("bad_input", first)
    })?;
    let found =
        locate_all(&engine.db, &engine.store, tenant, checked.files.iter().map(|file| &file.uri)).await?;
    Ok((checked.files, found))
}

/// Fetches the files that an input names, and what a service has made for the job, where one did.
pub(super) async fn stage(
    shared: &Shared,
    tenant: &Tenant,
    lease: &Lease,
    input: &Value,
    served: bool,
    dir: &AttemptDir,
) -> Result<Staged, StageError> {
    let engine = &shared.engine;
    let (files, found) = locate(engine, tenant, &lease.kind, input).await?;
    let (mut places, mut file_names) = (BTreeMap::new(), BTreeMap::new());
    let limit = shared.options.staged_file_bytes;
    let mut left = limit;
    for file in files {
        let name = file.uri.to_string();
        if places.contains_key(&name) {
            continue;
        }
        let place = AttemptDir::staged(places.len());
        let path = dir.path().join(&place);
        left -= match (&file.uri, found.get(&file.uri)) {
            (FileUri::Web(address), _) => fetch_from_web(shared, &file, address, &path, left).await?,
            (_, Some(Ok(object))) => fetch(engine, &file, object, &path, left).await?,
            (_, Some(Err(error))) => return Err(gone(&file, &error.to_string()).into()),
            (_, None) => return Err(gone(&file, "it was not looked for").into()),
        };
        if let Some(Ok(Located { file_name: Some(file_name), .. })) = found.get(&file.uri) {
            file_names.insert(name.clone(), file_name.clone());
        }
        places.insert(name, place);
    }
    if served {
        let place = AttemptDir::staged(places.len());
        left -= fetch_served(engine, lease, &dir.path().join(&place), left).await?;
        places.insert(SERVICE_RESULT.to_owned(), place);
    }
    dir.seal().map_err(|error| unwritable(&error))?;
    Ok(Staged { files: places, file_names, bytes: limit - left })
}

pub(super) fn gone(file: &FileReference, why: &str) -> KindError {
    KindError::fail("file_not_found", format!("/input{}: {why}", file.pointer))
}

/// Fetches what a service has made; tells its size.
async fn fetch_served(engine: &Engine, lease: &Lease, path: &Path, limit: u64) -> Result<u64, KindError> {
    match engine.store.fetch(None, &service_key(lease.tenant, lease.job), path, limit).await {
        Ok(bytes) => Ok(bytes),
        Err(StoreError::Missing) => Err(KindError::retry(RESULT_MISSING, "the service's result is gone")),
        Err(StoreError::TooLarge { .. }) => {
            Err(KindError::fail("file_too_large", "the service's result passes the worker's limit"))
        }
        Err(StoreError::Local(error)) => Err(unwritable(&error)),
        Err(error @ StoreError::Remote(_)) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a service's result could not be fetched"
            );
            Err(KindError::retry("store_unavailable", "the file store did not answer"))
        }
    }
}

/// Fetches one file from the object store; tells its size.
async fn fetch(
    engine: &Engine,
    file: &FileReference,
    object: &Located,
    path: &Path,
    limit: u64,
) -> Result<u64, KindError> {
    let pointer = &file.pointer;
    match engine.store.fetch(object.bucket.as_deref(), &object.key, path, limit).await {
        Ok(bytes) => Ok(bytes),
        Err(StoreError::Missing) => Err(gone(file, "the file is gone")),
        Err(StoreError::TooLarge { .. }) => Err(all_too_large(file)),
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

/// Fetches one file from the web; tells its size.
async fn fetch_from_web(
    shared: &Shared,
    file: &FileReference,
    address: &str,
    path: &Path,
    limit: u64,
) -> Result<u64, KindError> {
    let error = match shared.fetcher.fetch(address, path, limit).await {
        Ok(bytes) => return Ok(bytes),
        Err(error) => error,
    };
    let told = format!("/input{}: {error}", file.pointer);
    Err(match error {
        FetchError::Local(error) => unwritable(&error),
        FetchError::TooLarge { limit: own } if own == limit => all_too_large(file),
        FetchError::TooLarge { .. } => KindError::fail("file_too_large", told),
        error if error.is_passing() => KindError::retry("source_unavailable", told),
        error if error.is_missing() => KindError::fail("file_not_found", told),
        _ => KindError::fail("source_refused", told),
    })
}

fn all_too_large(file: &FileReference) -> KindError {
    let pointer = &file.pointer;
    KindError::fail(
        "file_too_large",
        format!("/input{pointer}: all files of the job together pass the worker's limit"),
    )
}

/// The worker's own disk is at fault, not the job.
fn unwritable(error: &std::io::Error) -> KindError {
    KindError::retry("work_dir_unwritable", format!("the worker's disk refused a write: {}", error.kind()))
}
