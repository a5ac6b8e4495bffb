//! How is a picture made larger or smaller? By cubic weights, which cover more pixels the smaller it becomes.

/// The weights of the pixels from `start` on, for one pixel of the result.
struct Taps {
    start: usize,
    weights: Vec<f32>,
}

/// Pixels of `N` bytes, `from` wide and high, as a picture `to` wide and high. Both sides of both have a pixel.
pub(super) fn resample<const N: usize>(bytes: &[u8], from: (usize, usize), to: (usize, usize)) -> Vec<u8> {
    let rows = stretch_rows(bytes, from.0 * N, &taps(from.1, to.1));
    stretch_columns::<N>(&rows, from.0, &taps(from.0, to.0))
}

fn taps(from: usize, to: usize) -> Vec<Taps> {
    let ratio = from as f32 / to as f32;
    let reach = ratio.max(1.0);
    let tap = |at: usize| {
        let centre = (at as f32 + 0.5) * ratio;
        let start = (centre - 2.0 * reach).floor().max(0.0) as usize;
        let end = ((centre + 2.0 * reach).ceil() as usize).clamp(start + 1, from.max(start + 1));
        let mut weights: Vec<f32> =
            (start..end).map(|pixel| cubic((pixel as f32 + 0.5 - centre) / reach)).collect();
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Taps { start, weights }
    };
    (0..to).map(tap).collect()
}

/// The spline of Catmull and Rom.
fn cubic(x: f32) -> f32 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((2.5 - 0.5 * x) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

fn stretch_rows(bytes: &[u8], width: usize, taps: &[Taps]) -> Vec<u8> {
    let mut out = Vec::with_capacity(width * taps.len());
    let mut sums = vec![0.0; width];
    for tap in taps {
        sums.fill(0.0);
        let lines = bytes.chunks_exact(width.max(1)).skip(tap.start);
        for (line, weight) in lines.zip(&tap.weights) {
            sums.iter_mut().zip(line).for_each(|(sum, byte)| *sum += weight * f32::from(*byte));
        }
        out.extend(sums.iter().map(|sum| rounded(*sum)));
    }
    out
}

fn stretch_columns<const N: usize>(bytes: &[u8], width: usize, taps: &[Taps]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / width.max(1) * taps.len());
    for line in bytes.as_chunks::<N>().0.chunks_exact(width.max(1)) {
        for tap in taps {
            let mut sums = [0.0; N];
            let pixels = line.get(tap.start..).unwrap_or(&[]);
            for (pixel, weight) in pixels.iter().zip(&tap.weights) {
                sums.iter_mut().zip(pixel).for_each(|(sum, byte)| *sum += weight * f32::from(*byte));
            }
            out.extend(sums.map(rounded));
        }
    }
    out
}

fn rounded(value: f32) -> u8 {
    (value + 0.5).clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_picture_stays_even() {
        for to in [(1, 1), (3, 9), (17, 2), (40, 40)] {
            assert_eq!(resample::<1>(&[90; 70], (10, 7), to), vec![90; to.0 * to.1]);
        }
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        let bytes: Vec<u8> = (0..60).map(|n| n * 4).collect();
        assert_eq!(resample::<3>(&bytes, (5, 4), (5, 4)), bytes);
    }

    #[test]
    fn left_stays_left_and_colours_stay_apart() {
        let small = resample::<3>(&[200, 0, 10, 200, 0, 10, 0, 100, 10, 0, 100, 10], (4, 1), (2, 1));
        assert!(small[0] > 150 && small[3] < 50 && small[1] < 30 && small[4] > 70);
        assert_eq!((small[2], small[5]), (10, 10));
    }
}
