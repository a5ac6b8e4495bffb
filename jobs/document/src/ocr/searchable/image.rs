//! How is a page's picture stored in a PDF? A JPEG as it is, black and white as a fax, the rest as JPEG.

use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use pdf_writer::{Chunk, Filter, Finish, Name, Ref};

use super::super::super::error::ReadError;
use super::super::encode::{PictureFormat, encode};
use super::super::picture::{Picture, Samples};

/// Fine enough that no letter has a halo.
const QUALITY: u8 = 70;
/// The widest picture that the fax encoder counts right.
const WIDEST_FAX: u32 = 32_000;

/// The picture as an object. `jpeg` is the file it was read from, when that is a JPEG with the same pixels.
pub(super) fn object(id: Ref, picture: &Picture, jpeg: Option<&[u8]>) -> Result<Chunk, ReadError> {
    let mut chunk = Chunk::new();
    let (width, height) = (size(picture.width())?, size(picture.height())?);
    if let Some(bits) = black_and_white(picture) {
        let data = fax(bits, picture.width());
        let mut image = chunk.image_xobject(id, &data);
        image.filter(Filter::CcittFaxDecode).decode_parms().k(-1).columns(width).rows(height);
        image.width(width).height(height).color_space_name(Name(b"DeviceGray")).bits_per_component(1);
        image.finish();
        return Ok(chunk);
    }
    let encoded;
    let data = match jpeg.filter(|jpeg| components(jpeg) == Some(channels(picture))) {
        Some(jpeg) => jpeg,
        None => {
            encoded = encode(picture, PictureFormat::Jpeg(QUALITY), None)?;
            &encoded
        }
    };
    // A picture in colours of which none is seen is written in gray.
    let colours = if components(data) == Some(1) { Name(b"DeviceGray") } else { Name(b"DeviceRGB") };
    let mut image = chunk.image_xobject(id, data);
    image.filter(Filter::DctDecode);
    image.width(width).height(height).color_space_name(colours).bits_per_component(8);
    image.finish();
    Ok(chunk)
}

fn size(pixels: u32) -> Result<i32, ReadError> {
    i32::try_from(pixels).map_err(|_| ReadError::too_large("a picture too large for a PDF"))
}

fn channels(picture: &Picture) -> u8 {
    match picture.samples() {
        Samples::Gray(_) => 1,
        Samples::Rgb(_) => 3,
    }
}

/// The samples, where each is black or white.
fn black_and_white(picture: &Picture) -> Option<&[u8]> {
    match picture.samples() {
        Samples::Gray(samples) if picture.width() <= WIDEST_FAX => {
            samples.iter().all(|sample| matches!(sample, 0 | 255)).then_some(samples)
        }
        _ => None,
    }
}

/// ITU-T T.6.
fn fax(samples: &[u8], width: u32) -> Vec<u8> {
    let mut encoder = Encoder::new(VecWriter::new());
    for line in samples.chunks_exact(width.max(1) as usize) {
        let pels = line.iter().map(|sample| if *sample == 0 { Color::Black } else { Color::White });
        let Ok(()) = encoder.encode_line(pels, width);
    }
    let Ok(writer) = encoder.finish();
    writer.finish()
}

/// How many components a JPEG has, by its frame header.
fn components(jpeg: &[u8]) -> Option<u8> {
    let mut rest = jpeg.get(2..)?;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        if matches!(marker, 0xc0..=0xc2) {
            return rest.get(9).copied();
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes([high, low]))..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fax_can_be_read_back() {
        let (width, height) = (37u32, 9u32);
        let samples: Vec<u8> = (0..width * height).map(|n| if n * n % 7 < 3 { 0 } else { 255 }).collect();
        let mut back = Vec::new();
        let coded = fax(&samples, width);
        fax::decoder::decode_g4(coded.into_iter(), width, Some(height), |line| {
            let pels = fax::decoder::pels(line, width);
            back.extend(pels.map(|pel| if pel == Color::Black { 0 } else { 255 }));
        })
        .unwrap();
        assert_eq!(back, samples);
    }

    #[test]
    fn the_space_of_colours_is_that_of_the_jpeg() {
        for (pixel, space) in [([90, 90, 90], "/DeviceGray"), ([90, 120, 30], "/DeviceRGB")] {
            let picture = Picture::new(8, 8, Samples::Rgb(pixel.repeat(64)), None).unwrap();
            let object = object(Ref::new(1), &picture, None).unwrap();
            let text = String::from_utf8_lossy(object.as_bytes()).into_owned();
            assert!(text.contains(space), "{pixel:?}: {text}");
        }
    }

    #[test]
    fn a_jpeg_tells_its_components() {
        let pixels = [90, 120, 30].repeat(64);
        let picture = Picture::new(8, 8, Samples::Rgb(pixels), None).unwrap();
        let jpeg = encode(&picture, PictureFormat::Jpeg(80), None).unwrap();
        assert_eq!(components(&jpeg), Some(3));
        assert_eq!(components(&jpeg[..20]), None);
    }
}
