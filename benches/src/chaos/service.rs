//! How does one process of Esteira run, get its signals, and come back? As a service manager would have it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

/// A process that is told to end in order must have ended by then.
const TERM_PATIENCE: Duration = Duration::from_secs(60);
/// Debian's library that gives a process another time.
const FAKETIME: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
];

/// A process of Esteira that has to run all the time.
#[derive(Debug)]
pub struct Service {
    pub name: String,
    program: PathBuf,
    args: Vec<String>,
    variables: BTreeMap<String, String>,
    log: PathBuf,
    process: Option<(Child, Instant)>,
    /// How far its clock is off, as faketime writes it.
    clock: Option<&'static str>,
}

impl Service {
    /// Not started yet.
    pub fn new(
        name: &str,
        program: &Path,
        args: &[&str],
        variables: BTreeMap<String, String>,
        logs: &Path,
    ) -> Self {
        Self {
            name: name.to_owned(),
            program: program.to_owned(),
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
            variables,
            log: logs.join(format!("{name}.log")),
            process: None,
            clock: None,
        }
    }

    /// Starts it.
    pub fn start(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().env("PATH", "/usr/bin:/bin").envs(&self.variables);
        if let (Some(library), Some(clock)) = (faketime(), self.clock) {
            command.env("LD_PRELOAD", library).env("FAKETIME", clock);
            // The monotonic clock of a machine is right, however wrong its calendar is.
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).current_dir("/");
        // Ctrl-C at the terminal is for us, who stop it in order.
        command.kill_on_drop(true).process_group(0);
        let child = command.spawn().with_context(|| format!("failed to start {}", self.name))?;
        self.process = Some((child, Instant::now()));
        Ok(())
    }

    /// Sends it a signal, if it runs.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let id = self.process.as_ref().and_then(|(child, _)| child.id());
        if let Some(pid) = id.and_then(|id| Pid::from_raw(id.cast_signed())) {
            kill_process(pid, signal).with_context(|| format!("failed to signal {}", self.name))?;
        }
        Ok(())
    }

    /// Kills it and waits for its end.
    pub async fn kill(&mut self) -> Result<()> {
        self.signal(Signal::KILL)?;
        if let Some((mut child, _)) = self.process.take() {
            child.wait().await?;
        }
        Ok(())
    }

    /// Tells it to end, and waits for that; tells what was wrong with the end.
    pub async fn terminate(&mut self) -> Result<Option<String>> {
        self.signal(Signal::TERM)?;
        let Some((mut child, _)) = self.process.take() else { return Ok(None) };
        let name = &self.name;
        Ok(match timeout(TERM_PATIENCE, child.wait()).await {
            Ok(status) => {
                let status = status?;
                (!status.success()).then(|| format!("{name} ended {status} after SIGTERM"))
            }
            Err(_) => {
                let threads = child.id().map(what_threads_do).unwrap_or_default();
                child.kill().await?;
                Some(format!(
                    "{name} did not end within {} s after SIGTERM: {threads}",
                    TERM_PATIENCE.as_secs()
                ))
            }
        })
    }

    /// Its end, if nobody here has brought it about, and how long it ran.
    pub fn ended_by_itself(&mut self) -> Result<Option<(ExitStatus, Duration)>> {
        let Some((child, since)) = &mut self.process else { return Ok(None) };
        let ran = since.elapsed();
        let ended = child.try_wait()?.map(|status| (status, ran));
        if ended.is_some() {
            self.process = None;
        }
        Ok(ended)
    }

    /// Sets its clock for the next start; `false` where this machine cannot.
    pub fn set_clock(&mut self, offset: Option<&'static str>) -> bool {
        self.clock = offset;
        faketime().is_some()
    }
}

/// Whether an end is one that a service manager shrugs at: an error at the start, while what it needs is away. That is
/// exit code 1 of `esteira --help`; a panic has another.
pub fn is_refusal_to_start(status: ExitStatus, ran: Duration) -> bool {
    status.code() == Some(1) && ran < Duration::from_secs(45)
}

/// Where the threads of a process are in the kernel, for whoever has to find out why it does not end.
fn what_threads_do(process: u32) -> String {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    // A thread may end between the listing and the look.
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let places: Vec<String> = tasks
        .map(|task| format!("{} in {}", read(task.path().join("comm")), read(task.path().join("wchan"))))
        .collect();
    places.join(", ")
}

fn faketime() -> Option<&'static str> {
    FAKETIME.into_iter().find(|path| Path::new(path).exists())
}
