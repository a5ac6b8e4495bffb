//! How does a file come home? By the presigned link that the API gives, to its place at once or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::Client;
use crate::out;

impl Client {
    /// Fetches what `path` of the API leads to: to standard output where `output` is `-`, else to `output` or, here, to
    /// the `usual` name.
    pub fn save(&self, path: &str, output: Option<&Path>, usual: &str) -> Result<()> {
        let answer = self.get(path, &[("redirect", "false".to_owned())])?;
        let link = answer.get("url").and_then(Value::as_str).context("the answer has no url")?;
        if output == Some(Path::new("-")) {
            self.download(link, &mut io::stdout().lock(), |_, _| {})?;
            return Ok(());
        }
        let path = output.map_or_else(|| PathBuf::from(usual), Path::to_path_buf);
        let bytes = to_file(self, link, &path)?;
        out::note(format!("{} ({})", path.display(), crate::table::bytes(bytes)));
        Ok(())
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
