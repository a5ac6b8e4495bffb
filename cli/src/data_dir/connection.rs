//! How does a client find a server that runs here? By `DIR/esteira.json`, there while it is ready.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{DataDirError, private_file};

/// What `esteira.json` says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Connection {
    /// The API.
    pub url: String,
    /// Its metrics, where they are told.
    #[serde(default)]
    pub metrics_url: Option<String>,
    /// Postgres.
    pub database_url: String,
    /// The S3 server; none where AWS itself is used.
    pub s3_endpoint: Option<String>,
    /// A key with the scope `operator`.
    pub operator_key: String,
    /// The tenant that `api_key` belongs to.
    pub tenant: String,
    /// A key to work with.
    pub api_key: String,
}

impl Connection {
    /// What stands in `dir`, or `None` when no server is ready there.
    pub fn read(dir: &Path) -> Result<Option<Self>, DataDirError> {
        let path = file(dir);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| DataDirError::Damaged { path, source: error.into() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(DataDirError::io("read", path)(error)),
        }
    }

    /// Tells clients that the server is ready.
    pub fn write(&self, dir: &Path) -> Result<(), DataDirError> {
        let path = file(dir);
        let json = serde_json::to_vec_pretty(self)
            .map_err(|error| DataDirError::Damaged { path: path.clone(), source: error.into() })?;
        private_file::write(&path, &json)
    }

    /// Takes the word back, at the end and before a start (a killed server leaves it).
    pub fn remove(dir: &Path) -> Result<(), DataDirError> {
        let path = file(dir);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(DataDirError::io("remove", path)(error))
            }
            _ => Ok(()),
        }
    }
}

fn file(dir: &Path) -> PathBuf {
    dir.join("esteira.json")
}
