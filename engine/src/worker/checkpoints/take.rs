//! How do the child's files come into the log? One after the other, until one is not kept.

use std::io;
use std::path::Path;

use crate::checkpoint::{Log, Taken};
use crate::child::{open_checkpoint, remove_checkpoint};

const FULL: &str = "the checkpoints of this job have come to their limit: the later ones are not kept";
const UNREADABLE: &str = "a checkpoint cannot be read: it and the later ones are not kept";
pub(super) const NOT_KEPT: &str =
    "the worker could not keep a checkpoint: it and the later ones are not kept";

/// What became of some checkpoints.
pub(super) struct Batch {
    pub log: Log,
    pub taken: u64,
    /// Why no more is taken, if so.
    pub refusal: Option<&'static str>,
}

/// Takes the child's files from one number to another.
pub(super) fn take_all(mut log: Log, dir: &Path, mut taken: u64, reported: u64) -> Batch {
    let refusal = loop {
        if taken == reported {
            break None;
        }
        match take_one(&mut log, dir, taken + 1) {
            Ok(Taken::Kept) => taken += 1,
            Ok(Taken::Full) => break Some(FULL),
            Ok(Taken::Unreadable) => break Some(UNREADABLE),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a checkpoint could not be kept");
                break Some(NOT_KEPT);
            }
        }
    };
    Batch { log, taken, refusal }
}

fn take_one(log: &mut Log, dir: &Path, number: u64) -> io::Result<Taken> {
    let source = match open_checkpoint(dir, number) {
        Ok(source) => source,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a checkpoint cannot be opened");
            return Ok(Taken::Unreadable);
        }
    };
    let taken = log.take(source)?;
    if taken == Taken::Kept {
        remove_checkpoint(dir, number);
        if log.is_wasteful() {
            log.rewrite()?;
        }
    }
    Ok(taken)
}
