//! How does a kind learn that it should stop? TERM sets the flag that its work directory looks at.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::super::sys;

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Listens for TERM, which would end the process otherwise, and gives the flag.
pub(super) fn listen() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::clone(STOP.get_or_init(Arc::default));
    sys::on_signal(libc::SIGTERM, false, raise_flag)?;
    Ok(stop)
}

extern "C" fn raise_flag(_signal: i32) {
    // Set before the handler was; reading it takes no lock.
    if let Some(stop) = STOP.get() {
        stop.store(true, Ordering::Relaxed);
    }
}
