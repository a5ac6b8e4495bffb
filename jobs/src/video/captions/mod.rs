//! The captions of a video: read from SRT, WebVTT or listed cues; written as WebVTT, SRT and mov_text.

mod check;
mod cue;
mod input;
mod limits;
mod load;
mod mov_text;
mod parse;
mod srt;
mod text;
mod tidy;
mod time;
mod vtt;
mod wrap;

pub use check::{check, is_colour, source};
pub use cue::Cue;
pub use input::{CaptionPosition, CaptionStyle, Captions, CueInput, LineRules, Overlap};
pub use limits::CaptionLimits;
pub use load::load;
pub use mov_text::{TextPacket, mov_text_packets};
pub use parse::{BadCaptions, parse};
pub use srt::write as write_srt;
pub use tidy::tidy;
pub use vtt::write as write_vtt;
pub use wrap::wrap;
