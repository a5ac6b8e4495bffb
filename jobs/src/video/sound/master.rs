//! How does a mix get its loudness? One gain, and a limiter only where that gain makes peaks too high.
//!
//! The familiar way is `loudnorm` in two passes. It works at 192 kHz: one of its passes takes 0.37
//! CPU s for 10 s of sound, where the gain and both measurements take 0.04 here, and 0.1 with the
//! limiter. Where it can it applies one gain and nothing else; so does this, after a measurement by
//! the same standard. Where the gain would carry peaks over the ceiling, loudnorm turns to riding
//! the level; this holds the peaks instead, measures again, and makes up for what the limiter took,
//! so that the result is on target and its dynamics stay the author's.

use std::path::Path;

use esteira_engine::job::KindError;

use super::facts::Measured;
use super::input::Loudness;
use super::limiter::Limiter;
use super::loudness::Meter;
use super::plan::Progress;
use super::scratch::{Pair, Scratch};

/// Pairs that are worked on at a time.
pub(super) const BLOCK: usize = 8192;

/// What AAC may add to a peak: decoded, a lossy sound overshoots what was encoded.
const CODEC_HEADROOM_DB: f64 = 0.5;

/// A result this near to its target, in LU, is not worth another pass.
const NEAR_ENOUGH: f64 = 0.2;

/// Passes that may be made to get there.
const PASSES: u32 = 4;

/// Gain beyond the linear one that may be spent on making up for the limiter, in dB.
const MOST_MAKE_UP: f64 = 6.0;

/// A mix at its loudness.
pub(super) struct Mastered {
    pub sound: Scratch,
    pub after: Measured,
    pub gain_db: f64,
    pub limited_db: f64,
}

/// Brings a mix to its loudness. `before` is what it measures now.
pub(super) fn master(
    mut mix: Scratch,
    before: Measured,
    loudness: &Loudness,
    max_gain_db: f64,
    folder: &Path,
    report: &mut Progress,
) -> Result<Mastered, KindError> {
    let first = first_gain(before, loudness, max_gain_db);
    let mut ceiling = loudness.true_peak_dbtp - CODEC_HEADROOM_DB;
    let (mut gain, mut pass) = (first, 1);
    let mut sound = Scratch::create(folder)?;
    loop {
        let limit = before.true_peak_dbtp.is_some_and(|peak| peak + gain > ceiling);
        sound.rewind();
        let (after, limited_db) = render(&mut mix, &mut sound, gain, limit.then_some(ceiling), report)?;
        match next_pass(after, loudness, gain, f64::min(first + MOST_MAKE_UP, max_gain_db)) {
            Next::Gain(better) if limit && pass < PASSES => gain = better,
            Next::Ceiling(over) if pass < PASSES + 2 => ceiling -= over,
            _ => return Ok(Mastered { sound, after, gain_db: gain, limited_db }),
        }
        pass += 1;
    }
}

/// What a finished pass asks for.
#[derive(Debug, PartialEq)]
enum Next {
    Nothing,
    /// The limiter took loudness away: this gain makes up for it.
    Gain(f64),
    /// A peak slipped through by so many dB.
    Ceiling(f64),
}

/// The gain that brings the mix to its target, were there no peaks.
fn first_gain(before: Measured, loudness: &Loudness, max_gain_db: f64) -> f64 {
    match before.integrated_lufs {
        Some(lufs) if loudness.normalize => (loudness.target_lufs - lufs).min(max_gain_db),
        _ => 0.0,
    }
}

fn next_pass(after: Measured, loudness: &Loudness, gain: f64, most: f64) -> Next {
    let over = after.true_peak_dbtp.map_or(0.0, |peak| peak - loudness.true_peak_dbtp);
    if over > 0.0 {
        return Next::Ceiling(over + 0.05);
    }
    let missing = after.integrated_lufs.map_or(0.0, |lufs| loudness.target_lufs - lufs);
    let better = (gain + missing).min(most);
    if !loudness.normalize || missing.abs() <= NEAR_ENOUGH || better - gain < NEAR_ENOUGH / 2.0 {
        return Next::Nothing;
    }
    Next::Gain(better)
}

/// One pass: gain, limiter, meter.
fn render(
    mix: &mut Scratch,
    sound: &mut Scratch,
    gain_db: f64,
    ceiling_db: Option<f64>,
    report: &mut Progress,
) -> Result<(Measured, f64), KindError> {
    let gain = amplitude(gain_db);
    let mut limiter = ceiling_db.map(|db| Limiter::new(amplitude(db)));
    let mut meter = Meter::new()?;
    let (mut block, mut out, mut at) = (vec![[0.0; 2]; BLOCK], Vec::new(), 0);
    while at < mix.len() {
        let part = &mut block[..usize::try_from(mix.len() - at).unwrap_or(BLOCK).min(BLOCK)];
        mix.read(at, part)?;
        at += part.len() as u64;
        part.as_flattened_mut().iter_mut().for_each(|sample| *sample *= gain);
        let heard: &[Pair] = match &mut limiter {
            None => part,
            Some(limiter) => {
                out.clear();
                limiter.push(part, &mut out);
                if at == mix.len() {
                    limiter.finish(&mut out);
                }
                &out
            }
        };
        meter.hear(heard)?;
        sound.append(heard)?;
        #[expect(clippy::cast_precision_loss, reason = "a fraction for a progress bar")]
        report(at as f64 / mix.len() as f64)?;
    }
    let deepest = limiter.map_or(1.0, |limiter| limiter.deepest());
    Ok((meter.read()?, (20.0 * f64::from(deepest).log10()).abs()))
}

#[expect(clippy::cast_possible_truncation, reason = "a gain needs no more than f32")]
fn amplitude(db: f64) -> f32 {
    10_f64.powf(db / 20.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(lufs: f64, peak: f64) -> Measured {
        Measured { integrated_lufs: Some(lufs), true_peak_dbtp: Some(peak), range_lu: Some(3.0) }
    }

    #[test]
    fn the_first_gain_leads_to_the_target_as_far_as_it_may() {
        let loudness = Loudness::default();
        assert_eq!(first_gain(measured(-20.0, -3.0), &loudness, 40.0), 4.0);
        assert_eq!(first_gain(measured(-10.0, -0.1), &loudness, 40.0), -6.0);
        assert_eq!(first_gain(measured(-65.0, -50.0), &loudness, 40.0), 40.0);
        assert_eq!(first_gain(Measured::default(), &loudness, 40.0), 0.0);
        let as_it_is = Loudness { normalize: false, ..Loudness::default() };
        assert_eq!(first_gain(measured(-20.0, -3.0), &as_it_is, 40.0), 0.0);
    }

    #[test]
    fn a_pass_is_followed_by_another_only_where_that_helps() {
        let loudness = Loudness::default();
        assert_eq!(next_pass(measured(-16.1, -2.0), &loudness, 4.0, 10.0), Next::Nothing);
        assert_eq!(next_pass(measured(-17.0, -2.0), &loudness, 4.0, 10.0), Next::Gain(5.0));
        assert_eq!(next_pass(measured(-17.0, -2.0), &loudness, 4.0, 4.0), Next::Nothing);
        assert!(matches!(next_pass(measured(-16.0, -1.4), &loudness, 4.0, 10.0), Next::Ceiling(_)));
    }
}
