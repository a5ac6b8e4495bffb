//! Did this process die for want of memory? Told by its exit code, since the signal cannot tell.
//!
//! When the limit of address space refuses memory, Rust aborts, C++ throws into an abort, and C that
//! does not check faults on a null pointer: to the worker these are crashes like any other. But the
//! refused `mmap` or `brk` has left `ENOMEM` as the error number of the thread that then dies, and a
//! call that succeeds, such as writing the last message, leaves it there. The handler looks at it
//! first thing. A number left over from an older refusal can make a crash look like want of memory;
//! both end the attempt, and the refusal did happen.
//!
//! A kind that survives a refusal comes to an error of its own; `memory.rs` explains that one.

use std::io;

use super::super::sys;

/// The exit code that says: memory was refused. Not used by any libc or shell convention.
pub(in super::super) const EXIT_OUT_OF_MEMORY: i32 = 86;

/// Watches the signals that a failed allocation ends in.
pub(super) fn prepare() -> io::Result<()> {
    for signal in [libc::SIGABRT, libc::SIGSEGV, libc::SIGBUS] {
        sys::on_signal(signal, true, leave)?;
    }
    Ok(())
}

extern "C" fn leave(signal: i32) {
    if sys::last_errno() == libc::ENOMEM {
        sys::exit_now(EXIT_OUT_OF_MEMORY);
    }
    // The default has been restored: this ends the process by the signal it got.
    sys::raise(signal);
}
