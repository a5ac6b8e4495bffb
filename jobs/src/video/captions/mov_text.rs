//! How do cues go into an MP4? As samples of `tx3g`, written by hand.
//!
//! libavcodec's own encoder hands back a buffer whose length is lost on the way; the sample's form
//! is simple enough: a 16-bit length in network order, then the text in UTF-8.

use super::cue::Cue;

/// A sample of the caption track; times are in milliseconds (time base 1/1000).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPacket {
    /// When it begins.
    pub pts: u64,
    /// How long it lasts; never 0.
    pub duration: u64,
    /// The sample. An empty caption, which fills a gap, is two zero bytes.
    pub data: Vec<u8>,
}

/// Samples that cover `0..end_ms` without a gap, as MP4 wants it. `cues` are in order and apart.
#[must_use]
pub fn mov_text_packets(cues: &[Cue], end_ms: u64) -> Vec<TextPacket> {
    let _ = (cues, end_ms);
    Vec::new()
}
