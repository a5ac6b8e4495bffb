//! What is a document to PDFium? A file that it reads as it needs it.

#![expect(unsafe_code, reason = "the C interface of PDFium, and nothing else, is called here")]

use std::ffi::{c_int, c_ulong, c_void};
use std::path::Path;
use std::ptr::NonNull;

use super::library::Library;
use super::page::OpenPage;
use super::strings::utf16;

/// Why PDFium does not open a document (`FPDF_ERR_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The file is missing or cannot be read.
    File,
    /// It needs a password, or another one.
    Password,
    /// It is encrypted in a way that PDFium does not know.
    Security,
    /// It is no PDF, or too damaged.
    Format,
}

/// An open document; closed when dropped.
#[derive(Debug)]
pub struct Document {
    raw: NonNull<c_void>,
    form: Option<Form>,
    library: Library,
}

/// What PDFium needs to know the fields of a document, and must find at the same address until the end.
#[derive(Debug)]
struct Form {
    raw: NonNull<c_void>,
    _callbacks: Box<[u64; FORM_WORDS]>,
}

/// Words of 8 bytes of the table of callbacks of a form: `FPDF_FORMFILLINFO` has 3 numbers and 35 pointers.
const FORM_WORDS: usize = 64;

impl Document {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn open(library: Library, path: &Path, password: Option<&str>) -> Result<Self, Refusal> {
        let name = path.to_str().filter(|name| !name.contains('\0')).ok_or(Refusal::File)?;
        let password = password.filter(|password| !password.contains('\0'));
        let calls = library.calls();
        // SAFETY: both texts are without zeros and live through the call.
        let raw = unsafe { calls.FPDF_LoadDocument(name, password) };
        match NonNull::new(raw.cast::<c_void>()) {
            Some(raw) => Ok(Self { raw, form: None, library }),
            // SAFETY: asks for the error of the last call.
            None => Err(match unsafe { calls.FPDF_GetLastError() } {
                2 => Refusal::File,
                4 => Refusal::Password,
                5 => Refusal::Security,
                _ => Refusal::Format,
            }),
        }
    }

    /// Makes the fields of the document known; without effect where there are none.
    pub fn know_fields(&mut self) {
        // SAFETY: the document is open.
        if self.form.is_some() || unsafe { self.calls().FPDF_GetFormType(self.raw.as_ptr().cast()) } == 0 {
            return;
        }
        let mut callbacks = Box::new([0_u64; FORM_WORDS]);
        // The table's version comes first; all its callbacks are left out, and nothing of the document is run.
        let table = std::ptr::from_mut(callbacks.as_mut()).cast::<c_void>();
        // SAFETY: the table is larger than PDFium's, aligned for pointers, and lives as long as the form.
        let raw = unsafe {
            table.cast::<c_int>().write(1);
            self.calls().FPDFDOC_InitFormFillEnvironment(self.raw.as_ptr().cast(), table.cast())
        };
        self.form = NonNull::new(raw.cast()).map(|raw| Form { raw, _callbacks: callbacks });
    }

    /// How many pages it says it has.
    pub fn page_count(&self) -> u32 {
        // SAFETY: the document is open.
        u32::try_from(unsafe { self.calls().FPDF_GetPageCount(self.raw.as_ptr().cast()) }).unwrap_or(0)
    }

    /// Opens page `index`, from 0 on.
    pub fn page(&self, index: u32) -> Option<OpenPage<'_>> {
        let index = c_int::try_from(index).ok()?;
        // SAFETY: the document is open and outlives the page.
        let raw = unsafe { self.calls().FPDF_LoadPage(self.raw.as_ptr().cast(), index) };
        NonNull::new(raw.cast()).map(|raw| OpenPage::new(self, raw))
    }

    /// An entry of its information dictionary.
    pub fn information(&self, key: &str) -> Option<String> {
        // SAFETY: the document is open; the buffer has the length that is told.
        utf16(|buffer, length| unsafe {
            self.calls().FPDF_GetMetaText(self.raw.as_ptr().cast(), key, buffer.cast(), length)
        })
    }

    /// The language that its catalogue declares.
    pub fn language(&self) -> Option<String> {
        // SAFETY: as above.
        utf16(|buffer, length| unsafe {
            self.calls().FPDFCatalog_GetLanguage(self.raw.as_ptr().cast(), buffer, length)
        })
    }

    /// How many files are embedded.
    pub fn attachment_count(&self) -> u32 {
        // SAFETY: the document is open.
        u32::try_from(unsafe { self.calls().FPDFDoc_GetAttachmentCount(self.raw.as_ptr().cast()) })
            .unwrap_or(0)
    }

    /// Embedded file `index`, from 0 on.
    pub fn attachment(&self, index: u32) -> Option<Attachment<'_>> {
        let index = c_int::try_from(index).ok()?;
        // SAFETY: the document is open and outlives the attachment.
        let raw = unsafe { self.calls().FPDFDoc_GetAttachment(self.raw.as_ptr().cast(), index) };
        NonNull::new(raw.cast()).map(|raw| Attachment { raw, document: self })
    }

    pub(super) fn raw(&self) -> NonNull<c_void> {
        self.raw
    }

    pub(super) fn form(&self) -> Option<NonNull<c_void>> {
        self.form.as_ref().map(|form| form.raw)
    }

    pub(super) fn calls(&self) -> &'static dyn pdfium_render::prelude::PdfiumLibraryBindings {
        self.library.calls()
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        // SAFETY: pages borrow the document, so none is open; each handle is closed once, the form first.
        unsafe {
            if let Some(form) = &self.form {
                self.calls().FPDFDOC_ExitFormFillEnvironment(form.raw.as_ptr().cast());
            }
            self.calls().FPDF_CloseDocument(self.raw.as_ptr().cast());
        }
    }
}

/// An embedded file.
#[derive(Debug)]
pub struct Attachment<'d> {
    raw: NonNull<c_void>,
    document: &'d Document,
}

impl Attachment<'_> {
    /// A number that tells it from the others of the document.
    pub fn key(&self) -> usize {
        self.raw.as_ptr().addr()
    }

    /// Its name.
    pub fn name(&self) -> Option<String> {
        // SAFETY: the document is open; the buffer has the length that is told.
        utf16(|buffer, length| unsafe {
            self.document.calls().FPDFAttachment_GetName(self.raw.as_ptr().cast(), buffer, length)
        })
    }

    /// Its bytes, where they are no more than `most`; else how many they are.
    pub fn bytes(&self, most: u64) -> Result<Vec<u8>, u64> {
        let calls = self.document.calls();
        let mut length: c_ulong = 0;
        // SAFETY: without a buffer, only the length is told.
        let found = unsafe {
            calls.FPDFAttachment_GetFile(self.raw.as_ptr().cast(), std::ptr::null_mut(), 0, &raw mut length)
        };
        if found == 0 || length == 0 {
            return Ok(Vec::new());
        }
        let size = usize::try_from(length).ok().filter(|_| length <= most).ok_or(length)?;
        let mut bytes = vec![0_u8; size];
        // SAFETY: the buffer has the length that is told.
        let found = unsafe {
            calls.FPDFAttachment_GetFile(
                self.raw.as_ptr().cast(),
                bytes.as_mut_ptr().cast(),
                length,
                &raw mut length,
            )
        };
        bytes.truncate(if found == 0 { 0 } else { usize::try_from(length).unwrap_or(0) });
        Ok(bytes)
    }
}
