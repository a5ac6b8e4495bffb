//! How does the binary speak? Results on standard output, everything else on standard error.

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
    write(&mut io::stderr().lock(), &format_args!("error: {error:#}"));
}

fn write(to: &mut impl Write, text: &dyn Display) {
    // Nobody is left to be told when the reader of a pipe has gone.
    let _reader_gone = writeln!(to, "{text}");
}
