//! When does somebody speak? `earshot` says it of each 16 ms; this makes stretches of it.

use earshot::Detector;

/// Samples of a frame.
pub const FRAME: usize = 256;

/// Frames that are kept before and after speech, for soft beginnings and ends: a quarter of a second.
const MARGIN: usize = 16;
/// Frames of silence that end a stretch: 0.4 s, more than the closure of a consonant and less than a full stop.
const PAUSE: usize = 25;
/// By how much less than the threshold is still speech, once somebody speaks.
const SLACK: f32 = 0.15;

/// A frame of sound, judged.
#[derive(Debug, Clone)]
pub struct Frame {
    /// How likely it is that somebody speaks.
    pub score: f32,
    /// Its samples, [`FRAME`] of them.
    pub samples: Vec<f32>,
}

/// A stretch in which somebody speaks.
#[derive(Debug, Clone, Default)]
pub struct Stretch {
    /// The number of its first frame.
    pub start: usize,
    /// Its frames.
    pub frames: Vec<Frame>,
}

/// Judges one channel as it comes.
pub struct Voice {
    detector: Box<Detector>,
    threshold: f32,
    rest: Vec<f32>,
    /// Frames so far.
    count: usize,
    /// The stretch that goes on, or the margin of one that may begin.
    open: Stretch,
    speaking: bool,
    quiet: usize,
    longest: usize,
}

impl Voice {
    /// Speech is from `threshold` on, and comes in stretches of at most `longest` frames.
    pub fn new(threshold: f32, longest: usize) -> Self {
        Self {
            detector: Box::default(),
            threshold,
            rest: Vec::with_capacity(FRAME),
            count: 0,
            open: Stretch::default(),
            speaking: false,
            quiet: 0,
            longest: longest.max(4 * MARGIN),
        }
    }

    /// Frames so far.
    pub fn frames(&self) -> usize {
        self.count
    }

    /// The frame before which every stretch has ended.
    pub fn quiet_since(&self) -> usize {
        self.open.start
    }

    /// Takes samples; answers the stretches that have ended.
    pub fn push(&mut self, mut samples: &[f32]) -> Vec<Stretch> {
        let mut ended = Vec::new();
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(FRAME - self.rest.len()));
            self.rest.extend(now.iter().map(|sample| sane(*sample)));
            samples = later;
            if self.rest.len() == FRAME {
                let frame = std::mem::replace(&mut self.rest, Vec::with_capacity(FRAME));
                ended.extend(self.frame(frame));
            }
        }
        ended
    }

    /// The stretches that the end of the recording ends: the last frame may cut one off, and the rest is another.
    pub fn finish(&mut self) -> Vec<Stretch> {
        let mut last = std::mem::take(&mut self.rest);
        let mut ended = Vec::new();
        if !last.is_empty() {
            last.resize(FRAME, 0.0);
            ended.extend(self.frame(last));
        }
        if std::mem::replace(&mut self.speaking, false) && !self.open.frames.is_empty() {
            ended.push(std::mem::take(&mut self.open));
        }
        ended
    }

    fn frame(&mut self, samples: Vec<f32>) -> Option<Stretch> {
        let score = self.detector.predict_f32(&samples);
        self.judged(score, samples)
    }

    fn judged(&mut self, score: f32, samples: Vec<f32>) -> Option<Stretch> {
        self.count += 1;
        self.open.frames.push(Frame { score, samples });
        if !self.speaking {
            if score >= self.threshold {
                self.speaking = true;
                self.quiet = 0;
            } else if self.open.frames.len() > MARGIN {
                self.open.frames.remove(0);
                self.open.start += 1;
            }
            return None;
        }
        self.quiet = if score >= self.threshold - SLACK { 0 } else { self.quiet + 1 };
        if self.quiet >= PAUSE {
            self.speaking = false;
            return Some(self.end_of_speech());
        }
        (self.open.frames.len() >= self.longest).then(|| self.cut())
    }

    /// The stretch up to its margin; what follows may be the margin of the next.
    fn end_of_speech(&mut self) -> Stretch {
        let keep = self.open.frames.len() - (self.quiet - MARGIN.min(self.quiet));
        self.split(keep)
    }

    /// A stretch that is as long as may be, up to its longest pause, and goes on after it.
    fn cut(&mut self) -> Stretch {
        let at = longest_pause(&self.open.frames, self.threshold);
        self.split(at)
    }

    fn split(&mut self, at: usize) -> Stretch {
        let later = self.open.frames.split_off(at);
        let start = self.open.start;
        let earlier = std::mem::replace(&mut self.open, Stretch { start: start + at, frames: later });
        Stretch { start, ..earlier }
    }
}

/// The middle of the longest run of frames in which least is said, in the second half; of several, the last.
fn longest_pause(frames: &[Frame], threshold: f32) -> usize {
    let half = frames.len() / 2;
    // At the very end a pause cannot be told from the beginning of the next word.
    let end = frames.len() - MARGIN.min(half);
    let (mut best, mut begun) = ((0, 0), None);
    for (at, frame) in frames.iter().enumerate().take(end).skip(half) {
        if frame.score >= threshold {
            begun = None;
            continue;
        }
        let start = *begun.get_or_insert(at);
        if at + 1 - start >= best.1 {
            best = (start, at + 1 - start);
        }
    }
    if best.1 > 0 {
        return best.0 + best.1 / 2;
    }
    let least = frames.iter().enumerate().take(end).skip(half).min_by(|a, b| a.1.score.total_cmp(&b.1.score));
    least.map_or(frames.len(), |(at, _)| at)
}

/// A file of floats can hold what no loudspeaker can: one NaN would silence everything after it.
fn sane(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(scores: &[(f32, usize)]) -> Vec<Frame> {
        let each = scores.iter().flat_map(|(score, count)| std::iter::repeat_n(*score, *count));
        each.map(|score| Frame { score, samples: Vec::new() }).collect()
    }

    #[test]
    fn a_long_stretch_is_cut_in_the_middle_of_its_longest_pause() {
        let talk = frames(&[(0.9, 30), (0.1, 20), (0.9, 20), (0.1, 6), (0.9, 20), (0.2, 2), (0.9, 22)]);
        assert_eq!(longest_pause(&talk, 0.5), 73, "the longer pause lies in the first half");
        let mut breathless = frames(&[(0.9, 120)]);
        breathless[80].score = 0.6;
        assert_eq!(longest_pause(&breathless, 0.5), 80);
    }

    #[test]
    fn silence_and_what_is_no_number_are_no_speech() {
        let mut voice = Voice::new(0.5, 1_750);
        for block in [vec![0.0; 16_000 * 20], vec![f32::NAN; 5_000], vec![f32::INFINITY; 333]] {
            assert!(voice.push(&block).is_empty());
        }
        assert!(voice.finish().is_empty());
        assert!(voice.open.frames.len() <= MARGIN + 1, "silence takes no memory");
    }

    #[test]
    fn speech_that_is_cut_off_by_its_last_frame_is_all_there() {
        for whole in [1_749, 1_750, 3_000] {
            let mut voice = Voice::new(0.5, 1_750);
            let mut stretches: Vec<Stretch> =
                (0..whole).filter_map(|_| voice.judged(0.9, vec![0.1; FRAME])).collect();
            // A hundred samples are missing to the last frame, which the detector judges as it likes.
            voice.rest = vec![0.1; FRAME - 100];
            stretches.extend(voice.finish());
            let frames: usize = stretches.iter().map(|stretch| stretch.frames.len()).sum();
            assert_eq!(frames, whole + 1);
            let mut next = 0;
            for stretch in &stretches {
                assert_eq!(stretch.start, next);
                next += stretch.frames.len();
            }
        }
    }
}
