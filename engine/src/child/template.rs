//! What does the worker hold of a template? A process that has linked everything, and forks when asked.
//!
//! `inside/template.rs` is the other side; `docs/sandbox.md` says why there is one.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;

use rustix::event::Timespec;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::control::{self, Answer};
use super::process::Leader;
use super::readable::readable;
use super::spawn::{ChildProgram, Spawned, execute};

/// A fork takes a millisecond. A template that takes so long was stopped, or the machine stands still.
const ANSWER: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// A process that sees nothing but requests for other processes. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Template {
    leader: Leader,
    control: OwnedFd,
    forked: u32,
}

impl Template {
    /// Executes it as a child is executed, with a socket in place of the pipes.
    pub fn start(program: &ChildProgram) -> io::Result<Self> {
        let (control, its) = control::pair()?;
        let (leader, _) = execute(program, [its.into(), Stdio::null(), Stdio::null()])?;
        Ok(Self { leader, control, forked: 0 })
    }

    pub fn pid(&self) -> Pid {
        self.leader.pid()
    }

    /// How many processes have been forked from it.
    pub fn forked(&self) -> u32 {
        self.forked
    }

    /// Whether it says within `limit` that it is linked. Ask no more once it has.
    pub fn ready(&self, limit: &Timespec) -> io::Result<bool> {
        if !readable(&self.control, limit)? {
            return Ok(false);
        }
        match control::answered(&self.control)? {
            Answer::Ready => Ok(true),
            other => Err(unwanted(&other)),
        }
    }

    /// Has a process forked, which is a child of the calling thread as an executed one would be.
    pub fn fork(&mut self) -> io::Result<Spawned> {
        let (its_stdin, stdin) = pipe_with(PipeFlags::CLOEXEC)?;
        let (stdout, its_stdout) = pipe_with(PipeFlags::CLOEXEC)?;
        let (stderr, its_stderr) = pipe_with(PipeFlags::CLOEXEC)?;
        control::ask(&self.control, [its_stdin.as_fd(), its_stdout.as_fd(), its_stderr.as_fd()])?;
        drop((its_stdin, its_stdout, its_stderr));
        if !readable(&self.control, &ANSWER)? {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let leader = match control::answered(&self.control)? {
            Answer::Forked(pid) => lead(pid)?,
            Answer::Stillborn(pid) => {
                drop(lead(pid)?);
                return Err(io::Error::other("the forked process could not begin"));
            }
            other => return Err(unwanted(&other)),
        };
        self.forked += 1;
        Ok(Spawned { leader, stdin, stdout, stderr })
    }
}

/// Takes charge of a forked process.
fn lead(pid: i32) -> io::Result<Leader> {
    let pid = Pid::from_raw(pid).ok_or_else(|| io::Error::other("a process has no number"))?;
    Leader::new(pid, pidfd_open(pid, PidfdFlags::empty()))
}

fn unwanted(answer: &Answer) -> io::Error {
    match answer {
        Answer::Refused(reason) | Answer::Failed(reason) => io::Error::other(reason.clone()),
        other => io::Error::other(format!("an unexpected answer: {other:?}")),
    }
}
