//! Which system calls does the child's machinery need that no safe crate offers?
//!
//! The `unsafe` of this crate lives here and at the one `pre_exec` in `spawn.rs`.
#![expect(unsafe_code, reason = "thin wrappers around libc calls that rustix does not have")]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::ptr;
use std::time::Duration;

use rustix::process::Pid;
use rustix::thread::gettid;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How a process ended and what it used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exit {
    /// Its exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Processor time over all its threads.
    pub cpu: Duration,
    /// The most memory it held at once.
    pub peak_rss_bytes: u64,
}

/// Collects a child that has ended; `None` while it lives, unless `block` is set.
pub(super) fn wait4(pid: Pid, block: bool) -> io::Result<Option<Exit>> {
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    let flags = if block { 0 } else { libc::WNOHANG };
    let found = loop {
        // SAFETY: both pointers are to live locals of the types that wait4 writes.
        let found =
            unsafe { libc::wait4(pid.as_raw_nonzero().get(), &raw mut status, flags, usage.as_mut_ptr()) };
        if found >= 0 {
            break found;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    };
    if found == 0 {
        return Ok(None);
    }
    // SAFETY: zeroed is a valid rusage, and wait4 has filled it.
    let usage = unsafe { usage.assume_init() };
    Ok(Some(Exit {
        code: libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)),
        signal: libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status)),
        cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        peak_rss_bytes: u64::try_from(usage.ru_maxrss).unwrap_or(0).saturating_mul(1024),
    }))
}

fn seconds(time: libc::timeval) -> Duration {
    Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0))
        + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or(0))
}

/// Marks every descriptor from `first` on to be closed by `exec`. Safe between fork and exec.
pub(super) fn close_on_exec_from(first: u32) -> io::Result<()> {
    let flags = libc::CLOSE_RANGE_CLOEXEC;
    // SAFETY: changes flags of descriptors only; no memory is passed.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, flags) })
}

/// Lets the runtime watch a descriptor for becoming readable.
pub(super) fn awaitable(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` gives the same descriptor, open, as long as it lives.
    Ok(unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }?)
}

/// Turns this process, with all its threads, into another user without groups, for good.
pub(super) fn become_user(uid: u32) -> io::Result<()> {
    // SAFETY: an empty list of groups needs no memory; the others take integers.
    unsafe {
        check(libc::c_long::from(libc::setgroups(0, std::ptr::null())))?;
        check(libc::c_long::from(libc::setresgid(uid, uid, uid)))?;
        check(libc::c_long::from(libc::setresuid(uid, uid, uid)))
    }
}

/// The version of Landlock that the kernel speaks, or `None` without Landlock.
pub(super) fn landlock_abi() -> Option<i32> {
    const VERSION: libc::c_long = 1;
    // SAFETY: with this flag the kernel reads no memory and only answers a number.
    let abi =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, VERSION) };
    i32::try_from(abi).ok().filter(|abi| *abi > 0)
}

/// Whether the kernel filters system calls and can answer with an error number.
pub(super) fn has_seccomp() -> bool {
    let action: u32 = libc::SECCOMP_RET_ERRNO;
    // SAFETY: the pointer is to a live u32, which the kernel reads.
    let answer =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) };
    answer == 0
}

/// Ends this process at once: no destructor of a library runs after a kind has returned.
pub(super) fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` does not return and touches no memory of ours.
    unsafe { libc::_exit(code) }
}

/// Calls `handler` on `signal`, on the alternate stack where the thread has one.
///
/// `once` restores the default before the call, so that raising the signal again ends the process.
/// The handler must be safe at any point of the program: atomics and system calls alone.
pub(super) fn on_signal(signal: i32, once: bool, handler: extern "C" fn(i32)) -> io::Result<()> {
    let flags =
        if once { libc::SA_ONSTACK | libc::SA_NODEFER | libc::SA_RESETHAND } else { libc::SA_RESTART };
    // SAFETY: an all-zero sigaction is valid: an empty mask and the default handler.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_flags = flags;
    action.sa_sigaction = handler as libc::sighandler_t;
    // SAFETY: `action` lives through the call; the handler is a plain function of the right type.
    check(libc::c_long::from(unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) }))
}

/// The error number of this thread's last failed call. Safe in a signal handler.
pub(super) fn last_errno() -> i32 {
    // SAFETY: glibc's errno location is valid for the whole life of the thread.
    unsafe { *libc::__errno_location() }
}

/// Sends `signal` to this thread. Safe in a signal handler.
pub(super) fn raise(signal: i32) {
    // SAFETY: `raise` takes an integer.
    unsafe { libc::raise(signal) };
}

/// Where libc keeps the number of the calling thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct ThreadNumber(*mut libc::pid_t);

impl ThreadNumber {
    /// Asks the kernel, whom libc has told the place so that it is cleared when the thread ends. `None` where the
    /// kernel does not answer (`CONFIG_CHECKPOINT_RESTORE`), or where libc keeps something else there, as musl does.
    pub fn find() -> Option<Self> {
        let mut place: *mut libc::pid_t = ptr::null_mut();
        // SAFETY: the kernel writes one pointer to a live local.
        let answer = unsafe { libc::prctl(libc::PR_GET_TID_ADDRESS, &raw mut place) };
        check(answer.into()).ok()?;
        if place.is_null() {
            return None;
        }
        // SAFETY: libc gave this address of an integer that lives as long as the thread.
        (unsafe { place.read() } == gettid().as_raw_nonzero().get()).then_some(Self(place))
    }
}

/// Forks a process that is a child of this process's parent; gives its number here, and `None` in it.
///
/// It is what glibc's `fork` calls, with `CLONE_PARENT` besides. What `fork` does around that call is not done:
/// - the handlers of `pthread_atfork` are not called. They keep locks and random numbers right in processes that have
///   used them, and this one has only been linked;
/// - locks are not taken. With one thread, which is here, none is held;
/// - the robust list is not registered again. It tells other processes of a mutex whose owner died, and a
///   child shares none.
///
/// The thread's number, which recursive and priority-inheriting mutexes and `pthread_kill` read, is set by the kernel as
/// `fork` has it set. The caller must have one thread.
pub(super) fn fork_beside(number: ThreadNumber) -> io::Result<Option<Pid>> {
    let flags = libc::c_long::from(
        libc::CLONE_PARENT | libc::CLONE_CHILD_SETTID | libc::CLONE_CHILD_CLEARTID | libc::SIGCHLD,
    );
    let nothing = ptr::null_mut::<libc::pid_t>();
    // The place comes fourth or fifth, as the architecture has it. The other of the two would be for a thread's own
    // storage, which is not looked at without its flag.
    // SAFETY: without `CLONE_VM` the new process goes on in a copy of everything, on a copy of this stack; `number` is
    // the place at which libc expects the number.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, nothing, nothing, number.0, number.0) };
    check(pid)?;
    Ok(i32::try_from(pid).ok().and_then(Pid::from_raw))
}

fn check(answer: libc::c_long) -> io::Result<()> {
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
