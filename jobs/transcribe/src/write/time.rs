//! How are instants written? In milliseconds, as SRT and WebVTT want them.

/// Seconds as whole milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and a recording has no negative second"
)]
pub fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

/// `01:02:03,004`, with `mark` before the milliseconds. Hours have two digits or more.
pub fn stamp(milliseconds: u64, mark: char) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    format!("{:02}:{:02}:{:02}{mark}{rest:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// `1:02:03` or `2:03`, for people.
pub fn spoken(seconds: f64) -> String {
    let seconds = milliseconds(seconds) / 1000;
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_with_all_their_digits() {
        assert_eq!(stamp(milliseconds(3723.0044), ','), "01:02:03,004");
        assert_eq!(stamp(milliseconds(360_000.9), '.'), "100:00:00.900");
        assert_eq!((spoken(63.9), spoken(3661.0)), ("1:03".to_owned(), "1:01:01".to_owned()));
        assert_eq!((milliseconds(-1.0), milliseconds(f64::NAN)), (0, 0));
    }
}
