//! How does RGB become BT.709 in limited range, and back? By integer arithmetic in 16 bits of fraction.

use super::canvas::Canvas;
use super::plane::{Plane, Yuva};

/// Luma of a pixel whose channels may be premultiplied, scaled by 2^16, without the offset of 16.
fn luma(r: i32, g: i32, b: i32) -> i32 {
    11_966 * r + 40_254 * g + 4_064 * b
}

/// Converts straight RGBA of `width` × `height` pixels; alpha is dropped where all of it is opaque.
#[must_use]
pub fn yuva_from_rgba(width: usize, height: usize, rgba: &[u8]) -> Yuva {
    let opaque = rgba.chunks_exact(4).all(|pixel| pixel[3] == 255);
    let mut out = Yuva::black(width, height);
    let mut alpha = (Plane::filled(width, height, 255), Plane::filled(out.u.width, out.u.height, 255));
    let at = |x: usize, y: usize| {
        let index = (y.min(height - 1) * width + x.min(width - 1)) * 4;
        let [r, g, b, a] = [rgba[index], rgba[index + 1], rgba[index + 2], rgba[index + 3]].map(i32::from);
        [(r * a + 127) / 255, (g * a + 127) / 255, (b * a + 127) / 255, a]
    };
    for y in 0..height {
        for x in 0..width {
            let [r, g, b, a] = at(x, y);
            // The offset of 16 is premultiplied as well: a transparent pixel is zero in every plane.
            out.y.data[y * width + x] =
                ((luma(r, g, b) + ((16 * a) << 16) / 255 + 32_768) >> 16).clamp(0, 255) as u8;
            alpha.0.data[y * width + x] = a as u8;
        }
    }
    for y in 0..out.u.height {
        for x in 0..out.u.width {
            let mut sum = [0_i32; 4];
            for pixel in
                [at(2 * x, 2 * y), at(2 * x + 1, 2 * y), at(2 * x, 2 * y + 1), at(2 * x + 1, 2 * y + 1)]
            {
                for (total, value) in sum.iter_mut().zip(pixel) {
                    *total += value;
                }
            }
            let [r, g, b, a] = sum;
            let offset = (128 * a) as i64 * 65_536 / 255;
            let blue = i64::from(-6_596 * r - 22_188 * g + 28_784 * b) + offset;
            let red = i64::from(28_784 * r - 26_145 * g - 2_639 * b) + offset;
            let index = y * out.u.width + x;
            out.u.data[index] = ((blue + 131_072) >> 18).clamp(0, 255) as u8;
            out.v.data[index] = ((red + 131_072) >> 18).clamp(0, 255) as u8;
            alpha.1.data[index] = ((a + 2) / 4) as u8;
        }
    }
    if !opaque {
        out.alpha = Some(alpha);
    }
    out
}

/// The canvas as packed RGB, for the poster.
#[must_use]
pub fn rgb_from_canvas(canvas: &Canvas) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(canvas.y.width * canvas.y.height * 3);
    for y in 0..canvas.y.height {
        let (row_u, row_v) = (canvas.u.row(y / 2), canvas.v.row(y / 2));
        for (x, &sample) in canvas.y.row(y).iter().enumerate() {
            let luma = (i32::from(sample) - 16) * 76_309;
            let (u, v) = (i32::from(row_u[x / 2]) - 128, i32::from(row_v[x / 2]) - 128);
            let channel = |value: i32| ((value + 32_768) >> 16).clamp(0, 255) as u8;
            rgb.push(channel(luma + 117_489 * v));
            rgb.push(channel(luma - 13_975 * u - 34_925 * v));
            rgb.push(channel(luma + 138_438 * u));
        }
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::video::picture::Colour;

    #[test]
    fn a_flat_picture_has_the_values_of_its_colour() {
        for text in ["#ffffff", "#000000", "#ff0000", "#00ff00", "#0000ff", "#336699"] {
            let colour: Colour = text.parse().unwrap();
            let rgba = [colour.r, colour.g, colour.b, 255].repeat(15);
            let picture = yuva_from_rgba(5, 3, &rgba);
            let expected = colour.to_yuv();
            assert!(picture.alpha.is_none());
            for (plane, value) in
                [(&picture.y, expected.y), (&picture.u, expected.u), (&picture.v, expected.v)]
            {
                assert!(
                    plane.data.iter().all(|sample| sample.abs_diff(value) <= 1),
                    "{text}: {:?}",
                    plane.data
                );
            }
        }
    }

    #[test]
    fn transparent_pixels_are_zero_in_every_plane() {
        let picture = yuva_from_rgba(2, 2, &[255, 255, 255, 0].repeat(4));
        let alpha = picture.alpha.unwrap();
        assert_eq!((picture.y.data[0], picture.u.data[0], alpha.0.data[0], alpha.1.data[0]), (0, 0, 0, 0));
    }

    #[test]
    fn white_survives_the_way_to_the_poster() {
        let mut canvas = Canvas::new(2, 2);
        canvas.fill(crate::video::picture::Yuv::WHITE);
        assert_eq!(rgb_from_canvas(&canvas), vec![255; 12]);
    }
}
