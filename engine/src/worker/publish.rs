//! How do a child's files become artifacts? Opened without trust, hashed, and put below the lease's own key.

use std::collections::HashSet;

use tokio::task::spawn_blocking;

use crate::artifact::{Store, StoreError, lease_prefix};
use crate::child::{ArtifactNote, AttemptDir, open_artifact};
use crate::job::KindError;
use crate::queue::{FinishedArtifact, Lease};

/// Tries of one upload before the attempt is given up; each waits a little longer.
const TRIES: u32 = 3;
const TOO_LARGE: (&str, &str) = ("artifacts_too_large", "the result passes the worker's limit");
const STORAGE_FULL: (&str, &str) = ("storage_full", "the tenant's storage limit is reached");

/// Uploads what the child declared: at most `limit` bytes, and no more than the tenant has `room` for. Until the
/// settle nobody knows of these objects.
pub(super) async fn publish(
    store: &Store,
    lease: &Lease,
    dir: &AttemptDir,
    notes: &[ArtifactNote],
    limit: u64,
    room: Option<u64>,
) -> Result<Vec<FinishedArtifact>, KindError> {
    let mut names = HashSet::new();
    let mut left = limit.min(room.unwrap_or(u64::MAX));
    let full = if left < limit { STORAGE_FULL } else { TOO_LARGE };
    let mut finished = Vec::with_capacity(notes.len());
    for note in notes {
        if !names.insert(&note.name) {
            return Err(KindError::fail("bad_artifact", format!("{} was declared twice", note.name)));
        }
        let artifact = put(store, lease, dir, note, left, full).await?;
        left = left.saturating_sub(artifact.bytes);
        finished.push(artifact);
    }
    Ok(finished)
}

async fn put(
    store: &Store,
    lease: &Lease,
    dir: &AttemptDir,
    note: &ArtifactNote,
    limit: u64,
    (code, message): (&str, &str),
) -> Result<FinishedArtifact, KindError> {
    let object_key = format!("{}{}", lease_prefix(lease.tenant, lease.job, lease.lease), note.name);
    let mut tries = 0;
    loop {
        let (path, name) = (dir.path().to_owned(), note.name.clone());
        let file = spawn_blocking(move || open_artifact(&path, &name))
            .await
            .map_err(|_| KindError::retry("internal", "the worker stopped in the middle"))?
            .map_err(|error| KindError::fail("bad_artifact", format!("{}: {error}", note.name)))?;
        let mut file = tokio::fs::File::from_std(file);
        match store.put(&object_key, &note.media_type, limit, &mut file).await {
            Ok(stored) => {
                return Ok(FinishedArtifact {
                    name: note.name.clone(),
                    media_type: note.media_type.clone(),
                    bytes: stored.bytes,
                    sha256: stored.sha256,
                    object_key,
                });
            }
            Err(StoreError::TooLarge { .. }) => {
                return Err(KindError::fail(code, format!("{}: {message}", note.name)));
            }
            Err(error) => {
                tries += 1;
                tracing::warn!(job.id = %lease.job, tries, error = &error as &dyn std::error::Error, "artifact not stored");
                if tries == TRIES {
                    return Err(KindError::retry(
                        "store_unavailable",
                        "the file store did not take the result",
                    ));
                }
                tokio::time::sleep(std::time::Duration::from_millis(200 << tries)).await;
            }
        }
    }
}
