//! Which filters make mel bands of a spectrum? Slaney's, as Whisper was trained with them.
//!
//! They are those of librosa's `filters.mel(sr=16000, n_fft=400, n_mels=…)`: linear below 1 kHz, logarithmic above, each
//! triangle of the same area (M. Slaney, Auditory Toolbox, Technical Report 1998-010).

/// Samples a second of what Whisper hears.
const RATE: f64 = 16_000.0;
/// Samples of a spectrum's window.
const WINDOW: usize = 400;
/// Where the linear part ends, in Hz and in mel.
const BREAK_HZ: f64 = 1_000.0;
const HZ_A_MEL: f64 = 200.0 / 3.0;
/// Mels above the break for a factor of 6.4.
const STEPS: f64 = 27.0;
const FACTOR: f64 = 6.4;

/// Numbers of a band: those of half a spectrum.
pub const BINS: usize = 1 + WINDOW / 2;

/// The weights of `bands` filters, band by band.
pub fn filters(bands: usize) -> Vec<f32> {
    let highest = mel(RATE / 2.0);
    let step = highest / (number(bands) + 1.0);
    // The last one is taken as it is, as numpy's linspace does it.
    let edge = |n: usize| hertz(if n == bands + 1 { highest } else { number(n) * step });
    let edges: Vec<f64> = (0..bands + 2).map(edge).collect();
    let bin = |n: usize| number(n) * (RATE / 2.0 / number(BINS - 1));
    let mut out = Vec::with_capacity(bands * BINS);
    for [low, middle, high] in edges.array_windows() {
        for n in 0..BINS {
            let rise = -(low - bin(n)) / (middle - low);
            let fall = (high - bin(n)) / (high - middle);
            let height = rise.min(fall);
            // A zero keeps its sign here, as in numpy: the known sums were taken of that.
            let height = if height >= 0.0 { height } else { 0.0 };
            #[expect(clippy::cast_possible_truncation, reason = "the filters are of single precision")]
            out.push((height * (2.0 / (high - low))) as f32);
        }
    }
    out
}

fn mel(hertz: f64) -> f64 {
    if hertz >= BREAK_HZ {
        BREAK_HZ / HZ_A_MEL + (hertz / BREAK_HZ).ln() / (FACTOR.ln() / STEPS)
    } else {
        hertz / HZ_A_MEL
    }
}

fn hertz(mel: f64) -> f64 {
    let break_mel = BREAK_HZ / HZ_A_MEL;
    if mel >= break_mel {
        BREAK_HZ * ((FACTOR.ln() / STEPS) * (mel - break_mel)).exp()
    } else {
        mel * HZ_A_MEL
    }
}

#[expect(clippy::cast_precision_loss, reason = "hundreds at most")]
fn number(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_rise_and_fall_once_and_cover_the_spectrum() {
        let filters = filters(80);
        assert_eq!(filters.len(), 80 * BINS);
        let peaks: Vec<usize> = filters
            .chunks(BINS)
            .map(|band| band.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0)
            .collect();
        assert!(peaks.is_sorted(), "{peaks:?}");
        assert!(filters.iter().all(|weight| (0.0..0.1).contains(weight)));
    }
}
