//! How many pixels an inch does a file claim? Each format says it elsewhere.

use image::ImageFormat;

const INCHES_A_METRE: f32 = 39.370_08;
const CENTIMETRES_AN_INCH: f32 = 2.54;

/// The resolution across, where the file has one.
pub(super) fn of(bytes: &[u8], format: ImageFormat) -> Option<f32> {
    match format {
        ImageFormat::Png => png(bytes),
        ImageFormat::Jpeg => jpeg(bytes),
        ImageFormat::Bmp => bmp(bytes),
        _ => None,
    }
    .filter(|dpi| (20.0..=4_800.0).contains(dpi))
}

/// The `pHYs` chunk, which stands before the pixels (PNG, 11.3.4.3).
fn png(bytes: &[u8]) -> Option<f32> {
    let mut rest = bytes.get(8..)?;
    loop {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        match rest.get(4..8)? {
            b"pHYs" => {
                let per_metre = u32::from_be_bytes(*rest.get(8..12)?.first_chunk()?);
                return (rest.get(16) == Some(&1)).then_some(per_metre as f32 / INCHES_A_METRE);
            }
            b"IDAT" | b"IEND" => return None,
            _ => rest = rest.get(length.checked_add(12)?..)?,
        }
    }
}

/// The density in the JFIF segment, which is the first one (JFIF 1.02).
fn jpeg(bytes: &[u8]) -> Option<f32> {
    let segment = bytes.get(2..)?;
    if segment.get(..2)? != [0xff, 0xe0] || segment.get(4..9)? != b"JFIF\0" {
        return None;
    }
    let density = f32::from(u16::from_be_bytes(*segment.get(12..14)?.first_chunk()?));
    match segment.get(11)? {
        1 => Some(density),
        2 => Some(density * CENTIMETRES_AN_INCH),
        _ => None,
    }
}

/// Pixels a metre in the header (`BITMAPINFOHEADER`).
fn bmp(bytes: &[u8]) -> Option<f32> {
    Some(u32::from_le_bytes(*bytes.get(38..42)?.first_chunk()?) as f32 / INCHES_A_METRE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_counts_by_inch_or_by_centimetre() {
        let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\x01\x00\xc8\x00\xc8\0\0".to_vec();
        assert_eq!(of(&bytes, ImageFormat::Jpeg), Some(200.0));
        bytes[13] = 2;
        assert_eq!(of(&bytes, ImageFormat::Jpeg), Some(508.0));
        bytes[13] = 0;
        assert_eq!(of(&bytes, ImageFormat::Jpeg), None);
    }

    #[test]
    fn a_png_counts_by_metre_before_its_pixels() {
        let mut bytes =
            b"\x89PNG\r\n\x1a\n\0\0\0\x01tEXt.crc1\0\0\0\x09pHYs\0\0\x2e\x23\0\0\x2e\x23\x01crc2".to_vec();
        assert_eq!(of(&bytes, ImageFormat::Png).map(f32::round), Some(300.0));
        bytes.truncate(30);
        assert_eq!(of(&bytes, ImageFormat::Png), None);
    }
}
