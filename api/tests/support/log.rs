//! What was logged on this thread? A test runs on a thread of its own, and so reads its own log.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use tracing_subscriber::fmt::MakeWriter;

thread_local! {
    static KEPT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Logs for all tests, as JSON.
///
/// One subscriber for the whole program: with one a test, a place in the code that is first reached by
/// another test is remembered as uninteresting.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing_subscriber::fmt().json().with_writer(ThisThread).init());
}

/// Takes what this thread has logged so far.
pub fn take() -> String {
    String::from_utf8(KEPT.take()).unwrap()
}

struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        KEPT.with_borrow_mut(|kept| kept.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for ThisThread {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        Self
    }
}
