//! With which passwords is the embedded Postgres entered? Random ones, in a file of mode 0600.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::error::PostgresError;

/// The two roles' passwords, made once for a cluster.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// Of the superuser `postgres`, which only the start and the tests use.
    pub superuser_password: String,
    /// Of the role `esteira`, which the engine uses.
    pub password: String,
}

impl Secrets {
    /// The passwords in `path`, which are drawn and written there when there are none.
    pub fn load_or_create(path: &Path) -> Result<Self, PostgresError> {
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|source| PostgresError::BadSecrets { path: path.to_owned(), source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(path),
            Err(error) => Err(PostgresError::io("read", path)(error)),
        }
    }

    fn create(path: &Path) -> Result<Self, PostgresError> {
        let secrets = Self { superuser_password: draw()?, password: draw()? };
        let json = serde_json::to_vec_pretty(&secrets)
            .map_err(|source| PostgresError::BadSecrets { path: path.to_owned(), source })?;
        // Under another name first: a kill in between must not leave half a password.
        let partial = path.with_extension("part");
        let write = || -> io::Result<()> {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
            file.write_all(&json)?;
            file.sync_all()?;
            fs::rename(&partial, path)
        };
        write().map_err(PostgresError::io("write", path))?;
        Ok(secrets)
    }
}

/// 256 random bits in characters that need no quoting in SQL or in a URL.
fn draw() -> Result<String, PostgresError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(PostgresError::Random)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
