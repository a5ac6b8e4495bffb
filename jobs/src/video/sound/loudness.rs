//! How loud is it? Integrated loudness, range and true peak after ITU-R BS.1770 and EBU R 128.

use ebur128::{EbuR128, Mode};
use esteira_engine::job::KindError;

use super::facts::Measured;
use super::plan::RATE;
use super::scratch::Pair;

/// A meter that is shown the whole sound, block by block.
pub(super) struct Meter(EbuR128);

impl Meter {
    /// A meter at zero.
    pub fn new() -> Result<Self, KindError> {
        // The histogram keeps the memory small however long the sound is, at 0.1 LU steps of the range.
        let mode = Mode::I | Mode::LRA | Mode::TRUE_PEAK | Mode::HISTOGRAM;
        EbuR128::new(2, RATE, mode).map(Self).map_err(|error| unmeasured(&error))
    }

    /// Hears some samples.
    pub fn hear(&mut self, pairs: &[Pair]) -> Result<(), KindError> {
        self.0.add_frames_f32(pairs.as_flattened()).map_err(|error| unmeasured(&error))
    }

    /// What was heard so far.
    pub fn read(&self) -> Result<Measured, KindError> {
        let peak = (0..2)
            .map(|channel| self.0.true_peak(channel))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unmeasured(&error))?
            .into_iter()
            .fold(0.0, f64::max);
        let integrated = self.0.loudness_global().map_err(|error| unmeasured(&error))?;
        let range = self.0.loudness_range().map_err(|error| unmeasured(&error))?;
        Ok(Measured {
            integrated_lufs: Some(integrated).filter(|lufs| lufs.is_finite()),
            true_peak_dbtp: Some(20.0 * peak.log10()).filter(|db| db.is_finite()),
            range_lu: Some(range).filter(|lu| lu.is_finite() && integrated.is_finite()),
        })
    }
}

fn unmeasured(error: &ebur128::Error) -> KindError {
    KindError::retry("sound_failed", format!("measuring the loudness: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EBU Tech 3341, case 1: a stereo sine of 1 kHz at −23 dBFS is −23 LUFS.
    #[test]
    fn the_reference_sine_measures_as_the_standard_says() {
        let level = 10_f32.powf(-23.0 / 20.0);
        let sine: Vec<Pair> = (0..RATE * 20)
            .map(|i| {
                [level * (std::f64::consts::TAU * 1000.0 * f64::from(i) / f64::from(RATE)).sin() as f32; 2]
            })
            .collect();
        let mut meter = Meter::new().unwrap();
        meter.hear(&sine).unwrap();
        let measured = meter.read().unwrap();
        assert!((measured.integrated_lufs.unwrap() + 23.0).abs() < 0.1, "{measured:?}");
        assert!((measured.true_peak_dbtp.unwrap() + 23.0).abs() < 0.2, "{measured:?}");
        assert!(measured.range_lu.unwrap() < 0.2, "{measured:?}");
    }

    #[test]
    fn silence_has_no_loudness() {
        let mut meter = Meter::new().unwrap();
        meter.hear(&[[0.0; 2]; 48_000]).unwrap();
        assert_eq!(meter.read().unwrap(), Measured::default());
    }
}
