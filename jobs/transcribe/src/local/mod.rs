//! How does a recording become a transcript on the worker itself?
//!
//! ```text
//! file ─ decode ─▶ 16 kHz ─ voice ─▶ stretches of speech ─ chunk ─▶ chunks ≤ 28 s ─ crew ─▶ N states of Whisper, each chunk kept when heard
//!                                                                                              │
//! transcript ◀─ in order ◀─ doubt (what nobody said) ◀─ words (sane times) ◀──┘
//! ```
//!
//! Nothing of this grows with the length of the recording but the text itself.

mod chunk;
mod crew;
mod decode;
mod doubt;
mod kept;
mod language;
mod model;
mod progress;
mod session;
mod states;
mod text;
mod voice;
mod whisper;
mod words;

pub use chunk::seconds;
pub use decode::Recording;
pub use kept::CHECKPOINTS;
pub use session::transcribe;
