//! Was memory refused to this process while it lived? For a kind that survived the refusal.
//!
//! Native libraries often answer a refused allocation with an error of their own, and the kind passes
//! on that the video "could not be encoded". Its tenant should rather read that memory was short.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::super::sys;
use crate::job::KindError;

/// Thread stacks, heaps and frames of video are asked for in pieces of up to this size.
const PIECE: u64 = 64 << 20;

/// Sees how much address space this process has had at most.
pub(super) struct Memory {
    status: File,
    limit: u64,
}

impl Memory {
    /// Opens the kernel's account of this process, which the sandbox would not let it open.
    pub fn watch(limit: u64) -> io::Result<Self> {
        Ok(Self { status: File::open("/proc/self/status")?, limit })
    }

    /// Names want of memory as the cause of `error`, where memory was refused.
    pub fn explain(&self, error: KindError) -> KindError {
        let refused = sys::last_errno() == libc::ENOMEM
            || self.peak().is_some_and(|peak| is_exhausted(peak, self.limit));
        if !refused {
            return error;
        }
        let KindError { code, message, .. } = error;
        let message = format!("needed more memory than its kind may use, and then: {code}: {message}");
        KindError::fail("out_of_memory", message)
    }

    fn peak(&self) -> Option<u64> {
        let mut account = [0; 4096];
        let length = self.status.read_at(&mut account, 0).ok()?;
        peak_bytes(std::str::from_utf8(account.get(..length)?).ok()?)
    }
}

/// Whether a peak comes so close to the limit that a piece must have been refused. The libraries alone
/// map a good part of a small limit, so that the piece is a part of it there.
fn is_exhausted(peak: u64, limit: u64) -> bool {
    peak.saturating_add(PIECE.min(limit / 8)) >= limit
}

/// The `1234` in a line `VmPeak:     1234 kB`, in bytes.
fn peak_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"))?;
    line.split_ascii_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_bytes() {
        assert_eq!(peak_bytes("Name:\tx\nVmPeak:\t  2048 kB\nVmSize:\t 1 kB\n"), Some(2048 * 1024));
        assert_eq!(peak_bytes("Name:\tx\n"), None);
    }

    #[test]
    fn a_small_limit_is_not_exhausted_by_the_libraries() {
        assert!(!is_exhausted(250 << 20, 300 << 20));
        assert!(is_exhausted(280 << 20, 300 << 20));
        assert!(is_exhausted((4 << 30) - PIECE, 4 << 30));
    }

    #[test]
    fn an_error_far_below_the_limit_keeps_its_words() {
        let memory = Memory::watch(u64::MAX).expect("this process has an account");
        let _sets_another_error_number = File::open("/does/not/exist");
        assert_eq!(memory.explain(KindError::fail("bad_clip", "clip 3")).code, "bad_clip");
    }

    #[test]
    fn an_error_at_the_limit_is_explained_by_it() {
        let memory = Memory::watch(1 << 20).expect("this process has an account");
        let explained = memory.explain(KindError::retry("encoder_failed", "no frame"));
        assert_eq!((explained.code.as_str(), explained.retryable), ("out_of_memory", false));
        assert!(explained.message.ends_with("encoder_failed: no frame"));
    }
}
