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

/// Samples that cover `0..end_ms` without a gap, as MP4 wants it. `cues` are in order and apart;
/// what lies beyond the end is left out.
#[must_use]
pub fn mov_text_packets(cues: &[Cue], end_ms: u64) -> Vec<TextPacket> {
    let mut packets = Vec::with_capacity(cues.len() * 2 + 1);
    let mut at = 0;
    for cue in cues {
        let (start, end) = (cue.start.max(at), cue.end.min(end_ms));
        if start >= end {
            continue;
        }
        if start > at {
            packets.push(packet(at, start, ""));
        }
        packets.push(packet(start, end, &cue.text));
        at = end;
    }
    if at < end_ms {
        packets.push(packet(at, end_ms, ""));
    }
    packets
}

fn packet(start: u64, end: u64, text: &str) -> TextPacket {
    let mut length = text.len().min(usize::from(u16::MAX));
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    let mut data = Vec::with_capacity(length + 2);
    data.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    data.extend_from_slice(&text.as_bytes()[..length]);
    TextPacket { pts: start, duration: end - start, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_cover_the_whole_and_carry_their_length() {
        let packets = mov_text_packets(&[Cue::new(1000, 2000, "olá"), Cue::new(2000, 3000, "b")], 5000);
        let seen: Vec<(u64, u64, &[u8])> = packets.iter().map(|p| (p.pts, p.duration, &p.data[..])).collect();
        assert_eq!(
            seen,
            [
                (0, 1000, &b"\0\0"[..]),
                (1000, 1000, b"\0\x04ol\xc3\xa1"),
                (2000, 1000, b"\0\x01b"),
                (3000, 2000, b"\0\0"),
            ]
        );
    }

    #[test]
    fn nothing_lies_beyond_the_end() {
        let packets = mov_text_packets(&[Cue::new(0, 9000, "a"), Cue::new(9000, 9500, "b")], 4000);
        assert_eq!(packets.len(), 1);
        assert_eq!((packets[0].pts, packets[0].duration), (0, 4000));
    }

    #[test]
    fn a_text_beyond_sixteen_bits_is_cut_between_characters() {
        let data = &mov_text_packets(&[Cue::new(0, 1, "é".repeat(40_000))], 1)[0].data;
        assert_eq!(usize::from(u16::from_be_bytes([data[0], data[1]])), data.len() - 2);
        assert!(std::str::from_utf8(&data[2..]).is_ok());
    }
}
