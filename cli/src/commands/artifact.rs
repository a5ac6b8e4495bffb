//! `esteira artifact`: how does one get at a result? Whole, by the link that the API gives; its beginning, by the API.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::client::{Target, percent};

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
    /// Print the beginning of one artifact of a job (16 MiB, unless the server is set otherwise)
    Preview {
        /// The job's id
        job: String,
        /// The artifact's name, as transcript.txt
        name: String,
    },
}

impl Artifact {
    /// Downloads it, or prints its beginning.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_tenant()?;
        match &self.verb {
            Verb::Get { job, name, output } => {
                let usual = name.rsplit('/').next().unwrap_or(name);
                client.save(&path_of(job, "artifacts", name), output.as_deref(), usual)?;
            }
            Verb::Preview { job, name } => {
                client.print(&path_of(job, "previews", name), &mut io::stdout().lock())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A name may have folders in it; each segment is encoded by itself.
fn path_of(job: &str, collection: &str, name: &str) -> String {
    let segments: Vec<String> = name.split('/').map(percent).collect();
    format!("/v1/jobs/{}/{collection}/{}", percent(job), segments.join("/"))
}
