//! How does a child begin, or a template? Executed with nothing of the worker's but three streams.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, getpid, getppid, pidfd_open, set_parent_process_death_signal,
    setrlimit, setsid,
};
use rustix::thread::set_no_new_privs;

use super::process::Leader;
use super::sys;

/// The scratch folder of whatever directory the child is in: it reaches its work directory by
/// `chdir`, before it becomes a user who could not walk there.
const SCRATCH: &str = "/proc/self/cwd/tmp";

/// What to execute for a child.
#[derive(Debug, Clone)]
pub struct ChildProgram {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

impl Default for ChildProgram {
    /// The running binary itself with the hidden subcommand `child`, even if a deploy has replaced
    /// its file meanwhile.
    fn default() -> Self {
        Self { path: "/proc/self/exe".into(), args: vec!["child".into()] }
    }
}

/// A child that has been forked or executed, and waits for its assignment.
#[derive(Debug)]
pub(super) struct Spawned {
    pub leader: Leader,
    pub stdin: OwnedFd,
    pub stdout: OwnedFd,
    pub stderr: OwnedFd,
}

/// Starts a child of the calling thread, with whose end it will be killed.
pub(super) fn spawn(program: &ChildProgram) -> io::Result<Spawned> {
    let (leader, mut child) = execute(program, [Stdio::piped(), Stdio::piped(), Stdio::piped()])?;
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::Error::other("the pipes of a child are missing"));
    };
    Ok(Spawned { leader, stdin: stdin.into(), stdout: stdout.into(), stderr: stderr.into() })
}

/// Executes a child or a template with these standard streams.
pub(super) fn execute(program: &ChildProgram, streams: [Stdio; 3]) -> io::Result<(Leader, Child)> {
    let parent = getpid();
    let [stdin, stdout, stderr] = streams;
    let mut command = Command::new(&program.path);
    command
        .arg0("esteira")
        .args(&program.args)
        .env_clear()
        .envs([("LANG", "C.UTF-8"), ("HOME", SCRATCH), ("TMPDIR", SCRATCH), ("XDG_CACHE_HOME", SCRATCH)])
        // At its abort ggml would look for a debugger to print where it was.
        .env("GGML_NO_BACKTRACE", "1")
        .current_dir("/")
        .stdin(stdin)
        .stdout(stdout)
        .stderr(stderr);
    #[expect(unsafe_code, reason = "only code between fork and exec can set what exec keeps")]
    // SAFETY: `before_exec` makes system calls only; it neither allocates nor takes a lock.
    unsafe {
        command.pre_exec(move || before_exec(parent))
    };
    let child = command.spawn()?;
    let pid = Pid::from_child(&child);
    Ok((Leader::new(pid, pidfd_open(pid, PidfdFlags::empty()))?, child))
}

/// Binds this process's life to that of the thread that it is a child of, and leaves every group but its own.
pub(super) fn stay_with(parent: Option<Pid>) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The worker may have died before that line; then nobody will send the signal.
    if getppid() != parent {
        return Err(io::ErrorKind::NotConnected.into());
    }
    setsid()?;
    Ok(())
}

fn before_exec(parent: Pid) -> io::Result<()> {
    stay_with(Some(parent))?;
    set_no_new_privs(true)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // Whatever a library of the worker left open without the flag stays with the worker.
    sys::close_on_exec_from(3)
}
