//! Which keys does a data folder have? Those that its first start drew, for ever.

use std::fs;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{DataDirError, private_file};

/// The keys of a data folder.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    /// The operator's API key.
    pub operator_key: String,
    /// The API key of the tenant `demo`.
    pub api_key: String,
    /// Access key id of the embedded S3.
    pub s3_access_key: String,
    /// Secret access key of the embedded S3.
    pub s3_secret_key: String,
}

impl Secrets {
    /// The keys in `dir`, drawn and written there when there are none.
    pub fn load_or_create(dir: &Path) -> Result<Self, DataDirError> {
        let path = dir.join("secrets.json");
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| DataDirError::Damaged { path, source: error.into() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let secrets = Self::draw()?;
                let json = serde_json::to_vec_pretty(&secrets)
                    .map_err(|error| DataDirError::Damaged { path: path.clone(), source: error.into() })?;
                private_file::write(&path, &json)?;
                Ok(secrets)
            }
            Err(error) => Err(DataDirError::io("read", path)(error)),
        }
    }

    fn draw() -> Result<Self, DataDirError> {
        Ok(Self {
            operator_key: format!("est_{}", random_text()?),
            api_key: format!("est_{}", random_text()?),
            s3_access_key: "esteira".to_owned(),
            s3_secret_key: random_text()?,
        })
    }
}

/// 256 random bits in 43 URL-safe characters.
fn random_text() -> Result<String, DataDirError> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(DataDirError::Random)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_drawn_once_and_kept_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let first = Secrets::load_or_create(dir.path()).unwrap();
        let second = Secrets::load_or_create(dir.path()).unwrap();
        assert_eq!((&first.api_key, &first.operator_key), (&second.api_key, &second.operator_key));
        assert_ne!(first.api_key, first.operator_key);
        assert_eq!(first.api_key.len(), 47);
        let mode = fs::metadata(dir.path().join("secrets.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
