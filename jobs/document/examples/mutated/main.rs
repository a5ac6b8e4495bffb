//! Reads spoilt documents, many of each format, and tells how it ended.
//!
//! `mutated COUNT JOBS [--only FORMAT,…] [--keep FOLDER] [SEEDS…]` spoils the documents of the folders SEEDS, and a few of its
//! own, COUNT times for each format, always in the same way, and has them read by JOBS processes. A document may use
//! 30 seconds of the CPU and as much address space as the kind's child in the engine. The last line is one JSON object.
//! What did harm is written to the folder of `--keep`.
//!
//! `mutated one FORMAT INDEX FILE [SEEDS…]` writes one spoilt document.

mod child;
mod dice;
mod package;
mod parent;
mod seeds;
mod spoil;
mod tally;

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::json;

use child::Batch;
use parent::Starter;
use seeds::Seeds;
use tally::Tally;

/// What a document may use of the CPU.
pub const LONGEST: Duration = Duration::from_secs(30);
/// Documents that one process reads.
const BATCH: u64 = 250;

const USAGE: &str = "usage: mutated COUNT JOBS [--only FORMAT,…] [--keep FOLDER] [SEEDS…]";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["read", folder, format, first, end, seeds @ ..] => {
            let batch = Batch { format: (*format).to_owned(), first: first.parse()?, end: end.parse()? };
            let seeds = seeds::gather(&paths(seeds))?;
            child::read(&batch, of(&seeds, format)?, Path::new(folder))
        }
        ["one", format, index, file, seeds @ ..] => {
            let seeds = seeds::gather(&paths(seeds))?;
            write_one(&seeds, format, index.parse()?, Path::new(file))
        }
        [count, jobs, rest @ ..] => {
            let mut rest = rest;
            let (mut only, mut keep) = (None, None);
            while let [option @ ("--only" | "--keep"), value, after @ ..] = rest {
                match *option {
                    "--only" => only = Some(*value),
                    _ => keep = Some(Path::new(*value)),
                }
                rest = after;
            }
            let wanted: Option<Vec<&str>> = only.map(|only| only.split(',').collect());
            all(count.parse()?, jobs.parse()?, wanted.as_deref(), keep, &paths(rest))
        }
        _ => bail!(USAGE),
    }
}

fn paths(words: &[&str]) -> Vec<PathBuf> {
    words.iter().map(PathBuf::from).collect()
}

fn of<'a>(seeds: &'a Seeds, format: &str) -> Result<&'a [seeds::Seed]> {
    seeds.get(format).map(Vec::as_slice).ok_or_else(|| anyhow!("there is no document of {format} to spoil"))
}

fn write_one(seeds: &Seeds, format: &str, index: u64, file: &Path) -> Result<()> {
    let (bytes, name) =
        seeds::spoilt(of(seeds, format)?, format, index).context("there is no such document")?;
    fs::write(file, bytes)?;
    writeln!(std::io::stderr(), "from {name}")?;
    Ok(())
}

/// Reads `count` documents of each format by `jobs` processes at a time.
fn all(
    count: u64,
    jobs: u64,
    wanted: Option<&[&str]>,
    keep: Option<&Path>,
    folders: &[PathBuf],
) -> Result<()> {
    let seeds = seeds::gather(folders)?;
    let formats: Vec<&String> =
        seeds.keys().filter(|format| wanted.is_none_or(|wanted| wanted.contains(&format.as_str()))).collect();
    let mut batches = VecDeque::new();
    for format in &formats {
        for first in (0..count).step_by(usize::try_from(BATCH)?) {
            batches.push_back(Batch { format: (*format).clone(), first, end: count.min(first + BATCH) });
        }
    }
    let batches = Mutex::new(batches);
    let tallies: Mutex<BTreeMap<String, Tally>> = Mutex::default();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..jobs).map(|_| scope.spawn(|| work(&batches, &tallies, folders))).collect();
        readers.into_iter().try_for_each(|reader| reader.join().map_err(|_| anyhow!("a reader died"))?)
    })?;
    let tallies = tallies.into_inner().map_err(|_| anyhow!("a reader died"))?;
    if let Some(keep) = keep {
        for (format, tally) in &tallies {
            for harm in &tally.harm {
                write_one(&seeds, format, harm.index, &keep.join(format!("{format}-{}", harm.index)))?;
            }
        }
    }
    tell(&tallies)
}

/// Reads batches until there are no more.
fn work(
    batches: &Mutex<VecDeque<Batch>>,
    tallies: &Mutex<BTreeMap<String, Tally>>,
    seeds: &[PathBuf],
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let starter = Starter { seeds: seeds.to_vec(), folder: folder.path().to_owned() };
    loop {
        let next = batches.lock().map_err(|_| anyhow!("a reader died"))?.pop_front();
        let Some(batch) = next else { return Ok(()) };
        let (format, mut tally) = (batch.format.clone(), Tally::default());
        starter.read(batch, &mut tally)?;
        let mut told = std::io::stderr().lock();
        for harm in &tally.harm {
            writeln!(told, "{format} {}: {}", harm.index, harm.what)?;
        }
        tallies.lock().map_err(|_| anyhow!("a reader died"))?.entry(format).or_default().add(tally);
    }
}

fn tell(tallies: &BTreeMap<String, Tally>) -> Result<()> {
    let mut told = std::io::stdout().lock();
    writeln!(told, "{}", tally::HEAD)?;
    for (format, tally) in tallies {
        writeln!(told, "{}", tally.row(format))?;
    }
    let figures: BTreeMap<&String, _> =
        tallies.iter().map(|(format, tally)| (format, tally.json())).collect();
    writeln!(told, "{}", json!({"bench": "mutated", "formats": figures}))?;
    Ok(())
}
