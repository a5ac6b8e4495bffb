//! How is tesseract asked what a gray picture says?
#![expect(unsafe_code, reason = "the C interface of libtesseract is called here")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use super::super::clock::Deadline;
use super::super::error::ReadError;
use super::library::{Handle, Loaded, loaded};
use super::picture::Gray;

/// The network alone; the older method is not in the data that Debian ships.
const LSTM_ONLY: c_int = 1;
/// The older method, which the data for orientation is made for.
const LEGACY_ONLY: c_int = 0;

/// Columns, blocks and pictures are looked for (`PSM_AUTO`).
const WHOLE_PAGE: c_int = 3;

// Levels of an iterator (`publictypes.h`).
const BLOCK: c_int = 0;
const PARAGRAPH: c_int = 1;
const LINE: c_int = 2;
const WORD: c_int = 3;

/// What begins with a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Begins {
    /// Nothing but itself.
    Word,
    /// A line.
    Line,
    /// A paragraph.
    Paragraph,
    /// A block.
    Block,
}

/// A rectangle in pixels: left, top, right, bottom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PixelBox {
    pub x0: i32,
    pub y0: i32,
    pub x1: i32,
    pub y1: i32,
}

/// A word as tesseract gives it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawWord {
    pub text: String,
    /// 0 to 1.
    pub confidence: f32,
    pub bounds: PixelBox,
    pub line: PixelBox,
    pub begins: Begins,
    /// The kind of its block (`PolyBlockType`).
    pub kind: c_int,
    /// The height of its line from descenders to ascenders, in pixels.
    pub height: f32,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub words: Vec<RawWord>,
    /// Whether time ran out before all was read.
    pub cut_short: bool,
}

/// The code of a refusal because tesseract or its data are not installed.
pub(super) const UNAVAILABLE: &str = "ocr_unavailable";

/// A tesseract with its languages.
pub(super) struct Tesseract {
    api: Handle,
    loaded: &'static Loaded,
}

impl Tesseract {
    /// One that reads `languages`, such as `por+eng`.
    pub(super) fn new(tessdata: &Path, languages: &str) -> Result<Self, ReadError> {
        Self::with_engine(tessdata, languages, LSTM_ONLY)
    }

    /// One that tells which way up a page is.
    pub(super) fn for_orientation(tessdata: &Path) -> Result<Self, ReadError> {
        Self::with_engine(tessdata, "osd", LEGACY_ONLY)
    }

    fn with_engine(tessdata: &Path, languages: &str, engine: c_int) -> Result<Self, ReadError> {
        let unavailable = || {
            let place = tessdata.display();
            ReadError::new(UNAVAILABLE, format!("no data to read {languages} at {place}"))
        };
        let path = CString::new(tessdata.as_os_str().as_bytes()).map_err(|_| unavailable())?;
        let names = CString::new(languages).map_err(|_| unavailable())?;
        let loaded = loaded()?;
        loaded.stay_on_this_thread();
        // SAFETY: as in capi.h; the texts outlive the calls. `Drop` deletes what is created here, once.
        let (tesseract, code) = unsafe {
            let tesseract = Self { api: (loaded.tesseract.create)(), loaded };
            tesseract.set(c"debug_file", c"/dev/null");
            let code = (loaded.tesseract.init)(tesseract.api, path.as_ptr(), names.as_ptr(), engine);
            (tesseract, code)
        };
        if code == 0 { Ok(tesseract) } else { Err(unavailable()) }
    }

    /// Sets a variable of tesseract; one it does not know changes nothing.
    pub(super) fn set(&self, name: &CStr, value: &CStr) {
        // SAFETY: as in capi.h; it copies both texts.
        unsafe { (self.loaded.tesseract.set_variable)(self.api, name.as_ptr(), value.as_ptr()) };
    }

    /// Reads `picture`, whose letters have the size that they would have at `dpi`, until `deadline`.
    pub(super) fn read(&mut self, picture: &Gray, dpi: u32, deadline: Deadline) -> Reading {
        let functions = &self.loaded.tesseract;
        let Some(_image) = self.show(picture, dpi) else { return Reading::default() };
        let mut deadline = deadline;
        // SAFETY: as in capi.h; the monitor lives until the call returns and `deadline` longer; `passed` has the
        // signature that it asks for.
        let code = unsafe {
            (functions.set_mode)(self.api, WHOLE_PAGE);
            let monitor = (functions.monitor_create)();
            (functions.monitor_set_cancel)(monitor, passed);
            (functions.monitor_set_cancel_this)(monitor, ptr::from_mut(&mut deadline).cast());
            let code = (functions.recognise)(self.api, monitor);
            (functions.monitor_delete)(monitor);
            code
        };
        let words = self.words();
        Reading { words, cut_short: code != 0 && deadline.is_over() }
    }

    /// By how many degrees, clockwise, the text of `picture` is turned, and how sure that is; above 1 is.
    pub(super) fn orientation(&mut self, picture: &Gray, dpi: u32) -> Option<(u16, f32)> {
        let _image = self.show(picture, dpi)?;
        let (mut degrees, mut sure, mut script, mut script_sure) = (0, 0.0, ptr::null(), 0.0);
        // SAFETY: as in capi.h; the script's name belongs to tesseract's data, and stays there.
        let found = unsafe {
            (self.loaded.tesseract.detect_orientation)(
                self.api,
                &raw mut degrees,
                &raw mut sure,
                &raw mut script,
                &raw mut script_sure,
            )
        };
        (found != 0).then(|| (u16::try_from(degrees).unwrap_or(0), sure))
    }

    /// Gives tesseract a picture until the guard is dropped.
    fn show<'p>(&self, picture: &'p Gray, dpi: u32) -> Option<Shown<'p>> {
        let (width, height) = (c_int::try_from(picture.width).ok()?, c_int::try_from(picture.height).ok()?);
        if picture.pixels.len() < picture.width.checked_mul(picture.height)? || picture.pixels.is_empty() {
            return None;
        }
        self.loaded.stay_on_this_thread();
        // SAFETY: as in capi.h: `height` lines of `width` bytes, of which it makes a copy.
        unsafe {
            (self.loaded.tesseract.set_image)(self.api, picture.pixels.as_ptr(), width, height, 1, width);
            (self.loaded.tesseract.set_resolution)(self.api, c_int::try_from(dpi).unwrap_or(300));
        }
        Some(Shown { api: self.api, loaded: self.loaded, _picture: picture })
    }

    fn words(&self) -> Vec<RawWord> {
        let functions = &self.loaded.tesseract;
        let mut words = Vec::new();
        // SAFETY: as in capi.h: null when there is nothing; valid until the image is cleared, which `read` does later.
        unsafe {
            let results = (functions.results)(self.api);
            if results.is_null() {
                return words;
            }
            loop {
                words.extend(self.word(results));
                if (functions.results_next)(results, WORD) == 0 {
                    break;
                }
            }
            (functions.results_delete)(results);
        }
        words
    }

    /// The word at which `results` stands.
    ///
    /// # Safety
    /// `results` is an iterator of this tesseract's last reading.
    unsafe fn word(&self, results: Handle) -> Option<RawWord> {
        let functions = &self.loaded.tesseract;
        // SAFETY: as the caller promises, and capi.h; the text is copied and then deleted, the name is the library's.
        unsafe {
            let place = (functions.results_place)(results);
            let text = (functions.results_text)(results, WORD);
            if text.is_null() {
                return None;
            }
            let owned = owned(text);
            (functions.delete_text)(text);
            let begins = [(BLOCK, Begins::Block), (PARAGRAPH, Begins::Paragraph), (LINE, Begins::Line)]
                .into_iter()
                .find(|(level, _)| (functions.place_begins)(place, *level) != 0)
                .map_or(Begins::Word, |(_, begins)| begins);
            Some(RawWord {
                text: owned,
                confidence: ((functions.results_confidence)(results, WORD) / 100.0).clamp(0.0, 1.0),
                bounds: self.bounds(place, WORD)?,
                line: self.bounds(place, LINE)?,
                begins,
                kind: (functions.place_kind)(place),
                height: self.height(results),
            })
        }
    }

    /// # Safety
    /// `place` is an iterator of this tesseract's last reading.
    unsafe fn bounds(&self, place: Handle, level: c_int) -> Option<PixelBox> {
        let mut b = PixelBox::default();
        // SAFETY: as the caller promises, and capi.h.
        let found = unsafe {
            (self.loaded.tesseract.place_box)(
                place,
                level,
                &raw mut b.x0,
                &raw mut b.y0,
                &raw mut b.x1,
                &raw mut b.y1,
            )
        };
        (found != 0).then_some(b)
    }

    /// The height of the line: tesseract tells it in points, of which the picture has as many as pixels.
    ///
    /// # Safety
    /// `results` is an iterator of this tesseract's last reading.
    unsafe fn height(&self, results: Handle) -> f32 {
        let mut flags = [0; 6];
        let (mut size, mut font) = (0, 0);
        let [a, b, c, d, e, f] = &mut flags;
        // SAFETY: as the caller promises, and capi.h.
        unsafe {
            (self.loaded.tesseract.results_font)(results, a, b, c, d, e, f, &raw mut size, &raw mut font)
        };
        size as f32
    }
}

impl Drop for Tesseract {
    fn drop(&mut self) {
        // SAFETY: made by `create`, and not deleted before.
        unsafe { (self.loaded.tesseract.delete)(self.api) };
    }
}

/// A picture that tesseract holds.
struct Shown<'p> {
    api: Handle,
    loaded: &'static Loaded,
    _picture: &'p Gray,
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        // SAFETY: as in capi.h: frees the picture and the results; the languages stay.
        unsafe { (self.loaded.tesseract.clear)(self.api) };
    }
}

/// Whether the time is over that `deadline` points to.
unsafe extern "C" fn passed(deadline: Handle, _words: c_int) -> bool {
    // SAFETY: `read` sets it to a `Deadline` that outlives the reading.
    let deadline = unsafe { deadline.cast::<Deadline>().as_ref() };
    deadline.is_some_and(|deadline| deadline.is_over())
}

/// # Safety
/// `text` ends with a zero byte.
unsafe fn owned(text: *const c_char) -> String {
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
