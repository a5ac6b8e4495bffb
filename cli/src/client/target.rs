//! Which server is meant, and with which key? Options, then the environment, then a data folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::Client;
use crate::data_dir::{Connection, USUAL};

/// The options that every client command takes.
#[derive(Debug, Args)]
pub struct Target {
    /// The server's address
    #[arg(long, env = "ESTEIRA_URL", global = true, value_name = "URL")]
    url: Option<String>,
    /// The API key
    #[arg(long, env = "ESTEIRA_API_KEY", global = true, value_name = "KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// The API key for `tenant`, `key`, `queue` and `worker` commands
    #[arg(long, env = "ESTEIRA_OPERATOR_KEY", global = true, value_name = "KEY", hide_env_values = true)]
    operator_key: Option<String>,
    /// The data folder of an `esteira up` on this machine, where address and keys are found
    #[arg(long, env = "ESTEIRA_DATA_DIR", global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub json: bool,
}

impl Target {
    /// A client with the key of a tenant.
    pub fn as_tenant(&self) -> Result<Client> {
        self.client(self.api_key.as_deref(), |found| &found.api_key, "--api-key or ESTEIRA_API_KEY")
    }

    /// A client with the key of an operator.
    pub fn as_operator(&self) -> Result<Client> {
        let key = self.operator_key.as_deref();
        self.client(key, |found| &found.operator_key, "--operator-key or ESTEIRA_OPERATOR_KEY")
    }

    fn client(&self, key: Option<&str>, in_file: fn(&Connection) -> &String, names: &str) -> Result<Client> {
        if let (Some(url), Some(key)) = (&self.url, key) {
            return Ok(Client::new(url, key));
        }
        // An address without a key is somewhere else: a key found on this machine would not fit there.
        if self.url.is_some() {
            bail!("the server's address is given without a key: add {names}");
        }
        let dir = self.data_dir.as_deref().unwrap_or(Path::new(USUAL));
        let found = Connection::read(dir)?.with_context(|| {
            format!(
                "no server is ready in {}: start one with `esteira up`, or name one with \
                 --data-dir, or with ESTEIRA_URL and a key",
                dir.display()
            )
        })?;
        Ok(Client::new(&found.url, key.unwrap_or_else(|| in_file(&found))))
    }
}
