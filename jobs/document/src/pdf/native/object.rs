//! What is drawn on a page? Objects: texts, paths, images, and forms that hold further ones.

#![expect(unsafe_code, reason = "the C interface of PDFium, and nothing else, is called here")]

use std::ffi::{c_char, c_int, c_void};
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use pdfium_render::prelude::PdfiumLibraryBindings;

use super::strings::bytes;
use super::text::CharBox;

/// What an object is (`FPDF_PAGEOBJ_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A text.
    Text,
    /// Lines and curves.
    Path,
    /// An image.
    Image,
    /// A form with objects of its own.
    Form,
    /// Something else.
    Other,
}

/// How a path goes on to a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathPart {
    /// A new line starts there.
    Move,
    /// A straight line leads there.
    Line,
    /// It is a point of a curve.
    Curve,
}

/// A point of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PathPoint {
    /// In the object's own space.
    pub x: f32,
    /// In the object's own space.
    pub y: f32,
    /// How the path goes there.
    pub part: PathPart,
    /// Whether it then goes back to where it started.
    pub closes: bool,
}

/// An object of a page.
#[derive(Clone, Copy)]
pub struct PageObject<'p> {
    raw: NonNull<c_void>,
    calls: &'static dyn PdfiumLibraryBindings,
    page: PhantomData<&'p ()>,
}

impl fmt::Debug for PageObject<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PageObject({:?})", self.raw)
    }
}

impl PartialEq for PageObject<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<'p> PageObject<'p> {
    pub(super) fn new(calls: &'static dyn PdfiumLibraryBindings, raw: NonNull<c_void>) -> Self {
        Self { raw, calls, page: PhantomData }
    }

    /// What it is.
    pub fn kind(&self) -> ObjectKind {
        // SAFETY: the page of the object is open, here and below.
        match unsafe { self.calls.FPDFPageObj_GetType(self.raw.as_ptr().cast()) } {
            1 => ObjectKind::Text,
            2 => ObjectKind::Path,
            3 => ObjectKind::Image,
            5 => ObjectKind::Form,
            _ => ObjectKind::Other,
        }
    }

    /// Its matrix: a, b, c, d, e, f.
    pub fn matrix(&self) -> [f32; 6] {
        let mut matrix = MaybeUninit::zeroed();
        // SAFETY: zeros are a matrix too.
        let matrix = unsafe {
            self.calls.FPDFPageObj_GetMatrix(self.raw.as_ptr().cast(), matrix.as_mut_ptr());
            matrix.assume_init()
        };
        [matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f]
    }

    /// Its box in the space of what holds it.
    pub fn bounds(&self) -> CharBox {
        let mut bounds = CharBox::default();
        // SAFETY: the four numbers live through the call.
        unsafe {
            self.calls.FPDFPageObj_GetBounds(
                self.raw.as_ptr().cast(),
                &raw mut bounds.left,
                &raw mut bounds.bottom,
                &raw mut bounds.right,
                &raw mut bounds.top,
            );
        }
        bounds
    }

    /// How many objects a form holds.
    pub fn part_count(&self) -> u32 {
        // SAFETY: see above.
        u32::try_from(unsafe { self.calls.FPDFFormObj_CountObjects(self.raw.as_ptr().cast()) }).unwrap_or(0)
    }

    /// Object `index` of a form.
    pub fn part(&self, index: u32) -> Option<PageObject<'p>> {
        // SAFETY: see above.
        let raw = unsafe { self.calls.FPDFFormObj_GetObject(self.raw.as_ptr().cast(), u64::from(index)) };
        NonNull::new(raw.cast()).map(|raw| Self::new(self.calls, raw))
    }

    /// Whether a path is filled, and whether it is stroked.
    pub fn draw_mode(&self) -> (bool, bool) {
        let (mut fill, mut stroke) = (0, 0);
        // SAFETY: both numbers live through the call.
        unsafe {
            self.calls.FPDFPath_GetDrawMode(self.raw.as_ptr().cast(), &raw mut fill, &raw mut stroke);
        }
        (fill != 0, stroke != 0)
    }

    /// The colour of its inside: red, green, blue, alpha.
    pub fn fill_colour(&self) -> [u32; 4] {
        let mut colour = [0; 4];
        let [red, green, blue, alpha] = &mut colour;
        // SAFETY: the four numbers live through the call.
        unsafe {
            self.calls.FPDFPageObj_GetFillColor(self.raw.as_ptr().cast(), red, green, blue, alpha);
        }
        colour
    }

    /// How many points a path has.
    pub fn point_count(&self) -> u32 {
        // SAFETY: see above.
        u32::try_from(unsafe { self.calls.FPDFPath_CountSegments(self.raw.as_ptr().cast()) }).unwrap_or(0)
    }

    /// Point `index` of a path.
    pub fn point(&self, index: u32) -> Option<PathPoint> {
        let index = c_int::try_from(index).ok()?;
        let (mut x, mut y) = (0.0, 0.0);
        // SAFETY: PDFium checks the index; the segment belongs to the object.
        unsafe {
            let segment = self.calls.FPDFPath_GetPathSegment(self.raw.as_ptr().cast(), index);
            if segment.is_null() || self.calls.FPDFPathSegment_GetPoint(segment, &raw mut x, &raw mut y) == 0
            {
                return None;
            }
            let part = match self.calls.FPDFPathSegment_GetType(segment) {
                0 => PathPart::Line,
                1 => PathPart::Curve,
                _ => PathPart::Move,
            };
            Some(PathPoint { x, y, part, closes: self.calls.FPDFPathSegment_GetClose(segment) != 0 })
        }
    }

    /// The size of the font of a text, before its matrix.
    pub fn font_size(&self) -> f32 {
        let mut size = 0.0;
        // SAFETY: the number lives through the call.
        unsafe {
            self.calls.FPDFTextObj_GetFontSize(self.raw.as_ptr().cast(), &raw mut size);
        }
        size
    }

    /// How a text is drawn (`FPDF_TEXTRENDERMODE_…`): 2 is filled and stroked, 3 is not at all.
    pub fn text_mode(&self) -> i32 {
        // SAFETY: see above.
        unsafe { self.calls.FPDFTextObj_GetTextRenderMode(self.raw.as_ptr().cast()) }
    }

    /// A number that tells the font of a text from the others of the page.
    pub fn font_key(&self) -> usize {
        // SAFETY: see above; only the address is used.
        let font = unsafe { self.calls.FPDFTextObj_GetFont(self.raw.as_ptr().cast()) };
        font.addr()
    }

    /// Name, flags and weight of the font of a text.
    pub fn font(&self) -> (String, i32, i32) {
        // SAFETY: the font belongs to the text; the buffer has the length that is told.
        unsafe {
            let font = self.calls.FPDFTextObj_GetFont(self.raw.as_ptr().cast());
            if font.is_null() {
                return (String::new(), 0, 0);
            }
            let name = bytes(|buffer, length| {
                self.calls.FPDFFont_GetBaseFontName(font, buffer.cast::<c_char>(), length)
            });
            (
                name.unwrap_or_default(),
                self.calls.FPDFFont_GetFlags(font),
                self.calls.FPDFFont_GetWeight(font),
            )
        }
    }
}
