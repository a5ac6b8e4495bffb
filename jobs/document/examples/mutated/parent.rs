//! How are many documents read by processes that may die of them? In batches, each by a process of its own; what is left of a
//! batch whose process died is read by the next one.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::LONGEST;
use super::child::{Batch, TOO_LONG};
use super::tally::Tally;

/// How a process that panics ends.
const PANICKED: i32 = 101;
/// Bytes of what it says that are kept.
const WORDS: usize = 600;
/// So long it may be silent beyond its time on the CPU, which it watches itself: one that waits for ever uses none.
const SILENCE: Duration = Duration::from_secs(10 * LONGEST.as_secs());

/// How a process is started: this program's own arguments, and its folder.
#[derive(Debug)]
pub struct Starter {
    pub seeds: Vec<PathBuf>,
    pub folder: PathBuf,
}

impl Starter {
    /// Reads a whole batch, whatever happens.
    pub fn read(&self, mut batch: Batch, tally: &mut Tally) -> Result<()> {
        while batch.first < batch.end {
            let mut child = self.start(&batch)?;
            let (begun, last) = listen(&mut child, tally)?;
            let status = child.wait()?;
            batch.first = match (begun, last) {
                // It died of this one.
                (Some(begun), _) => {
                    let (sort, words) = reason(&mut child, status);
                    tally.died(begun, sort, words);
                    begun + 1
                }
                (None, Some(last)) if status.success() => last + 1,
                _ => anyhow::bail!("a process ended by itself: {status} {}", said(&mut child)),
            };
        }
        Ok(())
    }

    fn start(&self, batch: &Batch) -> Result<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("read").arg(&self.folder).arg(&batch.format);
        command.args([batch.first.to_string(), batch.end.to_string()]).args(&self.seeds);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().context("no process")
    }
}

/// Hears what a process tells of its documents, to its end; which one it was reading then, and which it read last.
fn listen(child: &mut Child, tally: &mut Tally) -> Result<(Option<u64>, Option<u64>)> {
    let told = child.stdout.take().context("no output")?;
    let (sender, lines) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(told).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let (mut begun, mut last) = (None, None);
    loop {
        match lines.recv_timeout(SILENCE) {
            Ok(line) => {
                let words: Vec<&str> = line.split(' ').collect();
                match words.as_slice() {
                    ["begin", index] => begun = Some(index.parse()?),
                    ["end", index, sort, took, kib] => {
                        tally.end(index.parse()?, sort, took.parse()?, kib.parse()?);
                        (begun, last) = (None, Some(index.parse()?));
                    }
                    _ => {}
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => child.kill()?,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    let _ = reader.join();
    Ok((begun, last))
}

/// Why a process died.
fn reason(child: &mut Child, status: ExitStatus) -> (&'static str, String) {
    let sort = match (status.code(), status.signal()) {
        (Some(PANICKED), _) => "panic",
        (Some(TOO_LONG), _) | (_, Some(9)) => "slow",
        _ => "abort",
    };
    (sort, format!("{status} {}", said(child)))
}

/// The beginning of what it said; a process that dies says little, which waits in the pipe.
fn said(child: &mut Child) -> String {
    let mut words = Vec::new();
    if let Some(errors) = child.stderr.take() {
        let _ = errors.take(WORDS as u64).read_to_end(&mut words);
    }
    String::from_utf8_lossy(&words).split_whitespace().collect::<Vec<_>>().join(" ")
}
