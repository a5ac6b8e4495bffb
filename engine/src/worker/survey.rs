//! What does a kind's trusted half leave in the directory, before the child begins?

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::Shared;
use super::stage::StageError;
use crate::child::AttemptDir;
use crate::id::JobId;
use crate::job::{CatalogEntry, KindError, Surveyed};
use crate::snapshot::Snapshot;
use crate::tenant::Tenant;

/// The most bytes of what a kind reads for one job: it is held in memory, here and in the child.
const MOST_BYTES: u64 = 256 << 20;

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
    let mut rows = Snapshot::begin(&shared.engine.db, tenant, job, shared.options.retention.jobs).await?;
    let surveyed = half.survey(input, &kind.info.settings, &mut rows).await?;
    // No transaction stays open while files are written, or while the job runs.
    rows.end().await?;
    check_size(&surveyed)?;
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

/// Refuses what is too much for the disk and the child.
fn check_size(surveyed: &[Surveyed]) -> Result<(), KindError> {
    let bytes = surveyed.iter().fold(0u64, |sum, file| sum.saturating_add(file.bytes.len() as u64));
    if bytes > MOST_BYTES {
        let message =
            format!("what was read has {bytes} bytes; {MOST_BYTES} are allowed: ask for less at once");
        return Err(KindError::fail("dataset_too_large", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_together_is_refused() {
        let file = |bytes: u64| Surveyed {
            name: "survey://rows.json",
            bytes: vec![0; usize::try_from(bytes).unwrap()],
        };
        check_size(&[]).unwrap();
        check_size(&[file(MOST_BYTES / 2), file(MOST_BYTES / 2)]).unwrap();
        let error = check_size(&[file(MOST_BYTES / 2), file(MOST_BYTES / 2 + 1)]).unwrap_err();
        assert_eq!((error.code.as_str(), error.retryable), ("dataset_too_large", false));
    }
}
