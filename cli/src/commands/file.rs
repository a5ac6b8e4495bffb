//! `esteira file`: how does a file come to the server, so that an input can name it, and back?

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::{Client, Target, percent};
use crate::out;

/// Up to here a file goes through the API, in one call.
const SMALL: u64 = 64 << 20;

/// Bring files, and fetch them.
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
        /// The files
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Download a file that was uploaded
    Get {
        /// Its id, or its name upload://…
        upload: String,
        /// Where it goes; - for standard output [default: its id, here]
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
}

impl File {
    /// Uploads, or downloads.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_tenant()?;
        match &self.verb {
            Verb::Put { paths } => self.put(&client, paths),
            Verb::Get { upload, output } => {
                let id = upload.strip_prefix("upload://").unwrap_or(upload);
                client.save(&format!("/v1/uploads/{}/content", percent(id)), output.as_deref(), id)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }

    fn put(&self, client: &Client, paths: &[PathBuf]) -> Result<ExitCode> {
        for path in paths {
            let file = open(path)?;
            let answer =
                bring(client, path, file).with_context(|| format!("failed to upload {}", path.display()))?;
            if self.target.json {
                out::json(&json!({"path": path, "id": answer["id"], "uri": answer["uri"]}));
            } else {
                out::line(answer.get("uri").and_then(Value::as_str).context("the answer has no uri")?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Brings a file: a small one through the API, a large one in parts, straight to the object store.
fn bring(client: &Client, path: &Path, file: fs::File) -> Result<Value> {
    let bytes = file.metadata()?.len();
    if bytes <= SMALL {
        return Ok(client.post_file("/v1/files", &[("file_name", name_of(path))], file)?);
    }
    let new = json!({"file_name": name_of(path), "media_type": "application/octet-stream", "bytes": bytes});
    let upload = client.post("/v1/uploads", &[], &new)?;
    let id = upload.get("id").and_then(Value::as_str).context("the answer has no id")?;
    let mut brought = Vec::new();
    for part in upload.get("parts").and_then(Value::as_array).context("the answer has no parts")? {
        let part: Part = serde_json::from_value(part.clone()).context("a part is not understood")?;
        // A handle of its own at the same place of the file, which the parts read one after another.
        let piece = file.try_clone()?.take(part.bytes);
        let etag = client.put_part(&part.url, piece, part.bytes)?;
        brought.push(json!({"number": part.number, "etag": etag}));
    }
    Ok(client.post(&format!("/v1/uploads/{id}/complete"), &[], &json!({"parts": brought}))?)
}

/// A part that the server asks for.
#[derive(Deserialize)]
struct Part {
    number: i64,
    url: String,
    bytes: u64,
}

/// Opens what is a file; a folder could be opened, too, and would fail in the middle of its upload.
fn open(path: &Path) -> Result<fs::File> {
    let failed = || format!("failed to open {}", path.display());
    let file = fs::File::open(path).with_context(failed)?;
    let kind = file.metadata().with_context(failed)?;
    ensure!(!kind.is_dir(), "{} is a folder: name files", path.display());
    Ok(file)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
