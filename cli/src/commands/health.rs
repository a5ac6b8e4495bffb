//! `esteira health`: does a server live, and can it work? For people, and for whatever starts it anew.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::client::Target;
use crate::{out, table};

/// Ask a server whether it lives and can work; no key is needed. Exit code 1 says that it cannot.
#[derive(Debug, Args)]
pub struct Health {
    /// Only whether the process lives, whatever its database and its store do
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    target: Target,
}

impl Health {
    /// Asks it.
    pub fn run(self) -> Result<ExitCode> {
        let path = if self.live { "/healthz" } else { "/readyz" };
        let (status, said): (u16, Value) = self.target.as_nobody()?.ask(path)?;
        if self.target.json {
            out::json(&said);
        } else {
            table::record(&said);
        }
        Ok(if status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
