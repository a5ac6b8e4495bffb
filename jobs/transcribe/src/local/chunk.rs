//! What is Whisper given at once? Stretches of speech, packed into chunks, without the silence between them.

use super::decode::RATE;
use super::voice::{FRAME, Stretch};

/// Seconds of silence after which a chunk that is long enough ends, and after which any does.
const PAUSE: f64 = 2.0;
const LONG_PAUSE: f64 = 8.0;
/// Seconds from which on a chunk is long enough: shorter ones give Whisper little to go by.
const ENOUGH: f64 = 8.0;

/// Speech, with the places that it was taken from.
#[derive(Debug, Clone, Default)]
pub struct Chunk {
    /// From 0 on, over all channels.
    pub number: usize,
    /// From 0 on.
    pub channel: usize,
    /// Where its samples come from, in order.
    pub pieces: Vec<Piece>,
    /// Samples at [`RATE`].
    pub samples: Vec<f32>,
}

/// A part of a chunk, in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Piece {
    /// Where it begins in the recording.
    pub from: usize,
    /// How long it is.
    pub length: usize,
}

impl Chunk {
    /// Seconds of sound.
    pub fn seconds(&self) -> f64 {
        seconds(self.samples.len())
    }

    /// The second of the recording at which it ends.
    pub fn end(&self) -> f64 {
        self.pieces.last().map_or(0.0, |piece| seconds(piece.from + piece.length))
    }
}

/// Where in the recording a stretch of a chunk lies, both in seconds. A word that begins in one piece ends there.
pub fn placed(pieces: &[Piece], start: f64, end: f64) -> (f64, f64) {
    let mut before = 0.0;
    let mut last = (0.0, 0.0);
    for piece in pieces {
        let (from, length) = (seconds(piece.from), seconds(piece.length));
        let left = before + length - start;
        // What begins at the very end of a piece belongs to the next.
        let here = left > EDGE || (left > 0.0 && end <= before + length);
        if here {
            let start = (from + start - before).max(from);
            return (start, (from + end - before).min(from + length).max(start));
        }
        before += length;
        last = (from + length, from + length);
    }
    last
}

/// Seconds at the end of a piece.
const EDGE: f64 = 0.1;

/// Packs one channel.
pub struct Packer {
    channel: usize,
    most: usize,
    open: Chunk,
}

impl Packer {
    /// Chunks of at most so many seconds.
    pub fn new(channel: usize, seconds: f64) -> Self {
        Self { channel, most: longest(seconds) * FRAME, open: Chunk { channel, ..Chunk::default() } }
    }

    /// Takes a stretch; answers the chunk that is full now.
    pub fn push(&mut self, stretch: Stretch) -> Option<Chunk> {
        let (from, length) = (stretch.start * FRAME, stretch.frames.len() * FRAME);
        let silence =
            self.open.pieces.last().map(|last| seconds(from.saturating_sub(last.from + last.length)));
        let full = self.open.samples.len() + length > self.most;
        let ends = silence.is_some_and(|silence| {
            full || silence >= LONG_PAUSE || (silence >= PAUSE && self.open.seconds() >= ENOUGH)
        });
        let ended = if ends { self.finish() } else { None };
        for frame in stretch.frames {
            self.open.samples.extend(frame.samples);
        }
        match self.open.pieces.last_mut() {
            Some(last) if last.from + last.length == from => last.length += length,
            _ => self.open.pieces.push(Piece { from, length }),
        }
        ended
    }

    /// Once the silence up to a frame has lasted long enough, nothing more comes to the chunk.
    pub fn rest(&mut self, frames: usize) -> Option<Chunk> {
        let end = self.open.pieces.last().map(|last| last.from + last.length)?;
        let silence = seconds((frames * FRAME).saturating_sub(end));
        if silence >= LONG_PAUSE { self.finish() } else { None }
    }

    /// What was packed so far.
    pub fn finish(&mut self) -> Option<Chunk> {
        let fresh = Chunk { channel: self.channel, ..Chunk::default() };
        Some(std::mem::replace(&mut self.open, fresh)).filter(|chunk| !chunk.samples.is_empty())
    }
}

/// Frames of a chunk of so many seconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousand at most")]
pub fn longest(seconds: f64) -> usize {
    (seconds * f64::from(RATE)) as usize / FRAME
}

/// Samples as seconds.
#[expect(clippy::cast_precision_loss, reason = "2^53 samples are thousands of years")]
pub fn seconds(samples: usize) -> f64 {
    samples as f64 / f64::from(RATE)
}

#[cfg(test)]
mod tests {
    use super::super::voice::Frame;
    use super::*;

    fn stretch(start: f64, length: f64) -> Stretch {
        let frames = vec![Frame { score: 0.9, samples: vec![0.1; FRAME] }; longest(length)];
        Stretch { start: longest(start), frames }
    }

    #[test]
    fn stretches_are_packed_up_to_the_limit_and_long_silence_parts_them() {
        let mut packer = Packer::new(0, 28.0);
        assert!(packer.push(stretch(0.0, 10.0)).is_none());
        assert!(packer.push(stretch(11.0, 10.0)).is_none());
        let full = packer.push(stretch(22.0, 10.0)).unwrap();
        assert_eq!((full.pieces.len(), full.seconds().round()), (2, 20.0));
        assert_eq!(packer.push(stretch(34.5, 2.0)).unwrap().pieces.len(), 1, "two seconds after ten");
        assert!(packer.push(stretch(40.0, 2.0)).is_none(), "four seconds after two");
        assert!(packer.rest(longest(49.0)).is_none());
        assert_eq!(packer.rest(longest(50.1)).unwrap().pieces.len(), 2);
        assert!(packer.finish().is_none());
    }

    #[test]
    fn a_stretch_that_goes_on_after_a_cut_is_one_piece() {
        let mut packer = Packer::new(0, 28.0);
        packer.push(stretch(0.0, 4.0));
        packer.push(Stretch { start: longest(4.0), ..stretch(0.0, 4.0) });
        assert_eq!(packer.finish().unwrap().pieces.len(), 1);
    }

    #[test]
    fn instants_of_a_chunk_are_found_in_the_recording() {
        let rate = RATE as usize;
        let pieces = [Piece { from: 10 * rate, length: 2 * rate }, Piece { from: 20 * rate, length: rate }];
        assert_eq!(placed(&pieces, 0.5, 1.0), (10.5, 11.0));
        assert_eq!(placed(&pieces, 1.5, 2.5), (11.5, 12.0), "it ends with its piece");
        assert_eq!(placed(&pieces, 1.95, 2.5), (20.0, 20.5), "it begins with the next");
        assert_eq!(placed(&pieces, 9.0, 9.5), (21.0, 21.0));
        assert_eq!(placed(&[], 1.0, 2.0), (0.0, 0.0));
    }
}
