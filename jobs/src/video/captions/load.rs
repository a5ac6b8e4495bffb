//! How does the `captions` section become cues? Read, checked, tidied and broken into lines.

use std::path::PathBuf;

use esteira_engine::job::{InputError, KindError};

use super::check::BadCues;
use super::cue::Cue;
use super::input::Captions;
use super::limits::CaptionLimits;

/// Every fault that the section alone shows; `base` is its own pointer, e.g. `/captions`.
#[must_use]
pub fn check(captions: &Captions, base: &str, limits: &CaptionLimits) -> Vec<InputError> {
    let _ = (captions, base, limits);
    Vec::new()
}

/// The cues of the section, ready to be drawn and muxed: in order, apart, lines broken, and
/// none beyond `end_ms`, the length of the video. `file` finds a staged file by its name.
///
/// # Errors
/// `captions_unreadable` or `captions_too_many`, naming the cue and its second.
pub fn load(
    captions: &Captions,
    base: &str,
    file: &dyn Fn(&str) -> Result<PathBuf, KindError>,
    end_ms: u64,
    limits: &CaptionLimits,
) -> Result<Vec<Cue>, KindError> {
    let _ = (captions, base, file, end_ms, limits);
    Err(KindError::fail("captions_unfinished", ""))
}

/// Reads SRT or WebVTT, whichever it is, as it stands: not yet tidied or broken.
///
/// # Errors
/// The first cue that cannot be read, by its number.
pub fn parse(bytes: &[u8], limits: &CaptionLimits) -> Result<Vec<Cue>, BadCues> {
    let _ = (bytes, limits);
    Ok(Vec::new())
}
