//! How is a running child watched? One loop over its reports, its end, the clock and the cancel.

use std::io;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Gid, Uid, chown};
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::diagnose::{Circumstances, Stop, diagnose};
use super::ended::{BadChild, Ended, Ending, Usage};
use super::lines::{Lines, Next, tail};
use super::process::{ChildProcess, ended};
use super::protocol::{Assignment, Order, Report};
use super::sys::Exit;
use super::transcript::Transcript;
use super::watch::{Limits, Watch};

/// What is kept of the child's standard error.
const STDERR_BYTES: usize = 8 << 10;
/// How long the pipes of an ended child are read. They end with it, unless something went very wrong.
const DRAIN: Duration = Duration::from_secs(1);

/// Runs `assignment` in `child` and comes back when no process of it is left.
///
/// `on_report` gets what is worth passing on while the child runs: `Started`, `Progress`, `Log`,
/// `Checkpoint` and `Artifact`, each checked. Dropping the future kills the child.
pub async fn supervise(
    child: ChildProcess,
    assignment: &Assignment,
    limits: Limits,
    cancel: &CancellationToken,
    mut on_report: impl FnMut(Report),
) -> Ending {
    let begun = Instant::now();
    let kills_before = machine_memory_kills();
    let ChildProcess { mut leader, stdin, stdout, stderr, sandbox, slot, mut replacement } = child;
    let failed = |reason: String| Ending {
        ended: Ended::NotStarted(reason),
        usage: Usage { wall: begun.elapsed(), ..Usage::default() },
        stderr: String::new(),
    };

    if let Some(slot) = &slot
        && let Err(error) = hand_over(&assignment.work_dir, slot.user)
    {
        return failed(format!("its directory could not be handed over: {error}"));
    }
    let order = match serde_json::to_vec(&Order { assignment: assignment.clone(), sandbox }) {
        Ok(order) => order,
        Err(error) => return failed(format!("its assignment does not fit JSON: {error}")),
    };
    let its_end = match leader.end() {
        Ok(its_end) => its_end,
        Err(error) => return failed(format!("its end cannot be awaited: {error}")),
    };
    let stderr = tokio::spawn(tail(stderr, STDERR_BYTES));
    let mut watch = Watch::new(begun, limits);
    let mut transcript = Transcript::default();
    let mut lines = Lines::new(stdout);
    let mut listening = true;
    let sending = send(stdin, order);
    tokio::pin!(sending);
    let mut sent = false;

    let exit = loop {
        tokio::select! {
            // A line that is there is taken before the end is, so that no result is lost to a race.
            biased;
            () = cancel.cancelled(), if watch.stop.is_none() => watch.stop(Stop::Cancelled, &leader),
            () = sleep_until(watch.next()) => watch.rings(&leader),
            next = lines.next(), if listening => {
                listening = matches!(next, Ok(Next::Line(_)));
                let signs = take_in(&mut transcript, next);
                match signs {
                    Ok(Some(report)) => {
                        if matches!(report, Report::Started) {
                            replacement.ask();
                        }
                        watch.heard(&report);
                        on_report(report);
                    }
                    Ok(None) => {}
                    Err(fault) => {
                        listening = false;
                        watch.stop(Stop::Bad(fault), &leader);
                    }
                }
                if transcript.result.is_some() {
                    watch.said_all();
                }
            }
            // A child that is gone cannot be written to; its end tells why.
            _ = &mut sending, if !sent => sent = true,
            exit = ended(&mut leader, &its_end) => break exit,
        }
    };
    let exit = match exit {
        Ok(exit) => exit,
        Err(error) => return failed(format!("its end could not be collected: {error}")),
    };
    drain(&mut lines, &mut transcript, &mut watch, listening, &mut on_report).await;
    let stderr = timeout(DRAIN, stderr).await.ok().and_then(Result::ok).unwrap_or_default();
    let circumstances = Circumstances {
        stop: watch.stop,
        machine_out_of_memory: kills_before.zip(machine_memory_kills()).is_some_and(|(a, b)| b > a),
    };
    Ending {
        ended: diagnose(transcript, exit, circumstances, &assignment.resources),
        usage: usage(begun, exit),
        stderr,
    }
}

fn usage(begun: Instant, exit: Exit) -> Usage {
    Usage { wall: begun.elapsed(), cpu: exit.cpu, peak_rss_bytes: exit.peak_rss_bytes }
}

/// Gives the attempt's directory to the user that the child becomes; what is staged stays the worker's.
fn hand_over(work_dir: &Path, user: u32) -> io::Result<()> {
    let (uid, gid) = (Some(Uid::from_raw(user)), Some(Gid::from_raw(user)));
    for path in [work_dir.to_owned(), work_dir.join("out"), work_dir.join("tmp")] {
        chown(path, uid, gid)?;
    }
    Ok(())
}

async fn send(mut stdin: pipe::Sender, mut order: Vec<u8>) -> io::Result<()> {
    order.push(b'\n');
    stdin.write_all(&order).await
}

fn take_in(transcript: &mut Transcript, next: io::Result<Next>) -> Result<Option<Report>, BadChild> {
    match next {
        Ok(Next::Line(line)) => transcript.take(&line),
        Ok(Next::TooLong) => Err(BadChild::LongLine),
        // A child that only closed its mouth will leave, stall or reach its deadline.
        Ok(Next::End) | Err(_) => Ok(None),
    }
}

/// Takes in what an ended child had still said.
async fn drain(
    lines: &mut Lines<pipe::Receiver>,
    transcript: &mut Transcript,
    watch: &mut Watch,
    mut listening: bool,
    on_report: &mut impl FnMut(Report),
) {
    let until = Instant::now() + DRAIN;
    while listening {
        let Ok(next) = timeout_at(until, lines.next()).await else { return };
        listening = matches!(next, Ok(Next::Line(_)));
        match take_in(transcript, next) {
            Ok(Some(report)) => on_report(report),
            Ok(None) => {}
            Err(fault) => {
                watch.stop.get_or_insert(Stop::Bad(fault));
                return;
            }
        }
    }
}

/// How many processes this machine's kernel has ended for memory, ever.
fn machine_memory_kills() -> Option<u64> {
    let counters = std::fs::read_to_string("/proc/vmstat").ok()?;
    counters.lines().find_map(|line| line.strip_prefix("oom_kill "))?.parse().ok()
}
