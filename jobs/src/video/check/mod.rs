//! Is an input sensible? Everything that it alone shows, against the operator's limits.

mod clip;

use std::collections::BTreeMap;

use esteira_engine::job::{FileReference, FileUri, InputError};

use clip::check_clip;

use super::captions;
use super::faults::Faults;
use super::limits::{SOURCE_BYTES, VideoLimits};
use super::model::Input;
use super::sound;
use super::timeline::{self, Rate, Timeline};

/// The frame rate of an input.
#[must_use]
pub fn rate_of(input: &Input) -> Rate {
    let (numerator, denominator) = input.output.rate();
    Rate { numerator, denominator }
}

/// Checks an input; answers the files that it names.
///
/// # Errors
/// Every fault, with its pointer.
pub fn check(input: &Input, limits: &VideoLimits) -> Result<Vec<FileReference>, Vec<InputError>> {
    let mut faults = Faults::default();
    let files = check_parts(input, limits, &mut faults);
    if !faults.is_empty() {
        return Err(faults.into_told());
    }
    let timeline = timeline_without_files(input).map_err(|found| {
        faults.extend(found);
        faults.into_told()
    })?;
    let too_long = length_faults(input, &timeline, limits);
    if too_long.is_empty() { Ok(files) } else { Err(too_long) }
}

/// The timeline as far as the input alone tells; what only the files can tell is as short as possible.
///
/// # Errors
/// Every clip that cannot be placed, with its pointer.
pub fn timeline_without_files(input: &Input) -> Result<Timeline, Vec<InputError>> {
    let spoken = input.audio.as_ref().is_some_and(|audio| !audio.narration.is_empty());
    let narration = (!spoken).then_some(0.0);
    timeline::resolve(&input.tracks, rate_of(input), input.output.length, narration, &|_, _| None)
}

/// Checks each part by itself, not yet how the parts fit together in time; answers the files that it names.
pub fn check_parts(input: &Input, limits: &VideoLimits, faults: &mut Faults) -> Vec<FileReference> {
    check_output(input, limits, faults);
    if input.tracks.iter().all(|track| track.clips.is_empty()) {
        faults.add("/tracks", "there is no clip: give a track at least one");
    }
    for (track, clips) in input.tracks.iter().enumerate() {
        for (index, clip) in clips.clips.iter().enumerate() {
            check_clip(clip, &format!("/tracks/{track}/clips/{index}"), limits, faults);
        }
    }
    if let Some(audio) = &input.audio {
        faults.extend(sound::check(audio, "/audio", &limits.sound));
    }
    if let Some(captions) = &input.captions {
        faults.extend(captions::check(captions, "/captions", &limits.captions));
    }
    check_preview(input, faults);
    files(input, limits, faults)
}

/// Whether a resolved timeline is within the limits; asked again once the files are known.
#[must_use]
pub fn length_faults(input: &Input, timeline: &Timeline, limits: &VideoLimits) -> Vec<InputError> {
    let mut faults = Faults::default();
    let seconds = timeline.rate.seconds(timeline.frames);
    if seconds > limits.max_seconds {
        faults
            .add("/tracks", format!("the video lasts {seconds:.1} s; allowed are {} s", limits.max_seconds));
    }
    if timeline.frames > limits.max_frames {
        faults.add(
            "/tracks",
            format!("the video has {} frames; allowed are {}", timeline.frames, limits.max_frames),
        );
    }
    let pixels = u64::from(input.output.width) * u64::from(input.output.height) * u64::from(timeline.frames);
    if pixels > limits.max_total_pixels {
        faults.add(
            "/output",
            format!("size times frames is {pixels} pixels; allowed are {}", limits.max_total_pixels),
        );
    }
    if let Some(at) = input.output.poster_at
        && !timeline.open
        && at > seconds
    {
        faults.add("/output/poster_at", format!("the video ends at {seconds:.3} s"));
    }
    if let Some(preview) = &input.preview
        && !timeline.open
        && timeline.rate.frame_at(preview.start) >= timeline.frames
    {
        faults.add("/preview/start", format!("the video ends at {seconds:.3} s"));
    }
    faults.into_told()
}

fn check_output(input: &Input, limits: &VideoLimits, faults: &mut Faults) {
    let output = &input.output;
    for (pointer, side) in [("/output/width", output.width), ("/output/height", output.height)] {
        faults.range(pointer, f64::from(side), 16.0, f64::from(limits.max_frame_side));
        if side % 2 == 1 {
            faults.add(pointer, format!("{side} is odd: H.264 needs an even number of pixels"));
        }
    }
    let pixels = u64::from(output.width) * u64::from(output.height);
    if pixels > limits.max_frame_pixels {
        faults
            .add("/output", format!("a frame has {pixels} pixels; allowed are {}", limits.max_frame_pixels));
    }
    faults.range("/output/fps", output.fps, 1.0, limits.max_fps);
    faults.range("/output/crf", f64::from(output.crf), 0.0, 51.0);
    faults.range("/output/audio_kbps", f64::from(output.audio_kbps), 32.0, 320.0);
    faults.colour("/output/background", &output.background);
    if let Some(length) = output.length {
        faults.range("/output/length", length, 0.001, limits.max_seconds);
    }
    if let Some(at) = output.poster_at {
        faults.range("/output/poster_at", at, 0.0, limits.max_seconds);
    }
}

fn check_preview(input: &Input, faults: &mut Faults) {
    let Some(preview) = &input.preview else { return };
    faults.range("/preview/scale", preview.scale, 0.1, 1.0);
    faults.range("/preview/start", preview.start, 0.0, 1e6);
    if preview.end.is_some_and(|end| end.is_nan() || end <= preview.start) {
        faults.add("/preview/end", "the preview ends before it begins");
    }
}

/// Every file that the input names, once a place.
pub fn sources(input: &Input) -> Vec<(String, &str)> {
    let mut out = Vec::new();
    for (track, clips) in input.tracks.iter().enumerate() {
        for (index, clip) in clips.clips.iter().enumerate() {
            out.extend(clip.source().map(|source| (format!("/tracks/{track}/clips/{index}/source"), source)));
        }
    }
    if let Some(audio) = &input.audio {
        out.extend(sound::sources(audio, "/audio"));
    }
    if let Some(source) = input.captions.as_ref().and_then(|captions| captions.source.as_deref()) {
        out.push(("/captions/source".to_owned(), source));
    }
    out
}

fn files(input: &Input, limits: &VideoLimits, faults: &mut Faults) -> Vec<FileReference> {
    let mut out = Vec::new();
    let mut different = BTreeMap::new();
    for (pointer, source) in sources(input) {
        if source.len() > SOURCE_BYTES {
            faults.text(&pointer, source, SOURCE_BYTES);
            continue;
        }
        different.insert(source, ());
        match source.parse::<FileUri>() {
            Ok(uri) => out.push(FileReference { pointer, uri }),
            Err(error) => faults.add(pointer, error.to_string()),
        }
    }
    if different.len() > limits.max_inputs {
        faults.add(
            "/tracks",
            format!("{} different files; allowed are {}", different.len(), limits.max_inputs),
        );
    }
    out
}
