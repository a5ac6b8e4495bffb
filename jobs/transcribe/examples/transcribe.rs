//! Transcribes a recording without an engine: `transcribe FILE FOLDER [INPUT.json]`. The artifacts come into `FOLDER/out`.
//!
//! For measurements and for a look at what comes out; a job does the same in its sandbox. `TRANSCRIBE_STATES` is how many
//! states hear side by side, `TRANSCRIBE_SETTINGS` an object of settings, `TRANSCRIBE_KEPT` a file of checkpoints to go on from.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, anyhow, bail};
use esteira_engine::child::WorkDir;
use esteira_engine::job::Kind;
use esteira_transcribe::MediaTranscribe;
use serde_json::{Value, json};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(folder)) = (arguments.next(), arguments.next()) else {
        bail!("usage: transcribe FILE FOLDER [INPUT.json]");
    };
    let mut input: Value = match arguments.next() {
        Some(path) => serde_json::from_slice(&std::fs::read(path)?)?,
        None => json!({}),
    };
    let source = "upload://00000000-0000-7000-8000-000000000001";
    input["source"] = json!(source);
    let kind = MediaTranscribe;
    let mut settings = kind.info().settings;
    if let Ok(own) = std::env::var("TRANSCRIBE_SETTINGS") {
        let own: Value = serde_json::from_str(&own)?;
        for (name, value) in own.as_object().context("TRANSCRIBE_SETTINGS is no object")? {
            settings[name] = value.clone();
        }
    }
    if let Err(faults) = kind.check(&input, &settings) {
        bail!("{faults:?}");
    }
    let files = BTreeMap::from([(source.to_owned(), std::fs::canonicalize(file)?)]);
    let states = std::env::var("TRANSCRIBE_STATES").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let stop = Arc::new(AtomicBool::new(false));
    let reports = Box::new(std::fs::File::create(PathBuf::from(&folder).join("reports.jsonl"))?);
    let mut work = WorkDir::open(PathBuf::from(&folder), files, states, reports, stop)?;
    if let Some(kept) = std::env::var_os("TRANSCRIBE_KEPT") {
        work.resume(&PathBuf::from(kept))?;
    }
    let output = kind.run(&input, &settings, &mut work).map_err(|error| anyhow!("{error}"))?;
    std::fs::write(PathBuf::from(folder).join("output.json"), serde_json::to_vec_pretty(&output)?)?;
    Ok(())
}
