//! How loud is a track at a sample? Gain, fades and the seams of a loop, added into the mix.

use std::f32::consts::FRAC_PI_2;

use esteira_engine::job::KindError;

use super::plan::Track;
use super::scratch::{Pair, Scratch};
use super::stem::Stem;

/// Samples (5 ms) over which a sound that was cut is faded, so that the cut does not click.
const DECLICK: u64 = 240;

/// A decoded track at its place in the mix.
#[derive(Debug, Clone)]
pub(super) struct Strip {
    stem: Stem,
    start: u64,
    /// Samples of the mix that it fills.
    len: u64,
    gain: f32,
    fade_in: u64,
    fade_out: u64,
    /// Samples that two rounds of a loop share; 0 where nothing is repeated.
    cross: u64,
}

impl Strip {
    /// A track of which `wanted` samples can be heard.
    pub fn new(track: &Track, stem: Stem, wanted: u64) -> Self {
        let looped = track.looped.filter(|_| stem.len > 1 && stem.len < wanted);
        let len = if looped.is_some() { wanted } else { stem.len.min(wanted) };
        let cut_out = looped.is_some() || stem.cut;
        let cut_in = track.trim_start > 0.0;
        #[expect(clippy::cast_possible_truncation, reason = "a gain needs no more than f32")]
        let gain = track.gain as f32;
        Self {
            stem,
            start: track.start,
            len,
            gain,
            fade_in: track.fade_in.max(if cut_in { DECLICK } else { 0 }).min(len),
            fade_out: track.fade_out.max(if cut_out { DECLICK } else { 0 }).min(len),
            cross: looped.map_or(0, |cross| cross.min(stem.len / 2)),
        }
    }

    /// Whether it is heard in the samples `from..to`.
    pub fn sounds_in(&self, from: u64, to: u64) -> bool {
        self.len > 0 && self.start < to && self.start + self.len > from
    }

    /// Adds what it brings to the samples from `from` on.
    pub fn add(
        &self,
        stems: &mut Scratch,
        from: u64,
        out: &mut [Pair],
        spare: &mut Vec<Pair>,
    ) -> Result<(), KindError> {
        let to = from + out.len() as u64;
        if !self.sounds_in(from, to) {
            return Ok(());
        }
        let first = from.max(self.start) - self.start;
        let last = to.min(self.start + self.len) - self.start;
        let period = self.stem.len - self.cross;
        let mut round = first.saturating_sub(self.stem.len - 1).div_ceil(period);
        while round * period < last {
            let begins = round * period;
            let (a, b) = (first.max(begins), last.min(begins + self.stem.len));
            if a < b {
                spare.resize(usize::try_from(b - a).unwrap_or(0), [0.0; 2]);
                stems.read(self.stem.offset + a - begins, spare)?;
                let place = usize::try_from(self.start + a - from).unwrap_or(usize::MAX);
                for ((at, pair), heard) in (a..b).zip(&*spare).zip(out.iter_mut().skip(place)) {
                    let gain = self.gain * self.fade(at) * self.seam(round, at - begins);
                    heard[0] += pair[0] * gain;
                    heard[1] += pair[1] * gain;
                }
            }
            round += 1;
        }
        Ok(())
    }

    /// The fades of the whole, at a sample of it.
    fn fade(&self, at: u64) -> f32 {
        ramp(at, self.fade_in) * ramp(self.len - 1 - at, self.fade_out)
    }

    /// The crossfade of two rounds, at a sample of one of them.
    fn seam(&self, round: u64, at: u64) -> f32 {
        let rise = if round == 0 { 1.0 } else { ramp(at, self.cross) };
        rise * ramp(self.stem.len - 1 - at, self.cross)
    }
}

/// A quarter of a sine: two of them crossing keep the power of the sound.
#[expect(clippy::cast_precision_loss, reason = "fades are far shorter than 2^24 samples")]
fn ramp(at: u64, length: u64) -> f32 {
    if at >= length { 1.0 } else { ((at as f32 + 0.5) / length as f32 * FRAC_PI_2).sin() }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Role;
    use super::*;

    fn heard(track: &Track, source: &[f32], cut: bool, total: usize, block: usize) -> Vec<f32> {
        let folder = tempfile::tempdir().unwrap();
        let mut stems = Scratch::create(folder.path()).unwrap();
        stems.append(&source.iter().map(|s| [*s, *s]).collect::<Vec<_>>()).unwrap();
        let stem = Stem { offset: 0, len: source.len() as u64, cut };
        let strip = Strip::new(track, stem, total as u64 - track.start);
        let mut out = vec![[0.0; 2]; total];
        let mut spare = Vec::new();
        for (i, part) in out.chunks_mut(block).enumerate() {
            strip.add(&mut stems, (i * block) as u64, part, &mut spare).unwrap();
        }
        out.iter().map(|pair| pair[0]).collect()
    }

    fn track() -> Track {
        Track::new("/t", "unused", Role::Music)
    }

    #[test]
    fn a_track_is_heard_at_its_place_and_nowhere_else() {
        let track = Track { start: 3, gain: 0.5, ..track() };
        assert_eq!(heard(&track, &[1.0, 1.0], false, 8, 8), [0.0, 0.0, 0.0, 0.5, 0.5, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn the_size_of_blocks_is_not_heard() {
        let track = Track { start: 100, fade_in: 50, fade_out: 70, looped: Some(40), ..track() };
        let source: Vec<f32> = (0..333_u16).map(|i| (f32::from(i) * 0.1).sin()).collect();
        let whole = heard(&track, &source, false, 3000, 3000);
        for block in [1, 7, 333, 1024] {
            assert_eq!(heard(&track, &source, false, 3000, block), whole, "{block}");
        }
    }

    #[test]
    fn a_loop_fills_its_length_to_the_sample_and_has_no_hole() {
        let out = heard(&Track { looped: Some(100), ..track() }, &[1.0; 1000], false, 10_000, 512);
        let (body, end) = out.split_at(10_000 - usize::try_from(DECLICK).unwrap());
        assert!(body.iter().all(|s| (0.99..=1.42).contains(s)), "equal power over equal sound adds 3 dB");
        assert!(end.iter().all(|s| *s > 0.0));
    }

    #[test]
    fn fades_rise_and_fall_without_a_step() {
        let out = heard(&Track { fade_in: 100, fade_out: 200, ..track() }, &[1.0; 1000], false, 1000, 256);
        assert!(out.windows(2).take(99).all(|w| w[1] > w[0]));
        assert!(out[100..800].iter().all(|s| (*s - 1.0).abs() < 1e-6));
        assert!(out.windows(2).skip(801).all(|w| w[1] < w[0]));
        assert!(out[0] < 0.02 && out[999] < 0.02);
    }
}
