//! How does a photo become planes? Header first, limits, decode once, shrink early, turn, convert.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use esteira_engine::job::KindError;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::metadata::Orientation as Exif;
use image::{DynamicImage, ImageDecoder, ImageReader};

use super::orient::Orientation;
use crate::video::limits::VideoLimits;
use crate::video::picture::{Yuva, yuva_from_rgba};

/// What a still's header says.
#[derive(Debug, Clone, Copy)]
pub struct StillInfo {
    /// Width and height as seen, after the EXIF turn.
    pub size: (u32, u32),
    /// The turn.
    pub orientation: Orientation,
}

fn unreadable(label: &str, why: impl std::fmt::Display) -> KindError {
    KindError::fail("image_unreadable", format!("{label}: the picture cannot be read: {why}"))
}

/// Opens the file and checks its header against the limits, before a pixel is decoded.
fn open(label: &str, path: &Path, limits: &VideoLimits) -> Result<(impl ImageDecoder, StillInfo), KindError> {
    let file = File::open(path).map_err(|error| unreadable(label, error.kind()))?;
    let reader = ImageReader::new(BufReader::new(file)).with_guessed_format();
    let reader = reader.map_err(|error| unreadable(label, error.kind()))?;
    if reader.format().is_none() {
        return Err(unreadable(label, "it is not JPEG, PNG, WebP, GIF, BMP or TIFF"));
    }
    let mut decoder = reader.into_decoder().map_err(|error| unreadable(label, error))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(unreadable(label, "it has no pixels"));
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.max_image_pixels || decoder.total_bytes() > limits.max_image_bytes {
        let message = format!(
            "{label}: the picture is too large: {width} × {height} pixels, {} MiB decoded; allowed are {} pixels and {} MiB",
            decoder.total_bytes() >> 20,
            limits.max_image_pixels,
            limits.max_image_bytes >> 20,
        );
        return Err(KindError::fail("image_too_large", message));
    }
    let mut memory = image::Limits::default();
    memory.max_alloc = Some(limits.max_image_bytes.saturating_mul(2));
    decoder.set_limits(memory).map_err(|error| unreadable(label, error))?;
    // A broken EXIF block is no reason to refuse a good picture.
    let orientation = orientation_of(decoder.orientation().unwrap_or(Exif::NoTransforms));
    Ok((decoder, StillInfo { size: orientation.size((width, height)), orientation }))
}

fn orientation_of(exif: Exif) -> Orientation {
    let turn = |transpose, flip_x, flip_y| Orientation { transpose, flip_x, flip_y };
    match exif {
        Exif::NoTransforms => turn(false, false, false),
        Exif::FlipHorizontal => turn(false, true, false),
        Exif::Rotate180 => turn(false, true, true),
        Exif::FlipVertical => turn(false, false, true),
        Exif::Rotate90FlipH => turn(true, false, false),
        Exif::Rotate90 => turn(true, true, false),
        Exif::Rotate270FlipH => turn(true, true, true),
        Exif::Rotate270 => turn(true, false, true),
    }
}

/// Reads a still's header.
///
/// # Errors
/// `image_unreadable`, `image_too_large`, with the label.
pub fn probe_still(label: &str, path: &Path, limits: &VideoLimits) -> Result<StillInfo, KindError> {
    open(label, path, limits).map(|(_, info)| info)
}

/// Decodes a still and brings it to `size` pixels (as seen, after the turn).
///
/// # Errors
/// `image_unreadable`, `image_too_large`, with the label.
pub fn load_still(
    label: &str,
    path: &Path,
    limits: &VideoLimits,
    size: (u32, u32),
) -> Result<Yuva, KindError> {
    let (decoder, info) = open(label, path, limits)?;
    let image = DynamicImage::from_decoder(decoder).map_err(|error| unreadable(label, error))?;
    let target = info.orientation.size(size);
    let (rgba, width, height) = shrunk(image, target);
    let rgba = resized(rgba, (width, height), target).map_err(|error| unreadable(label, error))?;
    let picture = yuva_from_rgba(target.0 as usize, target.1 as usize, &rgba);
    Ok(info.orientation.apply(picture))
}

/// RGBA at a whole fraction of the picture's size, still at least twice the target.
///
/// A photo of 48 megapixels is averaged straight from its RGB rows, so that neither a second copy of
/// it nor a resampling kernel over all of it is needed.
fn shrunk(image: DynamicImage, target: (u32, u32)) -> (Vec<u8>, u32, u32) {
    let factor =
        (image.width() / target.0.max(1) / 2).min(image.height() / target.1.max(1) / 2).max(1) as usize;
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (small_width, small_height) = (width / factor, height / factor);
    let rgba = match image {
        DynamicImage::ImageRgb8(rgb) => averaged::<3>(&rgb, width, factor, (small_width, small_height)),
        DynamicImage::ImageRgba8(rgba) if factor == 1 => rgba.into_raw(),
        DynamicImage::ImageLuma8(luma) => averaged::<1>(&luma, width, factor, (small_width, small_height)),
        other => averaged::<4>(&other.into_rgba8(), width, factor, (small_width, small_height)),
    };
    (rgba, small_width as u32, small_height as u32)
}

/// The mean of each `factor` × `factor` block; colours count as much as they are opaque.
fn averaged<const CHANNELS: usize>(
    data: &[u8],
    width: usize,
    factor: usize,
    size: (usize, usize),
) -> Vec<u8> {
    let mut out = Vec::with_capacity(size.0 * size.1 * 4);
    let mut sums = vec![[0_u64; 4]; size.0];
    for block_row in 0..size.1 {
        sums.fill([0; 4]);
        for y in block_row * factor..(block_row + 1) * factor {
            let row = &data[y * width * CHANNELS..(y * width + size.0 * factor) * CHANNELS];
            for (sum, block) in sums.iter_mut().zip(row.chunks_exact(factor * CHANNELS)) {
                for pixel in block.chunks_exact(CHANNELS) {
                    let [r, g, b, a] = match CHANNELS {
                        1 => [pixel[0], pixel[0], pixel[0], 255],
                        3 => [pixel[0], pixel[1], pixel[2], 255],
                        _ => [pixel[0], pixel[1], pixel[2], pixel[3]],
                    }
                    .map(u64::from);
                    for (sum, value) in sum.iter_mut().zip([r * a, g * a, b * a, a]) {
                        *sum += value;
                    }
                }
            }
        }
        let count = (factor * factor) as u64;
        for &[r, g, b, a] in &sums {
            let mean = |sum: u64| (sum + a / 2).checked_div(a).unwrap_or(0) as u8;
            out.extend([mean(r), mean(g), mean(b), ((a + count / 2) / count) as u8]);
        }
    }
    out
}

fn resized(rgba: Vec<u8>, size: (u32, u32), target: (u32, u32)) -> Result<Vec<u8>, String> {
    if size == target {
        return Ok(rgba);
    }
    let source = ImageRef::new(size.0, size.1, &rgba, PixelType::U8x4).map_err(|error| error.to_string())?;
    let mut out = Image::new(target.0, target.1, PixelType::U8x4);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize(&source, &mut out, Some(&options)).map_err(|error| error.to_string())?;
    Ok(out.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averaging_counts_colours_as_much_as_they_are_opaque() {
        let data = [200, 0, 0, 255, 0, 0, 0, 0, 200, 0, 0, 255, 0, 0, 0, 0];
        assert_eq!(averaged::<4>(&data, 2, 2, (1, 1)), [200, 0, 0, 128]);
    }

    #[test]
    fn blocks_of_any_size_are_averaged_without_overflow() {
        // 300 × 300 × 255 × 255 is more than 32 bits hold.
        let white = vec![255; 300 * 300];
        assert_eq!(averaged::<1>(&white, 300, 300, (1, 1)), [255; 4]);
    }

    #[test]
    fn a_large_picture_is_shrunk_before_it_is_copied() {
        let image = DynamicImage::ImageRgb8(image::RgbImage::from_pixel(400, 300, image::Rgb([9, 8, 7])));
        let (rgba, width, height) = shrunk(image, (40, 30));
        assert_eq!((width, height), (80, 60));
        assert_eq!(&rgba[..4], [9, 8, 7, 255]);
    }
}
