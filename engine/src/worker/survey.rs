//! What does a kind's trusted half leave in the directory, before the child begins?

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::Shared;
use super::stage::StageError;
use crate::child::AttemptDir;
use crate::id::JobId;
use crate::job::{CatalogEntry, KindError};
use crate::snapshot::Snapshot;
use crate::tenant::Tenant;

/// Lets a kind read the tenant's rows, if it wants any; answers where its files lie, relative to the directory.
pub(super) async fn survey(
    shared: &Shared,
    tenant: &Tenant,
    job: JobId,
    kind: &CatalogEntry,
    input: &Value,
    dir: &AttemptDir,
) -> Result<BTreeMap<String, PathBuf>, StageError> {
    let Some(half) = kind.kind().survey() else { return Ok(BTreeMap::new()) };
    if !tenant.keeps_quarters() {
        let message = "the tenant's schema is not migrated yet: run `esteira migrate`";
        return Err(KindError::retry("not_migrated", message).into());
    }
    let mut rows = Snapshot::begin(&shared.engine.db, tenant, job).await?;
    let surveyed = half.survey(input, &kind.info.settings, &mut rows).await?;
    // No transaction stays open while files are written, or while the job runs.
    rows.end().await?;
    let mut places = BTreeMap::new();
    for (number, file) in surveyed.into_iter().enumerate() {
        let place = AttemptDir::surveyed(number);
        tokio::fs::write(dir.path().join(&place), file.bytes).await.map_err(|error| {
            let message = format!("the worker's disk refused a write: {}", error.kind());
            KindError::retry("work_dir_unwritable", message)
        })?;
        places.insert(file.name.to_owned(), place);
    }
    Ok(places)
}
