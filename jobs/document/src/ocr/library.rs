//! Which functions of tesseract and leptonica are called, and how are they found? By their names, in the system's libraries.
#![expect(unsafe_code, reason = "finds the functions of the C interfaces; who calls them says why he may")]

use std::ffi::{CStr, c_char, c_float, c_int, c_void};
use std::sync::OnceLock;

use libloading::Library;

use super::super::error::ReadError;

/// An object of the libraries, of which only the pointer is known here.
pub(super) type Handle = *mut c_void;
/// Asked between words: whether to stop.
pub(super) type Cancel = unsafe extern "C" fn(Handle, c_int) -> bool;

/// `capi.h` of tesseract 5.
pub(super) struct Tesseract {
    pub create: unsafe extern "C" fn() -> Handle,
    pub delete: unsafe extern "C" fn(Handle),
    pub init: unsafe extern "C" fn(Handle, *const c_char, *const c_char, c_int) -> c_int,
    pub set_variable: unsafe extern "C" fn(Handle, *const c_char, *const c_char) -> c_int,
    pub set_mode: unsafe extern "C" fn(Handle, c_int),
    pub set_image: unsafe extern "C" fn(Handle, *const u8, c_int, c_int, c_int, c_int),
    pub set_resolution: unsafe extern "C" fn(Handle, c_int),
    pub recognise: unsafe extern "C" fn(Handle, Handle) -> c_int,
    pub clear: unsafe extern "C" fn(Handle),
    pub detect_orientation:
        unsafe extern "C" fn(Handle, *mut c_int, *mut c_float, *mut *const c_char, *mut c_float) -> c_int,
    pub delete_text: unsafe extern "C" fn(*const c_char),
    pub results: unsafe extern "C" fn(Handle) -> Handle,
    pub results_delete: unsafe extern "C" fn(Handle),
    pub results_next: unsafe extern "C" fn(Handle, c_int) -> c_int,
    pub results_text: unsafe extern "C" fn(Handle, c_int) -> *const c_char,
    pub results_confidence: unsafe extern "C" fn(Handle, c_int) -> c_float,
    pub results_font: FontAttributes,
    pub results_place: unsafe extern "C" fn(Handle) -> Handle,
    pub place_begins: unsafe extern "C" fn(Handle, c_int) -> c_int,
    pub place_box:
        unsafe extern "C" fn(Handle, c_int, *mut c_int, *mut c_int, *mut c_int, *mut c_int) -> c_int,
    pub place_kind: unsafe extern "C" fn(Handle) -> c_int,
    pub monitor_create: unsafe extern "C" fn() -> Handle,
    pub monitor_delete: unsafe extern "C" fn(Handle),
    pub monitor_set_cancel: unsafe extern "C" fn(Handle, Cancel),
    pub monitor_set_cancel_this: unsafe extern "C" fn(Handle, Handle),
}

/// Bold, italic, underlined, monospace, serif, small capitals; the size in points; the number of the font.
type FontAttributes = unsafe extern "C" fn(
    Handle,
    *mut c_int,
    *mut c_int,
    *mut c_int,
    *mut c_int,
    *mut c_int,
    *mut c_int,
    *mut c_int,
    *mut c_int,
) -> *const c_char;

/// `allheaders.h` of leptonica 1.82.
pub(super) struct Leptonica {
    pub create: unsafe extern "C" fn(c_int, c_int, c_int) -> Handle,
    pub destroy: unsafe extern "C" fn(*mut Handle),
    pub data: unsafe extern "C" fn(Handle) -> *mut u32,
    pub width: unsafe extern "C" fn(Handle) -> c_int,
    pub height: unsafe extern "C" fn(Handle) -> c_int,
    pub words_per_line: unsafe extern "C" fn(Handle) -> c_int,
    pub orientation: unsafe extern "C" fn(Handle, *mut c_float, *mut c_float, c_int, c_int) -> c_int,
    pub skew: unsafe extern "C" fn(Handle, *mut c_float, *mut c_float) -> c_int,
    pub read_tiff: unsafe extern "C" fn(*const u8, usize, c_int) -> Handle,
    pub to_gray: unsafe extern "C" fn(Handle, c_int) -> Handle,
}

/// The libraries, loaded for as long as the process runs.
pub(super) struct Loaded {
    pub tesseract: Tesseract,
    pub leptonica: Leptonica,
    limit_threads: unsafe extern "C" fn(c_int),
    _libraries: [Library; 3],
}

static LOADED: OnceLock<Result<Loaded, String>> = OnceLock::new();

/// The libraries; the first call loads them.
///
/// # Errors
/// When one of them is not installed.
pub(super) fn loaded() -> Result<&'static Loaded, ReadError> {
    match LOADED.get_or_init(|| Loaded::load().map_err(|error| error.to_string())) {
        Ok(loaded) => Ok(loaded),
        Err(reason) => {
            Err(ReadError::new("ocr_unavailable", format!("text in pictures cannot be read here: {reason}")))
        }
    }
}

impl Loaded {
    fn load() -> Result<Self, libloading::Error> {
        let (tess, lept, gomp) = (open("libtesseract.so.5")?, open("liblept.so.5")?, open("libgomp.so.1")?);
        let loaded = Self {
            tesseract: Tesseract {
                create: find(&tess, c"TessBaseAPICreate")?,
                delete: find(&tess, c"TessBaseAPIDelete")?,
                init: find(&tess, c"TessBaseAPIInit2")?,
                set_variable: find(&tess, c"TessBaseAPISetVariable")?,
                set_mode: find(&tess, c"TessBaseAPISetPageSegMode")?,
                set_image: find(&tess, c"TessBaseAPISetImage")?,
                set_resolution: find(&tess, c"TessBaseAPISetSourceResolution")?,
                recognise: find(&tess, c"TessBaseAPIRecognize")?,
                clear: find(&tess, c"TessBaseAPIClear")?,
                detect_orientation: find(&tess, c"TessBaseAPIDetectOrientationScript")?,
                delete_text: find(&tess, c"TessDeleteText")?,
                results: find(&tess, c"TessBaseAPIGetIterator")?,
                results_delete: find(&tess, c"TessResultIteratorDelete")?,
                results_next: find(&tess, c"TessResultIteratorNext")?,
                results_text: find(&tess, c"TessResultIteratorGetUTF8Text")?,
                results_confidence: find(&tess, c"TessResultIteratorConfidence")?,
                results_font: find(&tess, c"TessResultIteratorWordFontAttributes")?,
                results_place: find(&tess, c"TessResultIteratorGetPageIterator")?,
                place_begins: find(&tess, c"TessPageIteratorIsAtBeginningOf")?,
                place_box: find(&tess, c"TessPageIteratorBoundingBox")?,
                place_kind: find(&tess, c"TessPageIteratorBlockType")?,
                monitor_create: find(&tess, c"TessMonitorCreate")?,
                monitor_delete: find(&tess, c"TessMonitorDelete")?,
                monitor_set_cancel: find(&tess, c"TessMonitorSetCancelFunc")?,
                monitor_set_cancel_this: find(&tess, c"TessMonitorSetCancelThis")?,
            },
            leptonica: Leptonica {
                create: find(&lept, c"pixCreate")?,
                destroy: find(&lept, c"pixDestroy")?,
                data: find(&lept, c"pixGetData")?,
                width: find(&lept, c"pixGetWidth")?,
                height: find(&lept, c"pixGetHeight")?,
                words_per_line: find(&lept, c"pixGetWpl")?,
                orientation: find(&lept, c"pixOrientDetect")?,
                skew: find(&lept, c"pixFindSkew")?,
                read_tiff: find(&lept, c"pixReadMemTiff")?,
                to_gray: find(&lept, c"pixConvertTo8")?,
            },
            limit_threads: find(&gomp, c"omp_set_max_active_levels")?,
            _libraries: [tess, lept, gomp],
        };
        silence(&loaded)?;
        Ok(loaded)
    }

    /// Keeps tesseract's loops on the thread that calls this. Each of them asks OpenMP for four threads, which
    /// makes a page four times as dear as it is on one; pages are read beside each other instead.
    /// The variable `OMP_THREAD_LIMIT` would do the same, but is read before `main`.
    pub(super) fn stay_on_this_thread(&self) {
        // SAFETY: as in omp.h: sets a number of the calling thread. Without a level that may be active, a parallel
        // region runs on the thread that meets it (OpenMP 5.2, 2.5.1 and 10.1.1).
        unsafe { (self.limit_threads)(0) };
    }
}

fn open(name: &str) -> Result<Library, libloading::Error> {
    // SAFETY: the initialisers only set up the library's own statics; the name is a soname, so the system's
    // linker chooses the file and no document can.
    unsafe { Library::new(name) }
}

/// A function of `library`; the caller names its true type.
fn find<T: Copy>(library: &Library, name: &CStr) -> Result<T, libloading::Error> {
    // SAFETY: every `T` in this file repeats the declaration in the library's header; the pointer is valid while
    // the library is loaded, and `LOADED` keeps it until the process ends.
    unsafe { library.get::<T>(name.to_bytes_with_nul()) }.map(|symbol| *symbol)
}

/// Keeps leptonica's remarks on odd pictures off the error output.
fn silence(loaded: &Loaded) -> Result<(), libloading::Error> {
    const NOTHING: c_int = 6;
    let [_, lept, _] = &loaded._libraries;
    let set_severity: unsafe extern "C" fn(c_int) -> c_int = find(lept, c"setMsgSeverity")?;
    // SAFETY: as in allheaders.h: sets a static number.
    unsafe { set_severity(NOTHING) };
    Ok(())
}
