//! What is a page to PDFium? A box with objects, notes and links, that can be drawn.

#![expect(unsafe_code, reason = "the C interface of PDFium, and nothing else, is called here")]

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use super::annotation::Annotation;
use super::document::Document;
use super::object::PageObject;
use super::strings::bytes;
use super::text::TextLayer;
use crate::model::Rect;

/// How a picture lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PixelLayout {
    /// A byte a pixel.
    Gray,
    /// Red, green and blue.
    Rgb,
}

impl PixelLayout {
    /// Bytes of a pixel.
    pub fn bytes(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
        }
    }
}

/// An open page; closed when dropped.
#[derive(Debug)]
pub struct OpenPage<'d> {
    raw: NonNull<c_void>,
    document: &'d Document,
}

impl<'d> OpenPage<'d> {
    pub(super) fn new(document: &'d Document, raw: NonNull<c_void>) -> Self {
        Self { raw, document }
    }

    /// The box that is shown, in the page's own space: left, top, right, bottom; top is above bottom.
    pub fn bounds(&self) -> Option<Rect> {
        let mut bounds = MaybeUninit::zeroed();
        // SAFETY: the page is open, and PDFium fills the box; zeros are a box too.
        let (told, bounds) = unsafe {
            let told = self.calls().FPDF_GetPageBoundingBox(self.raw.as_ptr().cast(), bounds.as_mut_ptr());
            (told, bounds.assume_init())
        };
        let bounds = Rect { x0: bounds.left, y0: bounds.top, x1: bounds.right, y1: bounds.bottom };
        let is_sane = [bounds.x0, bounds.y0, bounds.x1, bounds.y1].iter().all(|side| side.is_finite());
        (told != 0 && is_sane && bounds.x1 > bounds.x0 && bounds.y0 > bounds.y1).then_some(bounds)
    }

    /// By how many quarter turns clockwise it is shown.
    pub fn rotation(&self) -> u8 {
        // SAFETY: the page is open.
        u8::try_from(unsafe { self.calls().FPDFPage_GetRotation(self.raw.as_ptr().cast()) }.rem_euclid(4))
            .unwrap_or(0)
    }

    /// Its text.
    pub fn text(&self) -> Option<TextLayer<'_>> {
        // SAFETY: the page is open and outlives its text.
        let raw = unsafe { self.calls().FPDFText_LoadPage(self.raw.as_ptr().cast()) };
        NonNull::new(raw.cast()).map(|raw| TextLayer::new(self, raw))
    }

    /// How many objects are drawn on it.
    pub fn object_count(&self) -> u32 {
        // SAFETY: the page is open.
        u32::try_from(unsafe { self.calls().FPDFPage_CountObjects(self.raw.as_ptr().cast()) }).unwrap_or(0)
    }

    /// Object `index`, from 0 on.
    pub fn object(&self, index: u32) -> Option<PageObject<'_>> {
        let index = c_int::try_from(index).ok()?;
        // SAFETY: the page is open and outlives its objects, which nothing removes.
        let raw = unsafe { self.calls().FPDFPage_GetObject(self.raw.as_ptr().cast(), index) };
        NonNull::new(raw.cast()).map(|raw| PageObject::new(self.calls(), raw))
    }

    /// How many annotations lie on it.
    pub fn annotation_count(&self) -> u32 {
        // SAFETY: the page is open.
        u32::try_from(unsafe { self.calls().FPDFPage_GetAnnotCount(self.raw.as_ptr().cast()) }).unwrap_or(0)
    }

    /// Annotation `index`, from 0 on.
    pub fn annotation(&self, index: u32) -> Option<Annotation<'_>> {
        let index = c_int::try_from(index).ok()?;
        // SAFETY: the page is open and outlives the annotation.
        let raw = unsafe { self.calls().FPDFPage_GetAnnot(self.raw.as_ptr().cast(), index) };
        NonNull::new(raw.cast()).map(|raw| Annotation::new(self.document, raw))
    }

    /// Where the link leads that starts at annotation `from` or after it, its box, and where the next one starts.
    pub fn link_from(&self, from: i32) -> Option<(Option<String>, Rect, i32)> {
        let calls = self.calls();
        let mut position: c_int = from;
        let mut link = std::ptr::null_mut();
        let mut bounds = MaybeUninit::zeroed();
        // SAFETY: the page and its document are open; what PDFium fills is initialised.
        unsafe {
            if calls.FPDFLink_Enumerate(self.raw.as_ptr().cast(), &raw mut position, &raw mut link) == 0 {
                return None;
            }
            let told = calls.FPDFLink_GetAnnotRect(link, bounds.as_mut_ptr());
            let bounds = bounds.assume_init();
            let action = calls.FPDFLink_GetAction(link);
            let address = (told != 0 && !action.is_null()).then(|| {
                bytes(|buffer, length| {
                    let document = self.document.raw().as_ptr().cast();
                    let length = u64::try_from(length).unwrap_or(0);
                    let needed = calls.FPDFAction_GetURIPath(document, action, buffer.cast(), length);
                    usize::try_from(needed).unwrap_or(0)
                })
            });
            let bounds = Rect { x0: bounds.left, y0: bounds.top, x1: bounds.right, y1: bounds.bottom };
            Some((address.flatten(), bounds, position))
        }
    }

    /// Draws it, white where nothing is, into a picture of `width` × `height`; none where there is no memory for it.
    pub fn draw(&self, width: u32, height: u32, layout: PixelLayout) -> Option<Vec<u8>> {
        let (columns, rows) = (c_int::try_from(width).ok()?, c_int::try_from(height).ok()?);
        let stride = usize::try_from(width).ok()?.checked_mul(layout.bytes())?;
        let mut pixels = Vec::new();
        let size = stride.checked_mul(usize::try_from(height).ok()?)?;
        pixels.try_reserve_exact(size).ok()?;
        pixels.resize(size, 255_u8);
        let (format, colour) = match layout {
            PixelLayout::Gray => (1, GRAYSCALE),
            PixelLayout::Rgb => (2, REVERSE_BYTE_ORDER),
        };
        let calls = self.calls();
        let flags = ANNOTATIONS | LIMITED_IMAGE_CACHE | colour;
        // SAFETY: the buffer has `rows` rows of `stride` bytes and outlives the bitmap, which is destroyed here.
        unsafe {
            let bitmap = calls.FPDFBitmap_CreateEx(
                columns,
                rows,
                format,
                pixels.as_mut_ptr().cast::<c_void>(),
                c_int::try_from(stride).ok()?,
            );
            if bitmap.is_null() {
                return None;
            }
            let page = self.raw.as_ptr();
            calls.FPDF_RenderPageBitmap(bitmap, page.cast(), 0, 0, columns, rows, 0, flags);
            if let Some(form) = self.document.form() {
                calls.FPDF_FFLDraw(form.as_ptr().cast(), bitmap, page.cast(), 0, 0, columns, rows, 0, flags);
            }
            calls.FPDFBitmap_Destroy(bitmap);
        }
        Some(pixels)
    }

    pub(super) fn calls(&self) -> &'static dyn pdfium_render::prelude::PdfiumLibraryBindings {
        self.document.calls()
    }
}

/// `FPDF_ANNOT`: draw annotations.
const ANNOTATIONS: c_int = 0x01;
/// `FPDF_GRAYSCALE`.
const GRAYSCALE: c_int = 0x08;
/// `FPDF_REVERSE_BYTE_ORDER`: red first.
const REVERSE_BYTE_ORDER: c_int = 0x10;
/// `FPDF_RENDER_LIMITEDIMAGECACHE`: keep no decoded image for the next drawing.
const LIMITED_IMAGE_CACHE: c_int = 0x200;

impl Drop for OpenPage<'_> {
    fn drop(&mut self) {
        // SAFETY: what belongs to the page borrows it; it is closed once.
        unsafe { self.calls().FPDF_ClosePage(self.raw.as_ptr().cast()) }
    }
}
