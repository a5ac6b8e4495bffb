//! `video.generate`: pictures, clips, words and sound become one MP4.
//!
//! The way of a job: `model` reads the input, `check` finds its faults, `cast` looks into the files,
//! `timeline` turns seconds into frames, [`sound`] mixes, `scene` composes each frame out of `picture`s,
//! `source`s and `text`, `encode` writes the file, `outcome` what lies beside it.

pub mod captions;
mod cast;
mod check;
mod clip_sound;
mod encode;
mod estimate;
mod faults;
mod limits;
mod manifest;
mod manual;
mod model;
mod outcome;
mod picture;
mod poster;
mod render;
mod scene;
pub mod sound;
mod source;
mod text;
mod timeline;

use esteira_engine::child::WorkDir;
use esteira_engine::job::{CheckedInput, Estimate, InputError, Kind, KindError, KindInfo};
use serde_json::Value;

pub use limits::VideoLimits;

/// The kind's name.
const NAME: &str = "video.generate";

/// The kind `video.generate`.
#[derive(Debug, Clone, Copy, Default)]
pub struct VideoGenerate;

impl Kind for VideoGenerate {
    fn info(&self) -> KindInfo {
        manual::info()
    }

    fn check(&self, input: &Value, settings: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let limits =
            VideoLimits::read(settings).map_err(|error| vec![InputError::new("", error.to_string())])?;
        let reading =
            model::read(input, &limits).map_err(|faults| with_those_of_the_rest(input, faults, &limits))?;
        let files = check::check(&reading.input, &limits)?;
        Ok(CheckedInput { files, warnings: reading.warnings })
    }

    fn estimate(&self, input: &Value, settings: &Value) -> Estimate {
        let reading = VideoLimits::read(settings).ok().and_then(|limits| model::read(input, &limits).ok());
        // An input that was checked can be read.
        reading.map(|reading| estimate::estimate(&reading.input)).unwrap_or_default()
    }

    fn check_settings(&self, settings: &Value) -> Result<(), String> {
        VideoLimits::read(settings).map(|_| ()).map_err(|error| error.to_string())
    }

    fn run(&self, input: &Value, settings: &Value, work: &mut WorkDir) -> Result<Value, KindError> {
        let limits = VideoLimits::read(settings)
            .map_err(|error| KindError::fail("bad_settings", error.to_string()))?;
        let bad_input = |faults: Vec<InputError>| {
            let message = faults.iter().map(|fault| format!("/input{}: {}", fault.pointer, fault.message));
            KindError::fail("bad_input", message.collect::<Vec<_>>().join("; "))
        };
        let reading = model::read(input, &limits).map_err(bad_input)?;
        check::check(&reading.input, &limits).map_err(bad_input)?;
        render::render(&reading.input, &limits, work).map_err(at_input)
    }
}

/// The faults of form, and those of value in all that has its form: one answer for both.
fn with_those_of_the_rest(
    input: &Value,
    mut faults: Vec<InputError>,
    limits: &VideoLimits,
) -> Vec<InputError> {
    if let Some(rest) = model::rest(input, &faults, limits) {
        let mut more = faults::Faults::default();
        check::check_parts(&rest.input, limits, &mut more);
        faults.extend(more.into_told().into_iter().filter(|fault| rest.is_own(fault)));
    }
    faults
}

/// An error that names a place below the input, by the pointer that a refused submit would name.
fn at_input(error: KindError) -> KindError {
    let is_place = error.message.starts_with('/') && !error.message.starts_with("/input/");
    if is_place { KindError { message: format!("/input{}", error.message), ..error } } else { error }
}
