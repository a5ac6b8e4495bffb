//! What may a schedule's words and numbers be? Read alike when it is made and when it is changed.

use std::str::FromStr;
use std::time::Duration;

use crate::problem::Problem;

/// One of the words of a field.
pub(super) fn word<T: FromStr<Err = &'static str>>(pointer: &str, text: &str) -> Result<T, Problem> {
    text.parse().map_err(|message| Problem::value(pointer, message))
}

/// A number that does not fit becomes the nearest that does, which the engine refuses with its reason.
pub(super) fn priority(n: i64) -> i16 {
    i16::try_from(n).unwrap_or(i16::MAX)
}

/// The same for attempts.
pub(super) fn attempts(n: i64) -> u16 {
    u16::try_from(n.max(0)).unwrap_or(u16::MAX)
}

/// The same for the time of an attempt.
pub(super) fn timeout(n: i64) -> Duration {
    Duration::from_secs(n.max(0).unsigned_abs())
}

/// The same for the jitter.
pub(super) fn jitter(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
