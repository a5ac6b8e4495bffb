//! `esteira whoami`: whose key is this, and what may it do?

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::client::Target;
use crate::{out, table};

/// Show the tenant of a key with its limits, and what the key may do.
#[derive(Debug, Args)]
pub struct Whoami {
    /// Ask with the operator's key
    #[arg(long)]
    operator: bool,
    #[command(flatten)]
    target: Target,
}

impl Whoami {
    /// Asks the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = if self.operator { self.target.as_operator()? } else { self.target.as_tenant()? };
        let said: Value = client.get("/v1/me", &[])?;
        if self.target.json {
            out::json(&said);
        } else {
            table::record(&said);
        }
        Ok(ExitCode::SUCCESS)
    }
}
