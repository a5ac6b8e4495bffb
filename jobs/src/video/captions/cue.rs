//! What is a caption? Words between two instants.

/// Some lines of text, shown from `start` until just before `end`, in milliseconds of the video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// First millisecond.
    pub start: u64,
    /// The millisecond at which it is gone.
    pub end: u64,
    /// Plain text, lines separated by `\n`, without markup and without empty lines.
    pub text: String,
}

impl Cue {
    /// A cue.
    pub fn new(start: u64, end: u64, text: impl Into<String>) -> Self {
        Self { start, end, text: text.into() }
    }
}
