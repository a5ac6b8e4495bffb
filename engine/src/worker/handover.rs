//! How far is a service with a job? It is handed over or looked at, and waits without a slot.
//!
//! A row of the job's checkpoints is made before the service hears of it, so that one that ends without its worker is found
//! by whoever prunes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::timeout_at;

use super::Shared;
use super::execute::{deadline, too_late};
use super::patience::until_answered;
use super::roster::{Entry, StopReason};
use super::stage::{StageError, gone, locate};
use crate::Engine;
use crate::artifact::{Located, S3Object, service_key};
use crate::checkpoint;
use crate::job::{CatalogEntry, Handover, Prepared};
use crate::queue::Lease;
use crate::service;
use crate::tenant::Tenant;

/// What came of asking the service.
pub(super) enum Asked {
    /// Its result is there: the child may run.
    Ready,
    /// The job waits for it.
    Snoozed(Duration),
    /// The attempt was stopped.
    Stopped(StopReason),
}

/// Hands the job over, or looks how far it is.
pub(super) async fn ask(
    shared: &Shared,
    tenant: &Tenant,
    lease: &Lease,
    input: &Value,
    entry: &Entry,
    claimed_at: Instant,
    kind: &CatalogEntry,
) -> Result<Asked, StageError> {
    let engine = &shared.engine;
    let Some(prepare) = service::needed(kind, input) else { return Ok(Asked::Ready) };
    if checkpoint::are_kept_by(tenant) {
        let version = kind.kind().checkpoint_version().unwrap_or_default();
        let adopt = || checkpoint::adopt(&engine.db, tenant, lease, version);
        if until_answered(&entry.stop, adopt).await?.is_none() {
            return Ok(Asked::Stopped(StopReason::LeaseLost));
        }
    }
    let asking = async {
        let handover = Handover {
            name: service::name(lease.tenant, lease.job),
            turn: u32::try_from(lease.lease).unwrap_or(u32::MAX),
            account: engine.store.account(),
            files: objects(engine, tenant, &lease.kind, input).await?,
            result: engine.store.object(&service_key(lease.tenant, lease.job)),
        };
        Ok::<_, StageError>(match prepare.prepare(input, &kind.info.settings, &handover).await? {
            Prepared::Ready => Asked::Ready,
            Prepared::Snooze(delay) => Asked::Snoozed(delay),
        })
    };
    tokio::select! {
        asked = timeout_at(deadline(lease, claimed_at), asking) => {
            asked.unwrap_or_else(|_| Err(too_late("the service did not answer in time").into()))
        }
        () = entry.stop.cancelled() => Ok(Asked::Stopped(entry.reason().unwrap_or(StopReason::Shutdown))),
    }
}

/// Where the files lie that the input names.
async fn objects(
    engine: &Engine,
    tenant: &Tenant,
    kind: &str,
    input: &Value,
) -> Result<BTreeMap<String, S3Object>, StageError> {
    let (files, mut found) = locate(engine, tenant, kind, input).await?;
    let mut objects = BTreeMap::new();
    for file in files {
        let object = match found.remove(&file.uri) {
            Some(Ok(Located { bucket: Some(bucket), key, .. })) => S3Object { bucket, key },
            Some(Ok(Located { bucket: None, key, .. })) => engine.store.object(&key),
            Some(Err(error)) => return Err(gone(&file, &error.to_string()).into()),
            // A file of the web, or one that is named twice.
            None => continue,
        };
        objects.insert(file.uri.to_string(), object);
    }
    Ok(objects)
}
