//! How is a row drawn over another? In 8-bit arithmetic that the compiler turns into vectors.

/// `value / 255`, rounded, for products of two bytes.
fn div255(value: u16) -> u16 {
    let biased = value + 128;
    (biased + (biased >> 8)) >> 8
}

/// Draws a premultiplied row over `below`, with `opacity` out of 255.
pub fn over(below: &mut [u8], picture: &[u8], alpha: &[u8], opacity: u8) {
    let rows = below.iter_mut().zip(picture).zip(alpha);
    if opacity == 255 {
        for ((below, &picture), &alpha) in rows {
            *below = picture.saturating_add(div255(u16::from(*below) * u16::from(255 - alpha)) as u8);
        }
        return;
    }
    let opacity = u16::from(opacity);
    for ((below, &picture), &alpha) in rows {
        let picture = div255(u16::from(picture) * opacity) as u8;
        let alpha = div255(u16::from(alpha) * opacity);
        *below = picture.saturating_add(div255(u16::from(*below) * (255 - alpha)) as u8);
    }
}

/// Draws an opaque row over `below` with `opacity` out of 255.
pub fn cross(below: &mut [u8], picture: &[u8], opacity: u8) {
    let (more, less) = (u16::from(opacity), u16::from(255 - opacity));
    for (below, &picture) in below.iter_mut().zip(picture) {
        *below = div255(u16::from(picture) * more + u16::from(*below) * less) as u8;
    }
}

/// Replaces `below` by `picture` as far as `mask` says.
pub fn masked(below: &mut [u8], picture: &[u8], mask: &[u8]) {
    for ((below, &picture), &mask) in below.iter_mut().zip(picture).zip(mask) {
        *below =
            div255(u16::from(picture) * u16::from(mask) + u16::from(*below) * u16::from(255 - mask)) as u8;
    }
}

/// Draws a premultiplied row towards a flat value: `amount` 255 leaves only the value, in the row's shape.
pub fn tint(row: &mut [u8], alpha: Option<&[u8]>, value: u8, amount: u8) {
    let keep = u16::from(255 - amount);
    let flat = div255(u16::from(value) * u16::from(amount));
    match alpha {
        None => row
            .iter_mut()
            .for_each(|sample| *sample = (div255(u16::from(*sample) * keep) + flat).min(255) as u8),
        Some(alpha) => row.iter_mut().zip(alpha).for_each(|(sample, &alpha)| {
            *sample = (div255(u16::from(*sample) * keep) + div255(flat * u16::from(alpha))).min(255) as u8;
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_by_255_is_exact_to_rounding() {
        for a in 0..=255_u16 {
            for b in 0..=255_u16 {
                assert_eq!(div255(a * b), ((f64::from(a) * f64::from(b)) / 255.0).round() as u16);
            }
        }
    }

    #[test]
    fn opaque_hides_and_transparent_shows() {
        let mut below = [10, 20, 30];
        over(&mut below, &[200, 0, 0], &[255, 0, 0], 255);
        assert_eq!(below, [200, 20, 30]);
    }

    #[test]
    fn half_an_opacity_is_the_mean() {
        let mut below = [100];
        cross(&mut below, &[200], 128);
        assert_eq!(below, [150]);
        let mut same = [100];
        over(&mut same, &[200], &[255], 128);
        assert!(same[0].abs_diff(150) <= 1);
    }

    #[test]
    fn a_full_tint_leaves_the_shape_in_one_colour() {
        let mut row = [90, 45, 0];
        tint(&mut row, Some(&[255, 128, 0]), 235, 255);
        assert_eq!(row, [235, 118, 0]);
    }
}
