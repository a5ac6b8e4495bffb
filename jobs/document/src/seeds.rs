//! Where do the documents that tests write go besides? Into the folder that `ESTEIRA_SEEDS` names, to be spoilt by
//! `examples/mutated`; nowhere without it.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Keeps a document by its hash.
pub fn keep(bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("ESTEIRA_SEEDS") {
        let name = hex::encode(Sha256::digest(bytes));
        std::fs::write(PathBuf::from(folder).join(&name[..16]), bytes).unwrap();
    }
}

/// Keeps a document that is a file.
pub fn keep_file(path: &Path) {
    keep(&std::fs::read(path).unwrap());
}
