//! `esteira config`: which settings are in force? Each with its value, its origin and its manual.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use esteira_engine::config::{Explained, Origin};
use serde_json::json;

use super::kind_settings;
use super::options::SettingsOptions;
use crate::out;

/// Show every setting with its value and where the value comes from; secrets are not shown.
#[derive(Debug, Args)]
pub struct ConfigCommand {
    /// Also explain each setting, with its key in the file and its variable
    #[arg(long)]
    explain: bool,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsOptions,
}

impl ConfigCommand {
    /// Prints the settings, and fails when they do not fit.
    pub fn run(self) -> Result<ExitCode> {
        let sources = self.settings.sources()?;
        let all = sources.explain()?;
        if self.json {
            out::json(&all.iter().map(as_json).collect());
        } else {
            for explained in &all {
                print(explained, self.explain);
            }
        }
        // Shown first and judged afterwards, so that a wrong value can be seen.
        let config = sources.load();
        if self.explain && !self.json {
            let kinds: Vec<_> = crate::kinds::all().iter().map(|kind| kind.info()).collect();
            kind_settings::lines(&kinds, config.as_ref().ok()).iter().for_each(out::line);
        }
        config?;
        Ok(ExitCode::SUCCESS)
    }
}

fn print(explained: &Explained, with_manual: bool) {
    let setting = explained.setting;
    let value = explained.value.as_deref().unwrap_or("(not set)");
    out::line(format_args!("{} = {value}  ({})", setting.key, origin(&explained.origin, setting.env)));
    if with_manual {
        out::line(format_args!("    {}\n    variable {}\n", setting.doc, setting.env));
    }
}

fn as_json(explained: &Explained) -> serde_json::Value {
    let setting = explained.setting;
    json!({
        "key": setting.key, "variable": setting.env, "value": explained.value, "secret": setting.secret,
        "origin": origin(&explained.origin, setting.env), "doc": setting.doc,
    })
}

fn origin(origin: &Origin, variable: &str) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::File(path) => format!("file {}", path.display()),
        Origin::Environment => format!("environment {variable}"),
    }
}
