//! How does what earlier attempts kept come out of the store?

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::sleep;

use super::super::Shared;
use super::super::stage::StageError;
use super::{key, unusable};
use crate::artifact::StoreError;
use crate::checkpoint::{Log, Segment};
use crate::job::KindError;
use crate::queue::Lease;

/// Tries to read an object before the attempt is given up.
const TRIES: u32 = 3;

/// Reads the pieces of a log in their order; `false` when one of them is not what was written, and the rest is left out.
pub(super) async fn restore(
    shared: &Shared,
    lease: &Lease,
    log: &mut Log,
    segments: &[Segment],
) -> Result<bool, StageError> {
    for segment in segments {
        let Some(piece) = read(shared, lease, segment).await? else {
            tracing::error!(
                wrote = segment.lease,
                number = segment.number,
                "a piece of checkpoints is gone or was changed"
            );
            return Ok(false);
        };
        log.restore(&piece).map_err(|error| unusable(&error))?;
    }
    Ok(true)
}

async fn read(shared: &Shared, lease: &Lease, segment: &Segment) -> Result<Option<Vec<u8>>, KindError> {
    let _turn = shared.checkpoint_turns.acquire().await;
    let mut tries = 0;
    loop {
        match shared.engine.store.get_whole(&key(lease, segment), segment.bytes).await {
            Ok(piece) => {
                let is_the_same = piece.len() as u64 == segment.bytes
                    && hex::encode(Sha256::digest(&piece)) == segment.sha256;
                return Ok(Some(piece).filter(|_| is_the_same));
            }
            Err(StoreError::Missing | StoreError::TooLarge { .. }) => return Ok(None),
            Err(error) => {
                tries += 1;
                tracing::warn!(tries, error = &error as &dyn std::error::Error, "checkpoints not read");
                if tries == TRIES {
                    let message = "the file store did not give what an earlier attempt has kept";
                    return Err(KindError::retry("store_unavailable", message));
                }
                sleep(Duration::from_millis(200 << tries)).await;
            }
        }
    }
}
