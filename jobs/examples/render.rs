//! Runs a kind without an engine: `render JOB.json [--file upload://…=PATH]… --out DIR`.
//!
//! JOB.json is `{"kind": …, "input": …}`. Artifacts land in `DIR/out`, progress is printed as the child
//! prints it. `--threads N` sets the parallelism, `--settings FILE` the operator's settings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, bail};
use esteira_engine::child::WorkDir;
use serde_json::Value;

struct Arguments {
    job: PathBuf,
    files: BTreeMap<String, PathBuf>,
    out: PathBuf,
    threads: usize,
    settings: Value,
}

fn main() -> anyhow::Result<()> {
    let arguments = arguments(std::env::args().skip(1))?;
    let job = read_json(&arguments.job)?;
    let name = job["kind"].as_str().context("the job names no kind")?;
    let catalog = esteira_jobs::catalog();
    let kind = catalog.iter().find(|kind| kind.info().name == name);
    let kind = kind.with_context(|| format!("there is no kind {name}"))?;
    let checked = kind.check(&job["input"], &arguments.settings).map_err(|faults| {
        let lines: Vec<String> =
            faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.message)).collect();
        anyhow::anyhow!("the input is refused:\n{}", lines.join("\n"))
    })?;
    for file in &checked.files {
        let name = file.uri.to_string();
        if !arguments.files.contains_key(&name) {
            bail!("{}: give the file with --file {name}=PATH", file.pointer);
        }
    }
    let reports = Box::new(std::io::stderr());
    let stop = Arc::new(AtomicBool::new(false));
    let mut work = WorkDir::open(arguments.out, arguments.files, arguments.threads, reports, stop)?;
    let output = kind.run(&job["input"], &arguments.settings, &mut work)?;
    serde_json::to_writer_pretty(std::io::stdout(), &output)?;
    Ok(())
}

fn arguments(mut words: impl Iterator<Item = String>) -> anyhow::Result<Arguments> {
    let mut job = None;
    let (mut files, mut out, mut threads, mut settings) = (BTreeMap::new(), None, 2, Value::Null);
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--file" => {
                let pair = value()?;
                let (name, path) = pair.split_once('=').context("--file takes NAME=PATH")?;
                files.insert(name.to_owned(), std::path::absolute(path)?);
            }
            "--out" => out = Some(std::path::absolute(value()?)?),
            "--threads" => threads = value()?.parse()?,
            "--settings" => settings = read_json(Path::new(&value()?))?,
            _ => job = Some(PathBuf::from(word)),
        }
    }
    Ok(Arguments {
        job: job.context("name a job file")?,
        files,
        out: out.context("--out DIR")?,
        threads,
        settings,
    })
}

fn read_json(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}
