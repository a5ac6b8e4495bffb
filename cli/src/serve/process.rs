//! How does a process serve to its end, although something in it does not end?

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::runtime::Builder;

/// What a thread gets that a disk or a library does not give back.
const LAST: Duration = Duration::from_secs(5);

/// Runs to the end of `serving`. What blocks a thread then ends with the process.
///
/// # Errors
/// Those of `serving`, or when the machine gives no threads.
pub fn to_the_end<T>(serving: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = Builder::new_multi_thread().enable_all().build().context("no threads to serve with")?;
    let ended = runtime.block_on(serving);
    runtime.shutdown_timeout(LAST);
    ended
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_thread_that_does_not_come_back_holds_nobody_up() {
        let (keep, never) = mpsc::channel::<()>();
        let blocked = to_the_end(async { Ok(tokio::task::spawn_blocking(move || never.recv())) });
        // The thread waits for this word still.
        keep.send(()).unwrap();
        drop(blocked);
    }
}
