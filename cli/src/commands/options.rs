//! Which options do the serving commands share? The settings file.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use esteira_engine::config::{Sources, address};

use crate::out;

/// Where the settings come from.
#[derive(Debug, Args)]
pub struct SettingsOptions {
    /// The TOML file with settings [default: ESTEIRA_CONFIG, else ./esteira.toml if it is there]
    #[arg(long = "config", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl SettingsOptions {
    /// The file and the environment.
    pub fn sources(&self) -> Result<Sources> {
        let sources = Sources::of_process(self.file.as_deref())?;
        for stranger in &sources.strangers {
            out::note(format!("warning: {stranger}"));
        }
        Ok(sources)
    }
}

/// `HOST:PORT` of `--listen`, where the host may be a name.
pub fn parse_address(text: &str) -> Result<SocketAddr, String> {
    address::parse(text).map_err(|error| error.to_string())
}

/// `KIND=N` of `--concurrency`.
pub fn parse_concurrency(text: &str) -> Result<(String, usize), String> {
    let (kind, count) = text.split_once('=').ok_or("write KIND=N, as in video.generate=2")?;
    let count = count.parse().map_err(|_| format!("{count:?} is no number"))?;
    Ok((kind.to_owned(), count))
}
