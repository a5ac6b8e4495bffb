//! What does a child do with its one life? It waits for an assignment, walls itself in, runs the kind.

mod last_words;
mod memory;
mod stop_signal;
mod template;

use std::any::Any;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::{DumpableBehavior, chdir, set_dumpable_behavior};
use rustix::stdio::{dup2_stdin, dup2_stdout, stderr, stdout};
use serde_json::Value;

pub(super) use last_words::EXIT_OUT_OF_MEMORY;

use memory::Memory;
use template::Become;

use super::WorkDir;
use super::ended::PANICKED;
use super::protocol::{Order, Report};
use super::sys;
use crate::job::{Kind, KindError};

/// More than any request body that the API takes.
const ORDER_BYTES: u64 = 64 << 20;

/// The whole of the hidden subcommand `child`: serves one assignment and ends the process.
///
/// Where standard input is a socket it is a template: the processes that are forked from it serve an assignment each.
/// It comes back only when there was no assignment, or nobody to report to.
#[must_use]
pub fn main(catalog: Vec<Box<dyn Kind>>) -> ExitCode {
    // Before the order comes nobody waits for us; a kind's manual takes a while to write.
    let catalog: Vec<_> = catalog.into_iter().map(|kind| (kind.info().name, kind)).collect();
    if keep_out_of_the_way().is_err() {
        return ExitCode::FAILURE;
    }
    if template::wanted() && !matches!(template::serve(), Ok(Become::Child)) {
        return ExitCode::FAILURE;
    }
    // The worker's end closes our standard input; that ends a spare in peace.
    let Ok(Some((mut reports, order))) = wait_for_order() else { return ExitCode::FAILURE };
    let last = match serve(&catalog, order, &reports) {
        Ok(output) => Report::Done { output },
        Err(KindError { code, message, retryable }) => Report::Failed { code, message, retryable },
    };
    match write_line(&mut reports, &last) {
        // Destructors of native libraries have crashed after good work before; nothing needs them.
        Ok(()) => sys::exit_now(0),
        Err(_) => ExitCode::FAILURE,
    }
}

/// Nobody looks into this process, nor dies in its place.
fn keep_out_of_the_way() -> io::Result<()> {
    // The other way round, the file would be root's.
    prefer_as_victim();
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Says that this process is ready, and reads the one line that it will get.
fn wait_for_order() -> io::Result<Option<(File, Vec<u8>)>> {
    let mut reports = File::from(fcntl_dupfd_cloexec(stdout(), 3)?);
    // What a library prints must not be taken for a report.
    dup2_stdout(stderr())?;
    reports.write_all(b"\n")?;

    let mut order = Vec::new();
    BufReader::new(io::stdin()).take(ORDER_BYTES).read_until(b'\n', &mut order)?;
    dup2_stdin(File::open("/dev/null")?)?;
    Ok(order.ends_with(b"\n").then_some((reports, order)))
}

/// When the machine runs out of memory, the kernel shall end a child rather than the worker or the
/// database. A kernel that does not let us say so chooses by size, which is often the same.
fn prefer_as_victim() {
    let _left_to_the_kernel = std::fs::write("/proc/self/oom_score_adj", "500");
}

fn serve(catalog: &[(&str, Box<dyn Kind>)], order: Vec<u8>, reports: &File) -> Result<Value, KindError> {
    let Order { assignment, sandbox } =
        serde_json::from_slice(&order).map_err(|error| not_started(&format!("bad assignment: {error}")))?;
    drop(order);
    let (_, kind) = catalog
        .iter()
        .find(|(name, _)| *name == assignment.kind)
        .ok_or_else(|| KindError::retry("unknown_kind", format!("this worker has no {}", assignment.kind)))?;

    chdir(&assignment.work_dir).map_err(|error| not_started(&error))?;
    let stop = stop_signal::listen().map_err(|error| not_started(&error))?;
    last_words::prepare().map_err(|error| not_started(&error))?;
    let memory = Memory::watch(assignment.resources.memory_bytes).map_err(|error| not_started(&error))?;
    let missing = sandbox
        .enter(&assignment.resources)
        .map_err(|error| KindError::retry("no_sandbox", error.to_string()))?;
    for wall in missing {
        // For the operator, who finds it with the ending; a lost line loses no safety.
        let _unheard = writeln!(io::stderr(), "{wall}");
    }

    let reports = reports.try_clone().map_err(|error| not_started(&error))?;
    // Relative, so that no path of the host stands in a message, and no parent need be readable.
    let mut work =
        WorkDir::open(PathBuf::from("."), assignment.files, assignment.parallelism, Box::new(reports), stop)
            .map_err(|error| not_started(&error))?;
    work.call(assignment.file_names);
    work.confine(assignment.resources.memory_bytes);
    if let Some(kept) = &assignment.checkpoints {
        work.resume(kept).map_err(|error| not_started(&error))?;
    }
    work.report(&Report::Started)?;
    catch_unwind(AssertUnwindSafe(|| kind.run(&assignment.input, &assignment.settings, &mut work)))
        .unwrap_or_else(|panic| Err(KindError::retry(PANICKED, panic_message(panic.as_ref()))))
        .map_err(|error| memory.explain(error))
}

fn not_started(reason: &dyn std::fmt::Display) -> KindError {
    KindError::retry("not_started", format!("the child could not begin: {reason}"))
}

/// The words of a panic; its place in the source went to standard error.
fn panic_message(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied();
    let words = words.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the kind panicked: {}", words.unwrap_or("without a word"))
}

fn write_line(reports: &mut File, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    reports.write_all(&line)
}
