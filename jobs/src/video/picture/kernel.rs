//! What are the inner loops of sampling? Two weighted sums of four, in 16-bit integers.
//!
//! They take most of the compositor's time. x86-64 always has an instruction that multiplies eight
//! pairs and adds their neighbours (`pmaddwd`), and the compiler does not find it by itself; every
//! other machine runs the plain loops, which are also what the tests compare with.

/// Bits of fraction of a weight.
pub const WEIGHT_BITS: u32 = 14;
/// Bits of fraction that the row between the two passes keeps.
pub const ROW_BITS: u32 = 6;

const VERTICAL_SHIFT: i32 = (WEIGHT_BITS - ROW_BITS) as i32;
const HORIZONTAL_SHIFT: i32 = (WEIGHT_BITS + ROW_BITS) as i32;
const HALF: i32 = 1 << (HORIZONTAL_SHIFT - 1);

/// The weighted sum of four rows, with [`ROW_BITS`] of fraction; rows may be shorter than `out`.
pub fn vertical(rows: [&[u8]; 4], weights: [i16; 4], out: &mut [i16]) {
    let length = rows.iter().map(|row| row.len()).min().unwrap_or(0).min(out.len());
    let done = fast::vertical(rows.map(|row| &row[..length]), weights, &mut out[..length]);
    plain_vertical(rows.map(|row| &row[done..length]), weights, &mut out[done..length]);
    // A plane narrower than four samples: the tail has no weight, any value will do.
    out[length..].fill(0);
}

/// The weighted sums of four neighbours that begin at `starts`, without fraction.
pub fn horizontal(row: &[i16], starts: &[u32], weights: &[[i16; 4]], out: &mut [u8]) {
    let length = out.len().min(starts.len()).min(weights.len());
    let done = fast::horizontal(row, &starts[..length], &weights[..length], &mut out[..length]);
    plain_horizontal(row, &starts[done..length], &weights[done..length], &mut out[done..length]);
}

fn plain_vertical(rows: [&[u8]; 4], weights: [i16; 4], out: &mut [i16]) {
    for (index, out) in out.iter_mut().enumerate() {
        let products =
            rows.iter().zip(weights).map(|(row, weight)| i32::from(row[index]) * i32::from(weight));
        *out = (products.sum::<i32>() >> VERTICAL_SHIFT) as i16;
    }
}

fn plain_horizontal(row: &[i16], starts: &[u32], weights: &[[i16; 4]], out: &mut [u8]) {
    for ((out, &start), weights) in out.iter_mut().zip(starts).zip(weights) {
        let four = row.get(start as usize..).and_then(<[i16]>::first_chunk::<4>);
        let Some(four) = four else { continue };
        let products =
            four.iter().zip(weights).map(|(&sample, &weight)| i32::from(sample) * i32::from(weight));
        *out = ((products.sum::<i32>() + HALF) >> HORIZONTAL_SHIFT).clamp(0, 255) as u8;
    }
}

#[cfg(target_arch = "x86_64")]
mod fast {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_castps_si128, _mm_castsi128_ps, _mm_loadl_epi64, _mm_loadu_si128,
        _mm_madd_epi16, _mm_packs_epi32, _mm_packus_epi16, _mm_set1_epi32, _mm_setzero_si128, _mm_shuffle_ps,
        _mm_srai_epi32, _mm_storel_epi64, _mm_storeu_si128, _mm_unpackhi_epi16, _mm_unpacklo_epi8,
        _mm_unpacklo_epi16, _mm_unpacklo_epi64,
    };

    use super::{HALF, HORIZONTAL_SHIFT, VERTICAL_SHIFT};

    /// Eight samples a step; answers how many it has done.
    pub fn vertical(rows: [&[u8]; 4], weights: [i16; 4], out: &mut [i16]) -> usize {
        let steps = out.len() / 8;
        assert!(rows.iter().all(|row| row.len() >= steps * 8), "rows as long as the result");
        let pair = |first: i16, second: i16| (i32::from(second) << 16) | i32::from(first as u16);
        #[expect(
            unsafe_code,
            reason = "SSE2 is part of x86-64; every access is below `steps * 8`, which all slices hold"
        )]
        unsafe {
            let upper = _mm_set1_epi32(pair(weights[0], weights[1]));
            let lower = _mm_set1_epi32(pair(weights[2], weights[3]));
            let zero = _mm_setzero_si128();
            for at in (0..steps * 8).step_by(8) {
                let [a, b, c, d] =
                    rows.map(|row| _mm_unpacklo_epi8(_mm_loadl_epi64(row.as_ptr().add(at).cast()), zero));
                let left = _mm_add_epi32(
                    _mm_madd_epi16(_mm_unpacklo_epi16(a, b), upper),
                    _mm_madd_epi16(_mm_unpacklo_epi16(c, d), lower),
                );
                let right = _mm_add_epi32(
                    _mm_madd_epi16(_mm_unpackhi_epi16(a, b), upper),
                    _mm_madd_epi16(_mm_unpackhi_epi16(c, d), lower),
                );
                let sums = _mm_packs_epi32(
                    _mm_srai_epi32::<VERTICAL_SHIFT>(left),
                    _mm_srai_epi32::<VERTICAL_SHIFT>(right),
                );
                _mm_storeu_si128(out.as_mut_ptr().add(at).cast(), sums);
            }
        }
        steps * 8
    }

    /// Eight pixels a step; answers how many it has done.
    pub fn horizontal(row: &[i16], starts: &[u32], weights: &[[i16; 4]], out: &mut [u8]) -> usize {
        let steps = out.len() / 8;
        assert!(starts.len() >= steps * 8 && weights.len() >= steps * 8, "tables as long as the result");
        // Starts never decrease, so the last one tells whether all of them have four samples to read.
        let furthest = starts[..steps * 8].iter().copied().max().unwrap_or(0) as usize;
        if furthest + 4 > row.len() {
            return 0;
        }
        for at in (0..steps * 8).step_by(8) {
            #[expect(
                unsafe_code,
                reason = "SSE2 is part of x86-64; every start was checked against the row above, and `at + 8` is within the tables and the result"
            )]
            unsafe {
                let packed =
                    _mm_packs_epi32(four(row, starts, weights, at), four(row, starts, weights, at + 4));
                _mm_storel_epi64(out.as_mut_ptr().add(at).cast(), _mm_packus_epi16(packed, packed));
            }
        }
        steps * 8
    }

    /// Four pixels as 32-bit integers.
    ///
    /// # Safety
    /// `at + 4` is within the tables, and each start has four samples of the row behind it.
    #[expect(unsafe_code, reason = "see above: the caller checks every index once for the whole row")]
    unsafe fn four(row: &[i16], starts: &[u32], weights: &[[i16; 4]], at: usize) -> __m128i {
        unsafe {
            let samples = |index: usize| {
                _mm_loadl_epi64(row.as_ptr().add(*starts.get_unchecked(index) as usize).cast())
            };
            let products = |index: usize| {
                let two = _mm_unpacklo_epi64(samples(index), samples(index + 1));
                let weights = _mm_loadu_si128(weights.as_ptr().add(index).cast());
                _mm_castsi128_ps(_mm_madd_epi16(two, weights))
            };
            let (first, second) = (products(at), products(at + 2));
            let even = _mm_castps_si128(_mm_shuffle_ps::<0b10_00_10_00>(first, second));
            let odd = _mm_castps_si128(_mm_shuffle_ps::<0b11_01_11_01>(first, second));
            let sums = _mm_add_epi32(_mm_add_epi32(even, odd), _mm_set1_epi32(HALF));
            _mm_srai_epi32::<HORIZONTAL_SHIFT>(sums)
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod fast {
    /// Nothing is done here: the plain loop does it all.
    pub fn vertical(_: [&[u8]; 4], _: [i16; 4], _: &mut [i16]) -> usize {
        0
    }

    /// Nothing is done here: the plain loop does it all.
    pub fn horizontal(_: &[i16], _: &[u32], _: &[[i16; 4]], _: &mut [u8]) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Weights as the sampler makes them: sums of one, with overshoot on both sides.
    fn weights(t: f64) -> [i16; 4] {
        let parts = [
            -0.5 * t + t * t - 0.5 * t.powi(3),
            0.0,
            0.5 * t + 2.0 * t * t - 1.5 * t.powi(3),
            -0.5 * t * t + 0.5 * t.powi(3),
        ];
        let [a, _, c, d] = parts.map(|part| (part * 16_384.0).round() as i16);
        [a, 16_384 - a - c - d, c, d]
    }

    proptest! {
        #[test]
        fn the_fast_loops_give_what_the_plain_ones_give(
            samples in proptest::collection::vec(any::<u8>(), 4 * 67),
            t in 0.0..1.0_f64,
            length in 0..64_usize,
        ) {
            let rows: [&[u8]; 4] = std::array::from_fn(|row| &samples[row * 67..(row + 1) * 67]);
            let (mut fast, mut plain) = (vec![0; 67], vec![0; 67]);
            vertical(rows, weights(t), &mut fast);
            plain_vertical(rows, weights(t), &mut plain);
            prop_assert_eq!(&fast, &plain);
            let starts: Vec<u32> = (0..length as u32).collect();
            let table = vec![weights(1.0 - t); length];
            let (mut quick, mut slow) = (vec![0; length], vec![0; length]);
            horizontal(&fast, &starts, &table, &mut quick);
            plain_horizontal(&plain, &starts, &table, &mut slow);
            prop_assert_eq!(quick, slow);
        }
    }

    #[test]
    fn a_start_without_four_samples_reads_nothing() {
        let mut out = [7; 8];
        horizontal(&[0; 4], &[3; 8], &[[0; 4]; 8], &mut out);
        assert_eq!(out, [7; 8]);
    }
}
