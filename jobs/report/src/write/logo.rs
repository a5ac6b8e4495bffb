//! Is a logo a picture that every format can show? Told by its header, before anything is decoded.

use std::io::Cursor;

use image::{ImageFormat, ImageReader};

use crate::error::ReportError;
use crate::limits::ReportLimits;

/// A logo that was looked at.
#[derive(Debug, Clone, Copy)]
pub struct Logo<'a> {
    /// Its bytes, as they came.
    pub bytes: &'a [u8],
    /// What they are.
    pub media_type: &'static str,
}

/// Looks at a logo.
///
/// # Errors
/// Where it is no PNG, JPEG or WebP, or too large.
pub fn logo<'a>(bytes: &'a [u8], limits: &ReportLimits) -> Result<Logo<'a>, ReportError> {
    let refused = |what: String| ReportError::Logo(what);
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| refused("it cannot be read".to_owned()))?;
    let media_type = match reader.format() {
        Some(ImageFormat::Png) => "image/png",
        Some(ImageFormat::Jpeg) => "image/jpeg",
        Some(ImageFormat::WebP) => "image/webp",
        _ => return Err(refused("it is no PNG, JPEG or WebP picture".to_owned())),
    };
    let (width, height) =
        reader.into_dimensions().map_err(|_| refused("the picture is damaged".to_owned()))?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.logo_pixels {
        return Err(refused(format!("it has {pixels} pixels; {} are allowed", limits.logo_pixels)));
    }
    Ok(Logo { bytes, media_type })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_small_picture_is_a_logo() {
        let limits = ReportLimits::default();
        let mut png = Cursor::new(Vec::new());
        image::RgbImage::new(8, 4).write_to(&mut png, ImageFormat::Png).unwrap();
        let png = png.into_inner();
        assert_eq!(logo(&png, &limits).unwrap().media_type, "image/png");
        assert!(logo(&png, &ReportLimits { logo_pixels: 31, ..limits.clone() }).is_err());
        for bytes in [&b""[..], b"<svg/>", b"GIF89a", &png[..20]] {
            assert!(logo(bytes, &limits).is_err());
        }
    }
}
