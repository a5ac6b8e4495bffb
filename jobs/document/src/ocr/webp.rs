//! How is a picture written as WebP with losses? By libwebp, at its quickest.
#![expect(unsafe_code, reason = "the C interface of libwebp is called here")]

use std::ffi::c_int;
use std::mem::MaybeUninit;

use libwebp_sys::{
    WebPConfig, WebPEncode, WebPMemoryWrite, WebPMemoryWriter, WebPMemoryWriterClear, WebPMemoryWriterInit,
    WebPPicture, WebPPictureAlloc, WebPPictureFree, WebPPictureImportRGB,
};

use super::picture::{Picture, Samples};

/// From 0, the quickest, to 6. Pages of text gain little from the slower ones.
const METHOD: c_int = 0;
/// The largest side of the format.
const LARGEST: u32 = 16_383;

/// The picture with a quality from 1 to 100; nothing, where it is too large for the format.
pub(super) fn encode(picture: &Picture, quality: u8) -> Option<Vec<u8>> {
    if picture.width() > LARGEST || picture.height() > LARGEST {
        return None;
    }
    let mut config = WebPConfig::new().ok()?;
    config.quality = f32::from(quality.clamp(1, 100));
    config.method = METHOD;
    let mut drawing = Drawing::new(picture)?;
    drawing.fill(picture)?;
    drawing.write(&config)
}

/// A picture of libwebp, and the memory that it is written to.
struct Drawing {
    picture: WebPPicture,
    writer: WebPMemoryWriter,
}

impl Drawing {
    fn new(picture: &Picture) -> Option<Self> {
        let mut writer = MaybeUninit::uninit();
        // SAFETY: as in encode.h: it sets all fields.
        let writer = unsafe {
            WebPMemoryWriterInit(writer.as_mut_ptr());
            writer.assume_init()
        };
        let mut drawing = Self { picture: WebPPicture::new().ok()?, writer };
        drawing.picture.width = c_int::try_from(picture.width()).ok()?;
        drawing.picture.height = c_int::try_from(picture.height()).ok()?;
        Some(drawing)
    }

    fn fill(&mut self, picture: &Picture) -> Option<()> {
        match picture.samples() {
            Samples::Gray(bytes) => self.fill_gray(bytes, picture.width() as usize),
            Samples::Rgb(bytes) => {
                // SAFETY: as in encode.h: reads `height` lines of `width` times three bytes, which a `Picture` has.
                let done = unsafe {
                    WebPPictureImportRGB(&raw mut self.picture, bytes.as_ptr(), self.picture.width * 3)
                };
                (done != 0).then_some(())
            }
        }
    }

    /// Sets brightness alone, by the range of ITU-R BT.601; colours are in the middle.
    fn fill_gray(&mut self, bytes: &[u8], width: usize) -> Option<()> {
        // SAFETY: as in encode.h: allocates the planes for the size that is set.
        if unsafe { WebPPictureAlloc(&raw mut self.picture) } == 0 {
            return None;
        }
        let stride = usize::try_from(self.picture.y_stride).ok().filter(|stride| *stride >= width)?;
        let height = bytes.len() / width.max(1);
        let half = usize::try_from(self.picture.uv_stride).ok()? * height.div_ceil(2);
        // SAFETY: as in encode.h: `height` lines of `y_stride` bytes, half as many of `uv_stride`, all just allocated.
        let (light, u, v) = unsafe {
            (
                std::slice::from_raw_parts_mut(self.picture.y, stride * height),
                std::slice::from_raw_parts_mut(self.picture.u, half),
                std::slice::from_raw_parts_mut(self.picture.v, half),
            )
        };
        for (to, from) in light.chunks_exact_mut(stride).zip(bytes.chunks_exact(width)) {
            for (to, from) in to.iter_mut().zip(from) {
                *to = 16 + ((u32::from(*from) * 219 + 127) / 255) as u8;
            }
        }
        u.fill(128);
        v.fill(128);
        Some(())
    }

    fn write(&mut self, config: &WebPConfig) -> Option<Vec<u8>> {
        self.picture.writer = Some(WebPMemoryWrite);
        self.picture.custom_ptr = (&raw mut self.writer).cast();
        // SAFETY: as in encode.h: the writer is the one that `WebPMemoryWrite` expects, and does not move meanwhile.
        let done = unsafe { WebPEncode(config, &raw mut self.picture) };
        if done == 0 || self.writer.mem.is_null() {
            return None;
        }
        // SAFETY: as in encode.h: `size` bytes were written at `mem`, which lives until `drop`.
        Some(unsafe { std::slice::from_raw_parts(self.writer.mem, self.writer.size) }.to_vec())
    }
}

impl Drop for Drawing {
    fn drop(&mut self) {
        // SAFETY: as in encode.h: both were initialised, and free what they allocated, if anything.
        unsafe {
            WebPPictureFree(&raw mut self.picture);
            WebPMemoryWriterClear(&raw mut self.writer);
        }
    }
}
