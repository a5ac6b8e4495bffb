//! Is there something to read? A look at a descriptor, for as long as the caller can wait.

use std::io;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// For a look that does not wait.
pub(super) const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
/// No process takes so long to link, unless the machine has other troubles.
pub(super) const WARM_UP: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// Whether `source` has bytes, or its end, within `limit`.
pub(super) fn readable(source: &impl AsFd, limit: &Timespec) -> io::Result<bool> {
    loop {
        match poll(&mut [PollFd::new(source, PollFlags::IN)], Some(limit)) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
