//! What does the process do in which documents are read? One after the other, each with a line before it and one after it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use esteira_document::DocumentExtract;
use esteira_engine::child::WorkDir;
use esteira_engine::job::Kind;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde_json::{Value, json};

use super::LONGEST;
use super::seeds::{self, Seed};

const SOURCE: &str = "upload://00000000-0000-7000-8000-000000000001";
/// The way to end of a process whose document takes longer.
pub const TOO_LONG: i32 = 124;

/// Which documents are read.
#[derive(Debug, Clone)]
pub struct Batch {
    pub format: String,
    pub first: u64,
    pub end: u64,
}

/// Reads a batch: `begin INDEX`, then `end INDEX SORT MILLISECONDS KIB`, of each.
pub fn read(batch: &Batch, seeds: &[Seed], folder: &Path) -> Result<()> {
    let kind = DocumentExtract;
    // As the engine's sandbox has it: address space, as the kernel counts it.
    let space = Some(kind.info().resources.memory_bytes);
    setrlimit(Resource::As, Rlimit { current: space, maximum: space })?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    let watched = watch();
    let mut told = io::stdout().lock();
    for index in batch.first..batch.end {
        let (bytes, name) = seeds::spoilt(seeds, &batch.format, index).context("no such document")?;
        let document = folder.join("document");
        fs::write(&document, &bytes)?;
        drop(bytes);
        writeln!(told, "begin {index}")?;
        told.flush()?;
        forget_peak()?;
        let _ = watched.send(());
        let before = cpu()?;
        let sort = one(&kind, &document, &name, index, folder)?;
        let took = cpu()?.saturating_sub(before).as_millis();
        writeln!(told, "end {index} {sort} {took} {}", peak_kib()?)?;
        told.flush()?;
    }
    Ok(())
}

/// Reads one document as a job does; how it ended, in a word.
fn one(
    kind: &DocumentExtract,
    document: &Path,
    name: &str,
    index: u64,
    folder: &Path,
) -> Result<&'static str> {
    for used in ["out", "tmp"] {
        let _ = fs::remove_dir_all(folder.join(used));
    }
    let files = BTreeMap::from([(SOURCE.to_owned(), document.to_owned())]);
    let stop = Arc::new(AtomicBool::new(false));
    let mut work = WorkDir::open(PathBuf::from(folder), files, 1, Box::new(io::sink()), stop)?;
    work.call(BTreeMap::from([(SOURCE.to_owned(), name.to_owned())]));
    let settings = kind.info().settings;
    Ok(match kind.run(&asked(index), &settings, &mut work) {
        Ok(_) => "read",
        Err(error) if error.retryable => "retried",
        Err(_) => "refused",
    })
}

/// Pictures of pages are made of one in ten, and text recognition, which is slow, of one in two hundred.
fn asked(index: u64) -> Value {
    let mut asked = json!({
        "source": SOURCE, "outputs": ["json", "md", "txt", "xlsx", "csv"], "ocr": "never", "words": index % 3 == 0,
    });
    if index % 10 == 0 && index % 200 != 0 {
        asked["outputs"] = json!(["json", "md", "images"]);
        asked["images"] = json!({"width": 400});
    }
    if index % 200 == 0 {
        asked["ocr"] = json!("auto");
        asked["outputs"] = json!(["json", "md", "searchable_pdf"]);
    }
    asked
}

/// Ends the process when a document takes too much of the CPU's time. What is sent begins the next one.
fn watch() -> mpsc::Sender<()> {
    let (sender, begun) = mpsc::channel();
    std::thread::spawn(move || {
        let mut since = Duration::ZERO;
        loop {
            match begun.recv_timeout(Duration::from_millis(100)) {
                Ok(()) => since = cpu().unwrap_or_default(),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    if cpu().unwrap_or_default().saturating_sub(since) > LONGEST {
                        std::process::exit(TOO_LONG);
                    }
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    sender
}

/// What this process has used of the CPU: proc_pid_stat(5), in hundredths of a second.
fn cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit_once(')').context("no stat")?.1;
    let ticks =
        after_name.split_ascii_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
    Ok(Duration::from_millis(ticks.sum::<u64>() * 10))
}

/// The highest memory since [`forget_peak`], by proc_pid_status(5).
fn peak_kib() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    line.trim().trim_end_matches(" kB").parse().map_err(|_| anyhow!("no number: {line}"))
}

/// proc_pid_clear_refs(5): 5 sets the highest memory to the present one.
fn forget_peak() -> Result<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}
