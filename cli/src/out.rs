//! How does the binary speak? Results on standard output, everything else on standard error.

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};

use serde_json::Value;

/// A line of result.
pub fn line(text: impl Display) {
    write(&mut io::stdout().lock(), &text);
}

/// A JSON document of result.
pub fn json(value: &Value) {
    write(&mut io::stdout().lock(), &format_args!("{value:#}"));
}

/// A line about what is going on.
pub fn note(text: impl Display) {
    write(&mut io::stderr().lock(), &text);
}

/// An error with its causes.
pub fn error(error: &anyhow::Error) {
    write(&mut io::stderr().lock(), &format_args!("error: {}", causes(error.as_ref())));
}

/// An error with its causes on one line. Some libraries say what their cause says; that is told once.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

fn write(to: &mut impl Write, text: &dyn Display) {
    // Nobody is left to be told when the reader of a pipe has gone.
    let _reader_gone = writeln!(to, "{text}");
}

#[cfg(test)]
mod tests {
    use super::causes;

    #[test]
    fn what_an_error_repeats_of_its_cause_is_told_once() {
        let cause = std::io::Error::other("connection refused");
        let error =
            anyhow::Error::new(cause).context("failed to say: connection refused").context("failed to start");
        assert_eq!(causes(error.as_ref()), "failed to start: failed to say: connection refused");
    }
}
