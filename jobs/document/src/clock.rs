//! When is the time for something over? By what the processor has worked for it: what comes out of a document must not depend
//! on what else the machine does meanwhile.

use std::time::Duration;

/// The end of some processor time.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    clock: libc::clockid_t,
    end: Duration,
}

impl Deadline {
    /// After so much work of this thread.
    pub fn of_thread(time: Duration) -> Self {
        Self::by(libc::CLOCK_THREAD_CPUTIME_ID, time)
    }

    /// After so much work of all threads of this process.
    pub fn of_process(time: Duration) -> Self {
        Self::by(libc::CLOCK_PROCESS_CPUTIME_ID, time)
    }

    fn by(clock: libc::clockid_t, time: Duration) -> Self {
        Self { clock, end: worked(clock).saturating_add(time) }
    }

    /// Leaves more time.
    pub fn extend(&mut self, time: Duration) {
        self.end = self.end.saturating_add(time);
    }

    /// Whether it is over. That of a thread is asked by that thread.
    pub fn is_over(&self) -> bool {
        worked(self.clock) >= self.end
    }
}

fn worked(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[expect(unsafe_code, reason = "no library that is used here reads these clocks")]
    // SAFETY: it writes to the place that it is given. Both clocks are there wherever Esteira runs; without one, the time
    // stays 0 and nothing is ever over, for which the worker's own limits stand.
    unsafe {
        libc::clock_gettime(clock, &raw mut time);
    }
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_no_work_and_work_comes_to_an_end() {
        let mut thread = Deadline::of_thread(Duration::from_millis(20));
        let (sender, receiver) = std::sync::mpsc::channel::<()>();
        assert!(receiver.recv_timeout(Duration::from_millis(40)).is_err());
        assert!(!thread.is_over());
        drop(sender);
        while !thread.is_over() {
            std::hint::black_box(worked(libc::CLOCK_THREAD_CPUTIME_ID));
        }
        assert!(Deadline::of_process(Duration::ZERO).is_over());
        thread.extend(Duration::from_secs(60));
        assert!(!thread.is_over());
    }
}
