//! How are peaks held below a ceiling? By a look-ahead limiter that sees between the samples.
//!
//! libavfilter's `alimiter` sees samples only; run at 192 kHz it would see true peaks as well, at the
//! cost of resampling everything twice. This one looks at four points a sample with a short
//! interpolator, and multiplies at 48 kHz.

use std::collections::VecDeque;
use std::f32::consts::PI;

use super::scratch::Pair;

/// Samples of look-ahead (5 ms): the gain glides down over them before a peak.
const AHEAD: usize = 240;
/// Part of the way back to unity that the gain goes with each sample: about 80 ms to recover.
const RELEASE: f32 = 1.0 / 3840.0;
/// Taps of the interpolator, a phase.
const TAPS: usize = 12;
/// Points looked at between two samples.
const PHASES: usize = 3;
/// Samples on either side of a peak that are lowered as much as the peak.
const MARGIN: usize = 8;
/// How far the output lies behind the input: half the interpolator, the look-ahead, the margin.
const DELAY: usize = TAPS / 2 + AHEAD + 2 * MARGIN - 1 - MARGIN;

/// A limiter in the middle of a sound. Both channels are lowered alike, so that nothing moves sideways.
pub(super) struct Limiter {
    ceiling: f32,
    taps: [[f32; TAPS]; PHASES],
    /// The last samples before the block, for the interpolator.
    tail: [Pair; TAPS - 1],
    delayed: VecDeque<Pair>,
    lowest: SlidingMin,
    held: f32,
    ramp: VecDeque<f32>,
    ramp_sum: f64,
    /// Outputs still to be dropped: those before the first sample.
    early: usize,
    deepest: f32,
}

impl Limiter {
    /// Nothing passes `ceiling` (an amplitude).
    pub fn new(ceiling: f32) -> Self {
        Self {
            ceiling,
            taps: interpolator(),
            tail: [[0.0; 2]; TAPS - 1],
            delayed: VecDeque::from(vec![[0.0; 2]; DELAY]),
            lowest: SlidingMin::new(AHEAD + 2 * MARGIN),
            held: 1.0,
            ramp: VecDeque::from(vec![1.0; AHEAD]),
            ramp_sum: 240.0,
            early: DELAY,
            deepest: 1.0,
        }
    }

    /// Takes a block and adds what is ready to `out`.
    pub fn push(&mut self, block: &[Pair], out: &mut Vec<Pair>) {
        let peaks = self.peaks(block);
        for (pair, peak) in block.iter().zip(peaks) {
            self.delayed.push_back(*pair);
            let wanted = if peak > self.ceiling { self.ceiling / peak } else { 1.0 };
            let lowest = self.lowest.push(wanted);
            let gain = self.glide(lowest);
            let Some([left, right]) = self.delayed.pop_front() else { continue };
            if self.early > 0 {
                self.early -= 1;
                continue;
            }
            self.deepest = self.deepest.min(gain);
            out.push([left * gain, right * gain]);
        }
    }

    /// Adds what was still inside: as many samples go out as came in.
    pub fn finish(&mut self, out: &mut Vec<Pair>) {
        self.push(&[[0.0; 2]; DELAY], out);
    }

    /// The least gain so far.
    pub fn deepest(&self) -> f32 {
        self.deepest
    }

    /// Down at once, up slowly; then averaged over the look-ahead, which makes a ramp of a step.
    fn glide(&mut self, lowest: f32) -> f32 {
        self.held = lowest.min(self.held + (1.0 - self.held) * RELEASE);
        self.ramp.push_back(self.held);
        self.ramp_sum += f64::from(self.held) - f64::from(self.ramp.pop_front().unwrap_or(1.0));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "a gain from 0 to 1"
        )]
        let gain = (self.ramp_sum / AHEAD as f64) as f32;
        gain.min(1.0)
    }

    /// For each sample of the block, the highest of the four points half an interpolator before it.
    fn peaks(&mut self, block: &[Pair]) -> Vec<f32> {
        let mut seen = Vec::with_capacity(self.tail.len() + block.len());
        seen.extend_from_slice(&self.tail);
        seen.extend_from_slice(block);
        let mut peaks: Vec<f32> =
            seen[TAPS / 2 - 1..].iter().take(block.len()).map(|p| p[0].abs().max(p[1].abs())).collect();
        let mut sums = vec![[0.0_f32; 2]; block.len()];
        for taps in &self.taps {
            sums.fill([0.0; 2]);
            for (offset, tap) in taps.iter().enumerate() {
                for (sum, pair) in sums.iter_mut().zip(&seen[offset..]) {
                    sum[0] += tap * pair[0];
                    sum[1] += tap * pair[1];
                }
            }
            for (peak, sum) in peaks.iter_mut().zip(&sums) {
                *peak = peak.max(sum[0].abs()).max(sum[1].abs());
            }
        }
        let from = seen.len() - self.tail.len();
        self.tail.copy_from_slice(&seen[from..]);
        peaks
    }
}

/// Windowed sines that give the sound at a quarter, a half and three quarters between two samples.
fn interpolator() -> [[f32; TAPS]; PHASES] {
    let mut phases = [[0.0; TAPS]; PHASES];
    for (phase, taps) in (1_u8..).zip(&mut phases) {
        for (tap, value) in (0_u8..).zip(taps.iter_mut()) {
            let distance = f32::from(tap) - 5.0 - f32::from(phase) / 4.0;
            let window = 0.5 + 0.5 * (PI * distance / 6.5).cos();
            *value = (PI * distance).sin() / (PI * distance) * window;
        }
        let sum: f32 = taps.iter().sum();
        taps.iter_mut().for_each(|value| *value /= sum);
    }
    phases
}

/// The least of the last so many values, in constant time a value.
struct SlidingMin {
    window: u64,
    now: u64,
    /// Rising values, each with its place: those that may still become the least.
    rising: VecDeque<(u64, f32)>,
}

impl SlidingMin {
    fn new(window: usize) -> Self {
        Self { window: window as u64, now: 0, rising: VecDeque::new() }
    }

    fn push(&mut self, value: f32) -> f32 {
        while self.rising.back().is_some_and(|(_, last)| *last >= value) {
            self.rising.pop_back();
        }
        self.rising.push_back((self.now, value));
        self.now += 1;
        while self.rising.front().is_some_and(|(at, _)| at + self.window < self.now) {
            self.rising.pop_front();
        }
        self.rising.front().map_or(value, |(_, least)| *least)
    }
}

#[cfg(test)]
mod tests {
    use super::super::loudness::Meter;
    use super::*;

    fn limit(sound: &[Pair], ceiling: f32, block: usize) -> (Vec<Pair>, f32) {
        let (mut limiter, mut out) = (Limiter::new(ceiling), Vec::new());
        sound.chunks(block).for_each(|part| limiter.push(part, &mut out));
        limiter.finish(&mut out);
        (out, limiter.deepest())
    }

    /// A sine at a quarter of the rate, sampled at its shoulders: its peaks lie between the samples.
    fn shoulders(level: f32) -> Vec<Pair> {
        (0..9600_u16).map(|i| [level * (PI / 2.0 * f32::from(i) + PI / 4.0).sin(); 2]).collect()
    }

    #[test]
    fn the_least_of_a_window_is_found() {
        let mut least = SlidingMin::new(3);
        let found: Vec<f32> = [5.0, 3.0, 4.0, 6.0, 7.0, 1.0].map(|v| least.push(v)).to_vec();
        assert_eq!(found, [5.0, 3.0, 3.0, 3.0, 4.0, 1.0]);
    }

    #[test]
    fn peaks_between_samples_are_held() {
        let (out, deepest) = limit(&shoulders(1.0), 0.5, 1000);
        let mut meter = Meter::new().unwrap();
        meter.hear(&out).unwrap();
        let peak = meter.read().unwrap().true_peak_dbtp.unwrap();
        assert!(peak < -6.02 + 0.2 && peak > -7.0, "{peak} dBTP");
        assert!((deepest - 0.5).abs() < 0.02, "{deepest}");
    }

    #[test]
    fn what_is_below_the_ceiling_passes_untouched_and_in_place() {
        let sound: Vec<Pair> = (0..5000_u16).map(|i| [(f32::from(i) * 0.01).sin() * 0.4; 2]).collect();
        let (out, deepest) = limit(&sound, 0.5, 77);
        assert_eq!(out.len(), sound.len());
        assert!(out.iter().zip(&sound).all(|(a, b)| (a[0] - b[0]).abs() < 1e-6));
        assert!(deepest > 0.999_999);
    }

    #[test]
    fn a_single_spike_is_lowered_with_its_surroundings_and_others_are_left() {
        let mut sound = vec![[0.1; 2]; 20_000];
        sound[5000] = [2.0, 0.0];
        let (out, _) = limit(&sound, 0.5, 512);
        assert!(out.iter().all(|p| p[0].abs() <= 0.5001));
        assert!((out[4000][0] - 0.1).abs() < 1e-6, "not yet lowered");
        assert!(out[4999][0] < 0.03, "lowered with the spike");
        assert!((out[19_999][0] - 0.1).abs() < 0.003, "back again");
    }
}
