//! What does leptonica tell of a page? Which way up it is, by how much it is skewed, and what is in a fax.
#![expect(unsafe_code, reason = "the C interface of liblept is called here")]

use std::ffi::c_int;

use super::super::error::ReadError;
use super::ink::Ink;
use super::library::{Handle, Loaded, loaded};
use super::picture::Gray;

/// A picture that leptonica holds.
struct Pix {
    pix: Handle,
    loaded: &'static Loaded,
}

/// What the shapes of Latin letters tell: more of them go up (`b`, `d`, `h`) than down (`g`, `p`, `q`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shapes {
    /// How sure it is that the page is upright; negative: upside down.
    pub up: f32,
    /// How sure it is that the page lies on its right side; negative: on its left side.
    pub left: f32,
}

/// Judges the orientation by the shapes of the letters; nothing, when there are too few of them.
pub(super) fn shapes(ink: &Ink) -> Result<Option<Shapes>, ReadError> {
    let pix = Pix::of(ink)?;
    let (mut up, mut left) = (0.0, 0.0);
    // SAFETY: as in allheaders.h: a picture of one bit; 0 asks for its usual least count, and for no remarks.
    let code = unsafe { (pix.loaded.leptonica.orientation)(pix.pix, &raw mut up, &raw mut left, 0, 0) };
    Ok((code == 0).then_some(Shapes { up, left }))
}

/// By how many degrees the page has to be turned clockwise to be straight, and how sure that is; above 3 is.
pub(super) fn skew(ink: &Ink) -> Result<Option<(f32, f32)>, ReadError> {
    let pix = Pix::of(ink)?;
    let (mut degrees, mut sure) = (0.0, 0.0);
    // SAFETY: as in allheaders.h: a picture of one bit.
    let code = unsafe { (pix.loaded.leptonica.skew)(pix.pix, &raw mut degrees, &raw mut sure) };
    Ok((code == 0).then_some((degrees, sure)))
}

/// Page `number`, from 0 on, of a TIFF file: for the compressions of faxes, which only libtiff has.
/// The caller has checked in its header that it has at most `pixels`.
pub(super) fn tiff_page(bytes: &[u8], number: usize, pixels: u64) -> Result<Gray, ReadError> {
    let loaded = loaded()?;
    let unreadable =
        || ReadError::malformed(format!("page {} of the TIFF file cannot be decoded", number + 1));
    let number = c_int::try_from(number).map_err(|_| unreadable())?;
    // SAFETY: as in allheaders.h: reads `bytes.len()` bytes, answers null on failure.
    let read = unsafe { (loaded.leptonica.read_tiff)(bytes.as_ptr(), bytes.len(), number) };
    let read = Pix::owning(read, loaded).ok_or_else(unreadable)?;
    let (width, height) = read.size();
    if width as u64 * height as u64 > pixels {
        return Err(ReadError::too_large(format!("a page of {width} × {height} pixels")));
    }
    // SAFETY: as in allheaders.h: a new picture of eight bits without a colour map, null on failure.
    let gray = unsafe { (loaded.leptonica.to_gray)(read.pix, 0) };
    Pix::owning(gray, loaded).and_then(|gray| gray.bytes()).ok_or_else(unreadable)
}

impl Pix {
    fn owning(pix: Handle, loaded: &'static Loaded) -> Option<Self> {
        (!pix.is_null()).then_some(Self { pix, loaded })
    }

    /// A picture of one bit, in which ink is 1.
    fn of(ink: &Ink) -> Result<Self, ReadError> {
        let loaded = loaded()?;
        let refused = || ReadError::too_large(format!("a picture of {} × {} pixels", ink.width, ink.height));
        let width = c_int::try_from(ink.width).map_err(|_| refused())?;
        let height = c_int::try_from(ink.height).map_err(|_| refused())?;
        // SAFETY: as in allheaders.h: null when the size is refused.
        let pix = unsafe { (loaded.leptonica.create)(width, height, 1) };
        let mut pix = Self::owning(pix, loaded).ok_or_else(refused)?;
        let (words, per_line) = pix.words().ok_or_else(refused)?;
        // Leptonica's first pixel is the highest bit of a line's first word, whatever the machine's order of bytes.
        for (to, line) in words.chunks_exact_mut(per_line).zip(ink.dark.chunks_exact(ink.width)) {
            for (word, bits) in to.iter_mut().zip(line.chunks(32)) {
                *word =
                    bits.iter().enumerate().fold(0, |word, (at, dark)| word | u32::from(*dark) << (31 - at));
            }
        }
        Ok(pix)
    }

    fn size(&self) -> (usize, usize) {
        // SAFETY: as in allheaders.h.
        let (width, height) =
            unsafe { ((self.loaded.leptonica.width)(self.pix), (self.loaded.leptonica.height)(self.pix)) };
        (usize::try_from(width).unwrap_or(0), usize::try_from(height).unwrap_or(0))
    }

    /// Its pixels, and how many words a line has.
    fn words(&mut self) -> Option<(&mut [u32], usize)> {
        let (_, height) = self.size();
        // SAFETY: as in allheaders.h: a picture has `height` lines of so many words, which live as long as it does.
        let (data, per_line) = unsafe {
            ((self.loaded.leptonica.data)(self.pix), (self.loaded.leptonica.words_per_line)(self.pix))
        };
        let per_line = usize::try_from(per_line).ok().filter(|words| *words > 0)?;
        if data.is_null() {
            return None;
        }
        // SAFETY: as above; `&mut self` keeps others away.
        Some((unsafe { std::slice::from_raw_parts_mut(data, height * per_line) }, per_line))
    }

    /// The bytes of a picture of eight bits.
    fn bytes(mut self) -> Option<Gray> {
        let (width, height) = self.size();
        let (words, per_line) = self.words()?;
        let mut pixels = Vec::with_capacity(width * height);
        for line in words.chunks_exact(per_line) {
            pixels.extend(line.iter().flat_map(|word| word.to_be_bytes()).take(width));
        }
        (pixels.len() == width * height && width > 0).then_some(Gray { width, height, pixels })
    }
}

impl Drop for Pix {
    fn drop(&mut self) {
        // SAFETY: made by leptonica, and not destroyed before.
        unsafe { (self.loaded.leptonica.destroy)(&raw mut self.pix) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_climb_are_found_skewed() {
        let (width, height) = (1_000, 800);
        let dark = |x: usize, y: usize| {
            let along = y as f64 + x as f64 * 2f64.to_radians().tan();
            along.rem_euclid(30.0) < 12.0 && x % 11 < 7
        };
        let dark = (0..width * height).map(|at| dark(at % width, at / width)).collect();
        let (degrees, sure) = skew(&Ink { width, height, dark }).unwrap().unwrap();
        assert!((degrees - 2.0).abs() < 0.2 && sure > 3.0, "{degrees} {sure}");
    }

    #[test]
    fn what_is_no_tiff_is_refused() {
        assert_eq!(tiff_page(b"II*\0", 0, 100).unwrap_err().code, "malformed_document");
    }
}
