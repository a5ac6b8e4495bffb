//! `esteira file put`: how does a file come to the server, so that an input can name it?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::client::Target;
use crate::out;

/// Bring files.
#[derive(Debug, Args)]
pub struct File {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Upload files and print the name of each for use in an input, upload://…
    Put {
        /// The files, 100 MiB at most each
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
}

impl File {
    /// Uploads through the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_tenant()?;
        let Verb::Put { paths } = &self.verb;
        for path in paths {
            let file = open(path)?;
            let query = [("file_name", name_of(path))];
            let answer = client
                .post_file("/v1/files", &query, file)
                .with_context(|| format!("failed to upload {}", path.display()))?;
            if self.target.json {
                out::json(&json!({"path": path, "id": answer["id"], "uri": answer["uri"]}));
            } else {
                out::line(answer.get("uri").and_then(Value::as_str).context("the answer has no uri")?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Opens what is a file; a folder could be opened, too, and would fail in the middle of its upload.
fn open(path: &Path) -> Result<std::fs::File> {
    let failed = || format!("failed to open {}", path.display());
    let file = std::fs::File::open(path).with_context(failed)?;
    let kind = file.metadata().with_context(failed)?;
    ensure!(!kind.is_dir(), "{} is a folder: name files", path.display());
    Ok(file)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
