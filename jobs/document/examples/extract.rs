//! Reads a document without an engine: `extract FILE FOLDER [INPUT.json]`. The artifacts come into `FOLDER/out`.
//!
//! For measurements and for a look at what comes out; a job does the same in its sandbox.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, anyhow, bail};
use esteira_document::DocumentExtract;
use esteira_engine::child::WorkDir;
use esteira_engine::job::Kind;
use serde_json::{Value, json};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(folder)) = (arguments.next(), arguments.next()) else {
        bail!("usage: extract FILE FOLDER [INPUT.json]");
    };
    let mut input: Value = match arguments.next() {
        Some(path) => serde_json::from_slice(&std::fs::read(path)?)?,
        None => json!({}),
    };
    let source = "upload://00000000-0000-7000-8000-000000000001";
    input["source"] = json!(source);
    let kind = DocumentExtract;
    let mut settings = kind.info().settings;
    if let Ok(own) = std::env::var("EXTRACT_SETTINGS") {
        let own: Value = serde_json::from_str(&own)?;
        for (name, value) in own.as_object().context("EXTRACT_SETTINGS is no object")? {
            settings[name] = value.clone();
        }
    }
    if let Err(faults) = kind.check(&input, &settings) {
        bail!("{faults:?}");
    }
    let path = std::fs::canonicalize(file)?;
    let name =
        path.file_name().and_then(|name| name.to_str()).map(|name| (source.to_owned(), name.to_owned()));
    let files = BTreeMap::from([(source.to_owned(), path)]);
    let parallelism = std::env::var("EXTRACT_THREADS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let rounds = std::env::var("EXTRACT_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let stop = Arc::new(AtomicBool::new(false));
    let folder = PathBuf::from(folder);
    // Again and again for those who measure, and each time over what was written before.
    for _ in 0..rounds {
        let reports = Box::new(std::io::sink());
        let mut work = WorkDir::open(folder.clone(), files.clone(), parallelism, reports, stop.clone())?;
        work.call(name.clone().into_iter().collect());
        let output = kind.run(&input, &settings, &mut work).map_err(|error| anyhow!("{error}"))?;
        std::fs::write(folder.join("output.json"), serde_json::to_vec_pretty(&output)?)?;
    }
    Ok(())
}
