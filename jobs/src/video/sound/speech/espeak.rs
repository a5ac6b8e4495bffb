//! How does espeak-ng speak? Its library is loaded at run time and called in this process.
//!
//! Loaded, not linked, so that a worker without it still renders everything that is not spoken.
//! The library keeps its state in globals: one lock guards all of it, and every call is under it.
//! When it starts it looks for a sound server, although it will never play anything; in a sandbox
//! the refused socket costs it some milliseconds and nothing else.

#![expect(unsafe_code, reason = "the C interface of libespeak-ng, and nothing else, is called here")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::{CStr, CString, c_char, c_int, c_short, c_uint, c_void};
use std::ptr;
use std::sync::{Mutex, PoisonError};

use esteira_engine::job::KindError;
use libloading::{Library, Symbol};

use super::Utterance;

/// The name of the library on every Linux that packages it.
const LIBRARY: &str = "libespeak-ng.so.1";

/// `AUDIO_OUTPUT_SYNCHRONOUS`: samples go to the callback, on the calling thread, and to no device.
const SYNCHRONOUS: c_int = 2;
/// `espeakINITIALIZE_DONT_EXIT`: without its data the library would end the process.
const DONT_EXIT: c_int = 0x8000;
/// `espeakCHARS_UTF8`. Neither SSML nor phonemes are asked for: text is read as text.
const UTF8: c_uint = 1;
/// `espeakRATE`, in words a minute.
const RATE: c_int = 1;
/// `espeakPITCH`, 0 to 100.
const PITCH: c_int = 3;
/// Words a minute at `rate` 1: the library's own default.
const USUAL_RATE: f64 = 175.0;
/// Samples after which speech is cut off as a fault (an hour): the text's length was checked before.
const MOST_SAMPLES: usize = 3600 * 22_050;

/// The head of `espeak_VOICE`; the library owns it.
#[repr(C)]
struct Voice {
    name: *const c_char,
    /// A list of (a byte of priority, a tag, a zero byte), ended by a zero byte.
    languages: *const c_char,
}

type Callback = unsafe extern "C" fn(*mut c_short, c_int, *mut c_void) -> c_int;
type Initialize = unsafe extern "C" fn(c_int, c_int, *const c_char, c_int) -> c_int;
type SetSynthCallback = unsafe extern "C" fn(Option<Callback>);
type SetVoiceByName = unsafe extern "C" fn(*const c_char) -> c_int;
type SetParameter = unsafe extern "C" fn(c_int, c_int, c_int) -> c_int;
type ListVoices = unsafe extern "C" fn(*mut Voice) -> *const *const Voice;
type Synth = unsafe extern "C" fn(
    *const c_void,
    usize,
    c_uint,
    c_int,
    c_uint,
    c_uint,
    *mut c_uint,
    *mut c_void,
) -> c_int;

/// One channel of samples.
pub(super) struct Spoken {
    pub rate: u32,
    pub samples: Vec<i16>,
}

/// Why nothing could be said.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum SpeechError {
    #[error("espeak-ng is not installed where this job runs ({LIBRARY}: {0})")]
    NoLibrary(String),
    #[error("espeak-ng does not start: its voices (espeak-ng-data) are missing")]
    NoData,
    #[error("there is no voice {wanted:?}; there are: {known}")]
    NoVoice { wanted: String, known: String },
    #[error("espeak-ng refused the text (code {0})")]
    Refused(c_int),
}

impl SpeechError {
    /// The error of the narration at `label`.
    pub fn at(&self, label: &str) -> KindError {
        let (code, field) = match self {
            Self::NoLibrary(_) | Self::NoData => ("speech_unavailable", "text"),
            Self::NoVoice { .. } => ("voice_unknown", "voice"),
            Self::Refused(_) => ("speech_failed", "text"),
        };
        KindError::fail(code, format!("{label}/{field}: {self}"))
    }
}

/// The loaded library, started.
struct Espeak {
    library: Library,
    rate: u32,
}

static ESPEAK: Mutex<Option<Espeak>> = Mutex::new(None);

thread_local! {
    /// What the callback heard during the call that runs on this thread.
    static HEARD: RefCell<Vec<i16>> = const { RefCell::new(Vec::new()) };
}

/// Whether texts can be spoken on this machine; if not, why.
///
/// # Errors
/// A sentence for the operator.
pub fn available() -> Result<(), String> {
    with(|_| Ok(())).map_err(|error| error.to_string())
}

/// Speaks a text whose voice is a language tag.
pub(super) fn synthesise(utterance: &Utterance) -> Result<Spoken, SpeechError> {
    with(|espeak| {
        espeak.choose(utterance.voice)?;
        espeak.set(RATE, (utterance.rate * USUAL_RATE).clamp(80.0, 450.0))?;
        espeak.set(PITCH, f64::from(utterance.pitch.min(100)))?;
        let samples = espeak.say(utterance.text)?;
        Ok(Spoken { rate: espeak.rate, samples })
    })
}

/// Runs `work` with the library, which is loaded by the first call, under the lock.
fn with<T>(work: impl FnOnce(&Espeak) -> Result<T, SpeechError>) -> Result<T, SpeechError> {
    let mut slot = ESPEAK.lock().unwrap_or_else(PoisonError::into_inner);
    if slot.is_none() {
        *slot = Some(Espeak::load()?);
    }
    match &*slot {
        Some(espeak) => work(espeak),
        None => Err(SpeechError::NoData),
    }
}

impl Espeak {
    fn load() -> Result<Self, SpeechError> {
        // SAFETY: the library's initialisers only set up its own statics; the name is a soname, so
        // the system's linker chooses the file and no tenant can.
        let library = unsafe { Library::new(LIBRARY) }.map_err(|e| SpeechError::NoLibrary(e.to_string()))?;
        let mut espeak = Self { library, rate: 0 };
        // SAFETY: the type is that of `espeak_Initialize` in speak_lib.h; a null path asks for the
        // data that the library was built with. The lock makes this the only call.
        let rate = unsafe {
            espeak.symbol::<Initialize>(c"espeak_Initialize")?(SYNCHRONOUS, 0, ptr::null(), DONT_EXIT)
        };
        espeak.rate = u32::try_from(rate).map_err(|_| SpeechError::NoData)?;
        // SAFETY: as in speak_lib.h; `hear` has the signature it asks for and lives as long as the program.
        unsafe { espeak.symbol::<SetSynthCallback>(c"espeak_SetSynthCallback")?(Some(hear)) };
        Ok(espeak)
    }

    /// A function of the library. The caller names its true type.
    fn symbol<T>(&self, name: &CStr) -> Result<Symbol<'_, T>, SpeechError> {
        // SAFETY: every `T` used in this file repeats the declaration in speak_lib.h.
        unsafe { self.library.get(name.to_bytes_with_nul()) }
            .map_err(|error| SpeechError::NoLibrary(error.to_string()))
    }

    fn choose(&self, voice: &str) -> Result<(), SpeechError> {
        let wanted = voice.to_ascii_lowercase();
        let known = self.languages()?;
        let unknown = || SpeechError::NoVoice {
            wanted: voice.to_owned(),
            known: known.iter().cloned().collect::<Vec<_>>().join(", "),
        };
        if !super::is_voice_name(&wanted) || !known.contains(&wanted) {
            return Err(unknown());
        }
        let name = CString::new(wanted).map_err(|_| unknown())?;
        // SAFETY: as in speak_lib.h; the text is ended by a zero byte and copied by the callee.
        match unsafe { self.symbol::<SetVoiceByName>(c"espeak_SetVoiceByName")?(name.as_ptr()) } {
            0 => Ok(()),
            _ => Err(unknown()),
        }
    }

    /// The tags of all installed voices.
    fn languages(&self) -> Result<BTreeSet<String>, SpeechError> {
        let mut tags = BTreeSet::new();
        // SAFETY: as in speak_lib.h: without a filter it answers an array of pointers to voices that
        // ends with a null pointer; the library keeps it until the next call, which the lock forbids.
        // Each voice's languages have the form that `Voice` tells, ended by a zero byte.
        unsafe {
            let mut voices = self.symbol::<ListVoices>(c"espeak_ListVoices")?(ptr::null_mut());
            while !voices.is_null() && !(*voices).is_null() {
                let mut at = (**voices).languages;
                while !at.is_null() && *at != 0 {
                    let tag = CStr::from_ptr(at.add(1));
                    tags.insert(tag.to_string_lossy().to_ascii_lowercase());
                    at = at.add(tag.count_bytes() + 2);
                }
                voices = voices.add(1);
            }
        }
        tags.retain(|tag| super::is_voice_name(tag));
        Ok(tags)
    }

    fn set(&self, parameter: c_int, value: f64) -> Result<(), SpeechError> {
        #[expect(clippy::cast_possible_truncation, reason = "the callers clamp it below 1,000")]
        let value = value.round() as c_int;
        // SAFETY: as in speak_lib.h; an unknown parameter would be refused by its return value.
        match unsafe { self.symbol::<SetParameter>(c"espeak_SetParameter")?(parameter, value, 0) } {
            0 => Ok(()),
            code => Err(SpeechError::Refused(code)),
        }
    }

    fn say(&self, text: &str) -> Result<Vec<i16>, SpeechError> {
        let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let text = CString::new(plain).map_err(|_| SpeechError::Refused(0))?;
        let bytes = text.as_bytes_with_nul();
        HEARD.with_borrow_mut(Vec::clear);
        // SAFETY: as in speak_lib.h; the text outlives the call, which is synchronous, and its size
        // counts the zero byte at its end. The two last pointers may be null.
        let code = unsafe {
            self.symbol::<Synth>(c"espeak_Synth")?(
                bytes.as_ptr().cast(),
                bytes.len(),
                0,
                1,
                0,
                UTF8,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        let samples = HEARD.with_borrow_mut(std::mem::take);
        if code == 0 { Ok(samples) } else { Err(SpeechError::Refused(code)) }
    }
}

/// Called by the library with each stretch of samples; 1 stops it.
unsafe extern "C" fn hear(samples: *mut c_short, count: c_int, _events: *mut c_void) -> c_int {
    let Ok(count) = usize::try_from(count) else { return 0 };
    if samples.is_null() || count == 0 {
        return 0;
    }
    // SAFETY: the library lends `count` samples at `samples` for the time of this call.
    let heard = unsafe { std::slice::from_raw_parts(samples, count) };
    HEARD.with(|all| match all.try_borrow_mut() {
        Ok(mut all) if all.len() + count <= MOST_SAMPLES => {
            all.extend_from_slice(heard);
            0
        }
        _ => 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(voice: &str, text: &str) -> Result<Spoken, SpeechError> {
        synthesise(&Utterance { text, voice, rate: 1.0, pitch: 50 })
    }

    #[test]
    fn portuguese_and_english_are_spoken_each_in_its_way() {
        let pt = say("pt-br", "Bom dia, esteira.").unwrap();
        let en = say("en", "Bom dia, esteira.").unwrap();
        assert_eq!(pt.rate, 22_050);
        assert!(pt.samples.len() > 22_050 / 2, "{}", pt.samples.len());
        assert!(pt.samples.iter().any(|s| s.unsigned_abs() > 3000));
        assert_ne!(pt.samples, en.samples);
    }

    #[test]
    fn an_unknown_voice_is_named_and_the_known_ones_listed() {
        for voice in ["xx-yy", "../../../etc/passwd", "mb-br1", ""] {
            let error = say(voice, "a").err().unwrap().at("/audio/narration/1");
            assert_eq!(error.code, "voice_unknown");
            assert!(error.message.starts_with("/audio/narration/1/voice: "), "{error}");
            assert!(error.message.contains("pt-br"), "{error}");
        }
    }

    #[test]
    fn a_faster_rate_is_shorter() {
        let text = "Uma frase que dura algum tempo, para medir.";
        let at =
            |rate| synthesise(&Utterance { text, voice: "pt-br", rate, pitch: 50 }).unwrap().samples.len();
        assert!(at(0.6) > at(1.0) && at(1.0) > at(2.0));
    }

    #[test]
    fn markup_and_control_characters_are_only_text() {
        say("en", "<speak><break time=\"3600s\"/>[[hello]]\u{0}\u{1b} end").unwrap();
    }
}
