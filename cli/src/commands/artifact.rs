//! `esteira artifact get`: how does a result come home? By the presigned link that the API gives.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::client::{Client, Target, percent};
use crate::out;

/// Fetch what a job made.
#[derive(Debug, Args)]
pub struct Artifact {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Download one artifact of a job
    Get {
        /// The job's id
        job: String,
        /// The artifact's name, as video.mp4
        name: String,
        /// Where it goes; - for standard output [default: its name, here]
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
}

impl Artifact {
    /// Downloads it.
    pub fn run(self) -> Result<ExitCode> {
        let Verb::Get { job, name, output } = &self.verb;
        let client = self.target.as_tenant()?;
        // A name may have folders in it; each segment is encoded by itself.
        let segments: Vec<String> = name.split('/').map(percent).collect();
        let path = format!("/v1/jobs/{}/artifacts/{}", percent(job), segments.join("/"));
        let answer = client.get(&path, &[("redirect", "false".to_owned())])?;
        let link = answer.get("url").and_then(Value::as_str).context("the answer has no url")?;
        if output.as_deref() == Some(Path::new("-")) {
            client.download(link, &mut io::stdout().lock(), |_, _| {})?;
            return Ok(ExitCode::SUCCESS);
        }
        let usual = || PathBuf::from(name.rsplit('/').next().unwrap_or(name));
        let path = output.clone().unwrap_or_else(usual);
        let bytes = to_file(&client, link, &path)?;
        out::note(format!("{} ({})", path.display(), crate::table::bytes(bytes)));
        Ok(ExitCode::SUCCESS)
    }
}

/// Downloads beside `path` and renames, so that a broken transfer leaves no half file there.
fn to_file(client: &Client, link: &str, path: &Path) -> Result<u64> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    let failed = || format!("failed to write {}", path.display());
    let mut file = File::create(&partial).with_context(failed)?;
    let bar = indicatif::ProgressBar::new(0);
    bar.set_style(indicatif::ProgressStyle::with_template(
        "{bytes}/{total_bytes} {bytes_per_sec} {wide_bar}",
    )?);
    let fetched = client.download(link, &mut file, |done, total| {
        bar.set_length(total.unwrap_or(done));
        bar.set_position(done);
    });
    bar.finish_and_clear();
    match fetched {
        Ok(bytes) => {
            file.flush().with_context(failed)?;
            fs::rename(&partial, path).with_context(failed)?;
            Ok(bytes)
        }
        Err(error) => {
            fs::remove_file(&partial).with_context(failed)?;
            Err(error.into())
        }
    }
}
