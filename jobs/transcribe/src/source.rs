//! What does a transcript tell of its recording? What it is, and its sum.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use esteira_engine::job::KindError;
use esteira_media::SoundInfo;
use sha2::{Digest, Sha256};

use super::transcript::Source;

/// Reads the file once.
///
/// # Errors
/// When it cannot be read.
pub fn source(path: &Path, info: &SoundInfo) -> Result<Source, KindError> {
    Ok(Source {
        sha256: sha256(path).map_err(storage)?,
        bytes: fs::metadata(path).map_err(storage)?.len(),
        codec: info.codec.clone(),
        channels: info.channels,
    })
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hash)?;
    Ok(hex::encode(hash.finalize()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is mapped over results")]
fn storage(error: io::Error) -> KindError {
    KindError::retry("storage_failed", format!("the work directory: {}", error.kind()))
}
