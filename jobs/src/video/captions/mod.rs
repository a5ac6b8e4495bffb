//! The captions of a video: read from SRT, WebVTT or listed cues; written as WebVTT, SRT and mov_text.

mod check;
mod cue;
mod input;
mod limits;
mod load;
mod mov_text;
mod srt;
mod text;
mod vtt;
mod wrap;

pub use check::{BadCues, Overlap, tidy};
pub use cue::Cue;
pub use input::{CaptionPosition, CaptionStyle, Captions, CueInput, LineRules};
pub use limits::CaptionLimits;
pub use load::{check, load, parse};
pub use mov_text::{TextPacket, mov_text_packets};
pub use srt::write as write_srt;
pub use vtt::write as write_vtt;
pub use wrap::wrap;
