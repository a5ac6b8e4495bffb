//! What does PDFium know of each character of a page? What it is, where it stands, and which text object drew it.

#![expect(unsafe_code, reason = "the C interface of PDFium, and nothing else, is called here")]

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use super::object::PageObject;
use super::page::OpenPage;

/// The box of a character in the page's own space, where y goes up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CharBox {
    /// Left edge.
    pub left: f32,
    /// Lower edge.
    pub bottom: f32,
    /// Right edge.
    pub right: f32,
    /// Upper edge.
    pub top: f32,
}

/// The text of a page; closed when dropped.
#[derive(Debug)]
pub struct TextLayer<'p> {
    raw: NonNull<c_void>,
    page: &'p OpenPage<'p>,
}

impl<'p> TextLayer<'p> {
    pub(super) fn new(page: &'p OpenPage<'_>, raw: NonNull<c_void>) -> Self {
        Self { raw, page }
    }

    /// How many characters there are, those that PDFium made up between lines and words too.
    pub fn count(&self) -> i32 {
        // SAFETY: the text is open.
        unsafe { self.page.calls().FPDFText_CountChars(self.raw.as_ptr().cast()) }
    }

    /// The text object that drew a character; none where PDFium made it up.
    pub fn object(&self, index: i32) -> Option<PageObject<'p>> {
        // SAFETY: the text is open; PDFium checks the index; the page outlives its objects.
        let raw = unsafe { self.page.calls().FPDFText_GetTextObject(self.raw.as_ptr().cast(), index) };
        NonNull::new(raw.cast()).map(|raw| PageObject::new(self.page.calls(), raw))
    }

    /// A character as a code unit of UTF-16 or a code point; 0 where it is not known.
    pub fn code(&self, index: i32) -> u32 {
        // SAFETY: as above.
        unsafe { self.page.calls().FPDFText_GetUnicode(self.raw.as_ptr().cast(), index) }
    }

    /// Whether the font does not tell what a character is, so that its code is a guess.
    pub fn is_guess(&self, index: i32) -> bool {
        // SAFETY: as above.
        unsafe { self.page.calls().FPDFText_HasUnicodeMapError(self.raw.as_ptr().cast(), index) == 1 }
    }

    /// Where a character starts on its baseline.
    pub fn origin(&self, index: i32) -> (f32, f32) {
        let (mut x, mut y) = (0.0, 0.0);
        // SAFETY: as above; both numbers live through the call.
        unsafe {
            self.page.calls().FPDFText_GetCharOrigin(self.raw.as_ptr().cast(), index, &raw mut x, &raw mut y);
        }
        (x as f32, y as f32)
    }

    /// The box of a character with its advance: right of upright text only.
    pub fn loose_box(&self, index: i32) -> CharBox {
        let mut bounds = MaybeUninit::zeroed();
        // SAFETY: as above; zeros are a box too.
        let bounds = unsafe {
            self.page.calls().FPDFText_GetLooseCharBox(self.raw.as_ptr().cast(), index, bounds.as_mut_ptr());
            bounds.assume_init()
        };
        CharBox { left: bounds.left, bottom: bounds.bottom, right: bounds.right, top: bounds.top }
    }

    /// The box of the ink of a character.
    pub fn tight_box(&self, index: i32) -> CharBox {
        let (mut left, mut right, mut bottom, mut top) = (0.0, 0.0, 0.0, 0.0);
        // SAFETY: as above.
        unsafe {
            self.page.calls().FPDFText_GetCharBox(
                self.raw.as_ptr().cast(),
                index as c_int,
                &raw mut left,
                &raw mut right,
                &raw mut bottom,
                &raw mut top,
            );
        }
        CharBox { left: left as f32, bottom: bottom as f32, right: right as f32, top: top as f32 }
    }

    /// The matrix of a character: a, b, c, d.
    pub fn matrix(&self, index: i32) -> [f32; 4] {
        let mut matrix = MaybeUninit::zeroed();
        // SAFETY: as above; zeros are a matrix too.
        let matrix = unsafe {
            self.page.calls().FPDFText_GetMatrix(self.raw.as_ptr().cast(), index, matrix.as_mut_ptr());
            matrix.assume_init()
        };
        [matrix.a, matrix.b, matrix.c, matrix.d]
    }
}

impl Drop for TextLayer<'_> {
    fn drop(&mut self) {
        // SAFETY: it is closed once, before its page.
        unsafe { self.page.calls().FPDFText_ClosePage(self.raw.as_ptr().cast()) }
    }
}
