//! What lies over a page? Notes of readers, and fields of forms.

#![expect(unsafe_code, reason = "the C interface of PDFium, and nothing else, is called here")]

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use super::document::Document;
use super::strings::utf16;
use crate::model::Rect;

/// What a field of a form is (`FPDF_FORMFIELD_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A box to tick.
    Tick,
    /// One of several, of which one is chosen.
    OneOf,
    /// A button, or a signature: it has no value to read.
    Button,
    /// Text, or a choice.
    Text,
}

/// An annotation; closed when dropped.
#[derive(Debug)]
pub struct Annotation<'d> {
    raw: NonNull<c_void>,
    document: &'d Document,
}

impl<'d> Annotation<'d> {
    pub(super) fn new(document: &'d Document, raw: NonNull<c_void>) -> Self {
        Self { raw, document }
    }

    /// Its kind (`FPDF_ANNOT_…`).
    pub fn subtype(&self) -> i32 {
        // SAFETY: the annotation is open, here and below.
        unsafe { self.document.calls().FPDFAnnot_GetSubtype(self.raw.as_ptr().cast()) }
    }

    /// Whether it is hidden (`FPDF_ANNOT_FLAG_HIDDEN`, `…_NOVIEW`).
    pub fn is_hidden(&self) -> bool {
        // SAFETY: see above.
        let flags = unsafe { self.document.calls().FPDFAnnot_GetFlags(self.raw.as_ptr().cast()) };
        flags & 0b10_0010 != 0
    }

    /// Its box in the page's own space: top is above bottom.
    pub fn bounds(&self) -> Option<Rect> {
        let mut bounds = MaybeUninit::zeroed();
        // SAFETY: zeros are a box too.
        let (told, bounds) = unsafe {
            let told = self.document.calls().FPDFAnnot_GetRect(self.raw.as_ptr().cast(), bounds.as_mut_ptr());
            (told, bounds.assume_init())
        };
        (told != 0).then_some(Rect { x0: bounds.left, y0: bounds.top, x1: bounds.right, y1: bounds.bottom })
    }

    /// A text of its dictionary.
    pub fn text(&self, key: &str) -> Option<String> {
        // SAFETY: the buffer has the length that is told, here and below.
        utf16(|buffer, length| unsafe {
            self.document.calls().FPDFAnnot_GetStringValue(self.raw.as_ptr().cast(), key, buffer, length)
        })
    }

    /// What the field is; none where it is no field, or the document's fields are not known.
    pub fn field_kind(&self) -> Option<FieldKind> {
        let form = self.document.form()?;
        // SAFETY: the form belongs to the document of the annotation.
        match unsafe {
            self.document.calls().FPDFAnnot_GetFormFieldType(form.as_ptr().cast(), self.raw.as_ptr().cast())
        } {
            2 => Some(FieldKind::Tick),
            3 => Some(FieldKind::OneOf),
            1 | 7 => Some(FieldKind::Button),
            4..=6 => Some(FieldKind::Text),
            _ => None,
        }
    }

    /// The name of the field that readers see, else the one that programs use.
    pub fn field_name(&self) -> Option<String> {
        let form = self.document.form()?.as_ptr();
        let (calls, raw) = (self.document.calls(), self.raw.as_ptr());
        // SAFETY: see above.
        let shown = utf16(|buffer, length| unsafe {
            calls.FPDFAnnot_GetFormFieldAlternateName(form.cast(), raw.cast(), buffer, length)
        });
        shown.or_else(|| {
            // SAFETY: see above.
            utf16(|buffer, length| unsafe {
                calls.FPDFAnnot_GetFormFieldName(form.cast(), raw.cast(), buffer, length)
            })
        })
    }

    /// The value of the field.
    pub fn field_value(&self) -> Option<String> {
        let form = self.document.form()?.as_ptr();
        // SAFETY: see above.
        utf16(|buffer, length| unsafe {
            self.document.calls().FPDFAnnot_GetFormFieldValue(
                form.cast(),
                self.raw.as_ptr().cast(),
                buffer,
                length,
            )
        })
    }

    /// Whether the field is ticked.
    pub fn is_ticked(&self) -> bool {
        self.document.form().is_some_and(|form| {
            // SAFETY: see above.
            unsafe {
                self.document.calls().FPDFAnnot_IsChecked(form.as_ptr().cast(), self.raw.as_ptr().cast()) != 0
            }
        })
    }
}

impl Drop for Annotation<'_> {
    fn drop(&mut self) {
        // SAFETY: it is closed once, before its page.
        unsafe { self.document.calls().FPDFPage_CloseAnnot(self.raw.as_ptr().cast()) }
    }
}
