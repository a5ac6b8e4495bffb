//! How does Amazon Transcribe write a recording down? The job is handed over, looked at, and its result read in the child.
//!
//! ```text
//! worker   desk: start, look, delete ── ask: what is asked ── pace: when it is looked at again
//! Amazon   media in S3 ─▶ result in S3
//! child    answer: the result becomes a transcript; what follows is the same as for the local engine
//! ```

mod answer;
mod ask;
mod desk;
mod language;
mod pace;

/// The sound track of a file that Amazon hears, and no other.
pub const TRACK: u8 = 1;

pub use answer::transcribe;
pub use desk::Desk;
pub use language::code_of;
