//! How does one linked process become many? It forks when the worker asks, and each of them serves one attempt.
//!
//! Until then it reads nothing but requests, holds nothing but its end of the socket, and has one thread.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, getppid};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout, stdin};

use super::super::control::{self, Answer};
use super::super::spawn::stay_with;
use super::super::sys::{self, ThreadNumber};

/// What this process has become.
pub(super) enum Become {
    /// A forked process with pipes of its own: an executed child would be just here.
    Child,
    /// A template that nobody needs any more.
    Nothing,
}

/// Whether the worker has started this process as a template.
pub(super) fn wanted() -> bool {
    control::is_control(stdin())
}

/// Forks a process for each request. In each of them it comes back with [`Become::Child`].
pub(super) fn serve() -> io::Result<Become> {
    let parent = getppid();
    let number = match fit() {
        Ok(number) => number,
        Err(reason) => {
            control::answer(stdin(), &Answer::Refused(reason.to_string()))?;
            return Ok(Become::Nothing);
        }
    };
    control::answer(stdin(), &Answer::Ready)?;
    while let Some(pipes) = control::asked(stdin())? {
        let (word, mouth) = pipe_with(PipeFlags::CLOEXEC)?;
        let answer = match sys::fork_beside(number) {
            Ok(None) => {
                drop(word);
                begin(pipes, parent, mouth)?;
                return Ok(Become::Child);
            }
            Ok(Some(pid)) => {
                drop((pipes, mouth));
                // Until the child leads its own group, the worker could not signal it.
                let began = File::from(word).read(&mut [0]).is_ok_and(|bytes| bytes > 0);
                let pid = pid.as_raw_nonzero().get();
                if began { Answer::Forked(pid) } else { Answer::Stillborn(pid) }
            }
            Err(error) => Answer::Failed(format!("a process could not be forked: {error}")),
        };
        control::answer(stdin(), &answer)?;
    }
    Ok(Become::Nothing)
}

/// Puts a forked process in the place of an executed one: its streams, its death signal, its session. What else an
/// executed one is given before `exec` is inherited: no new privileges, no core.
fn begin(pipes: [OwnedFd; 3], parent: Option<Pid>, mouth: OwnedFd) -> io::Result<()> {
    let [its_stdin, its_stdout, its_stderr] = pipes;
    // The first of them closes the socket.
    dup2_stdin(its_stdin)?;
    dup2_stdout(its_stdout)?;
    dup2_stderr(its_stderr)?;
    stay_with(parent)?;
    File::from(mouth).write_all(b"\n")
}

/// Whether what is forked from this process can stand for an executed process.
///
/// - A fork has but the thread that forks: what another one holds, such as a lock, is held for ever.
/// - Whatever else is open would be shared by the processes of several tenants.
///
/// Random numbers need no look. What is drawn before the fork is shared; but the keys of
/// [`RandomState`](std::hash::RandomState) are made when a thread first needs them, which serving does not, and a library that seeds
/// itself when it is linked (gnutls) is there for a network that no child has.
fn fit() -> io::Result<ThreadNumber> {
    let threads = fs::read_dir("/proc/self/task")?.count();
    if threads != 1 {
        return Err(io::Error::other(format!("a library started {} threads", threads.saturating_sub(1))));
    }
    // The standard three, and the one that this look is made through.
    let others = fs::read_dir("/proc/self/fd")?.count().saturating_sub(4);
    if others > 0 {
        return Err(io::Error::other(format!("a library keeps {others} files open")));
    }
    ThreadNumber::find().ok_or_else(|| io::Error::other("the place of the thread's number is not known"))
}
