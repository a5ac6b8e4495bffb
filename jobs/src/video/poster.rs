//! What does a video look like before it plays? One frame as JPEG.

use esteira_engine::job::KindError;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};

use super::picture::{Canvas, rgb_from_canvas};

/// Quality of the JPEG, of 100.
const QUALITY: u8 = 90;

/// The canvas as a JPEG file.
///
/// # Errors
/// When the encoder refuses it.
pub fn jpeg(canvas: &Canvas) -> Result<Vec<u8>, KindError> {
    let mut bytes = Vec::new();
    let rgb = rgb_from_canvas(canvas);
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .write_image(&rgb, canvas.width() as u32, canvas.height() as u32, ExtendedColorType::Rgb8)
        .map_err(|error| {
            KindError::fail("encoder_failed", format!("the poster could not be encoded: {error}"))
        })?;
    Ok(bytes)
}
