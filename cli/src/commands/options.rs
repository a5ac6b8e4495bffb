//! Which options do the serving commands share? The settings file.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use esteira_engine::config::Sources;

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
        Ok(Sources::of_process(self.file.as_deref())?)
    }
}

/// `KIND=N` of `--concurrency`.
pub fn parse_concurrency(text: &str) -> Result<(String, usize), String> {
    let (kind, count) = text.split_once('=').ok_or("write KIND=N, as in video.generate=2")?;
    let count = count.parse().map_err(|_| format!("{count:?} is no number"))?;
    Ok((kind.to_owned(), count))
}
