//! Which pieces of a log are objects, and which become new ones? Small ones grow together, so that there are few.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The most of one object: what is held in memory to be sent.
pub(crate) const SEGMENT_BYTES: u64 = 6 << 20;

/// A piece of a log, as an object. The pieces of a log lie in its order, without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The lease that wrote it.
    pub lease: i32,
    /// Its number among those of the lease.
    pub number: u32,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

/// What is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// So many of the segments stay, from the first on.
    pub keep: usize,
    /// What follows them, as new ones.
    pub pieces: Vec<Range<u64>>,
}

/// Plans how the log, up to `end`, becomes segments.
///
/// A new piece takes the segment before it along, as long as that is not longer than the piece: their lengths then fall
/// from each to the next as those of a binary counter, so there are few of them, and each byte is sent again a few times
/// only, however many small pieces come.
pub(crate) fn plan(segments: &[Segment], end: u64) -> Plan {
    let mut from: u64 = segments.iter().map(|segment| segment.bytes).sum();
    let mut keep = segments.len();
    if from >= end {
        return Plan { keep, pieces: Vec::new() };
    }
    while let Some(last) = keep.checked_sub(1).and_then(|last| segments.get(last)) {
        let is_longer = last.bytes > end - from;
        if is_longer || last.bytes + (end - from) > SEGMENT_BYTES {
            break;
        }
        from -= last.bytes;
        keep -= 1;
    }
    let mut pieces = Vec::new();
    while from < end {
        let to = end.min(from + SEGMENT_BYTES);
        pieces.push(from..to);
        from = to;
    }
    Plan { keep, pieces }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(segments: &mut Vec<Segment>, end: u64) -> u64 {
        let Plan { keep, pieces } = plan(segments, end);
        segments.truncate(keep);
        for piece in &pieces {
            let bytes = piece.end - piece.start;
            segments.push(Segment { lease: 1, number: 0, bytes, sha256: String::new() });
        }
        assert_eq!(segments.iter().map(|segment| segment.bytes).sum::<u64>(), end);
        pieces.iter().map(|piece| piece.end - piece.start).sum()
    }

    #[test]
    fn a_thousand_pages_make_a_handful_of_objects() {
        let (mut segments, mut sent) = (Vec::new(), 0);
        let page = 5 << 10;
        for number in 1..=1000 {
            sent += apply(&mut segments, number * page);
            assert!(segments.len() <= 12, "{}", segments.len());
        }
        assert!(sent <= 11 * 1000 * page, "each byte was sent {} times", sent / (1000 * page));
    }

    #[test]
    fn large_pieces_are_cut_and_full_segments_are_never_sent_again() {
        let mut segments = Vec::new();
        assert_eq!(apply(&mut segments, 2 * SEGMENT_BYTES + 5), 2 * SEGMENT_BYTES + 5);
        assert_eq!(segments.len(), 3);
        assert_eq!(apply(&mut segments, 2 * SEGMENT_BYTES + 10), 10);
        assert_eq!(apply(&mut segments, 3 * SEGMENT_BYTES + 10), SEGMENT_BYTES);
        assert!(plan(&segments, 3 * SEGMENT_BYTES + 10).pieces.is_empty());
    }

    #[test]
    fn nothing_becomes_nothing() {
        assert_eq!(plan(&[], 0), Plan { keep: 0, pieces: Vec::new() });
    }
}
