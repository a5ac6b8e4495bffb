//! Is an input sensible? Everything that it alone shows, against the operator's limits.

use std::collections::BTreeMap;

use esteira_engine::job::{FileReference, FileUri, InputError};

use super::captions;
use super::faults::{Faults, short};
use super::limits::{FONT_BYTES, SOURCE_BYTES, VideoLimits};
use super::model::{Clip, Input, Length, Media, PictureFields, Placement, Start, Transition, WordsFields};
use super::picture::Colour;
use super::sound;
use super::timeline::{self, Rate, Timeline};

/// Bytes of a wrong colour that are told.
const COLOUR_BYTES: usize = 40;

impl Faults {
    fn range(&mut self, pointer: &str, value: f64, least: f64, most: f64) {
        if !(least..=most).contains(&value) {
            self.add(pointer, format!("{value} is out of range: from {least} to {most}"));
        }
    }

    fn colour(&mut self, pointer: &str, text: &str) {
        if let Err(error) = text.parse::<Colour>() {
            self.add(pointer, format!("{:?} is no colour: {error}", short(text, COLOUR_BYTES)));
        }
    }
}

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
    check_output(input, limits, &mut faults);
    if input.tracks.iter().all(|track| track.clips.is_empty()) {
        faults.add("/tracks", "there is no clip: give a track at least one");
    }
    for (track, clips) in input.tracks.iter().enumerate() {
        for (index, clip) in clips.clips.iter().enumerate() {
            check_clip(clip, &format!("/tracks/{track}/clips/{index}"), limits, &mut faults);
        }
    }
    if let Some(audio) = &input.audio {
        faults.extend(sound::check(audio, "/audio", &limits.sound));
    }
    if let Some(captions) = &input.captions {
        faults.extend(captions::check(captions, "/captions", &limits.captions));
    }
    check_preview(input, &mut faults);
    let files = files(input, limits, &mut faults);
    if !faults.is_empty() {
        return Err(faults.into_told());
    }
    let timeline = timeline::resolve(&input.tracks, rate_of(input), input.output.length, 0.0, &|_, _| None);
    let timeline = timeline.map_err(|found| {
        faults.extend(found);
        faults.into_told()
    })?;
    let too_long = length_faults(input, &timeline, limits);
    if too_long.is_empty() { Ok(files) } else { Err(too_long) }
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

fn check_clip(clip: &Clip, pointer: &str, limits: &VideoLimits, faults: &mut Faults) {
    if let Start::At(second) = clip.timing.start {
        faults.range(&format!("{pointer}/start"), second, 0.0, limits.max_seconds);
    }
    if let Length::Seconds(seconds) = clip.timing.length {
        if seconds > 0.0 {
            faults.range(&format!("{pointer}/length"), seconds, 0.0, limits.max_seconds);
        } else {
            faults.add(format!("{pointer}/length"), format!("{seconds} is no length: more than 0 seconds"));
        }
    }
    check_transition(clip.timing.transition.as_ref(), &format!("{pointer}/transition"), faults);
    check_transition(clip.timing.transition_out.as_ref(), &format!("{pointer}/transition_out"), faults);
    check_placement(&clip.placement, pointer, limits, faults);
    match &clip.media {
        Media::Image(picture) => check_picture(picture, pointer, faults),
        Media::Video(picture, video) => {
            check_picture(picture, pointer, faults);
            faults.range(&format!("{pointer}/trim_start"), video.trim_start, 0.0, 1e6);
            faults.range(&format!("{pointer}/speed"), video.speed, 0.1, 10.0);
            faults.range(&format!("{pointer}/volume"), video.volume, 0.0, 4.0);
            if video.trim_end.is_some_and(|end| end.is_nan() || end <= video.trim_start) {
                faults.add(format!("{pointer}/trim_end"), "the clip ends before it begins");
            }
        }
        Media::Title(words) | Media::Text(words) => check_words(words, pointer, limits, faults),
        Media::Colour(colour) => {
            faults.colour(&format!("{pointer}/color"), &colour.color);
            faults.range(&format!("{pointer}/width"), colour.width, 0.001, 2.0);
            faults.range(&format!("{pointer}/height"), colour.height, 0.001, 2.0);
        }
    }
}

fn check_transition(transition: Option<&Transition>, pointer: &str, faults: &mut Faults) {
    if let Some(transition) = transition {
        faults.range(&format!("{pointer}/duration"), transition.duration, 0.0, 30.0);
    }
}

fn check_placement(placement: &Placement, pointer: &str, limits: &VideoLimits, faults: &mut Faults) {
    faults.range(&format!("{pointer}/scale"), placement.scale, 0.01, 10.0);
    faults.range(&format!("{pointer}/opacity"), placement.opacity, 0.0, 1.0);
    faults.range(&format!("{pointer}/offset/x"), placement.offset.x, -2.0, 2.0);
    faults.range(&format!("{pointer}/offset/y"), placement.offset.y, -2.0, 2.0);
    faults.range(&format!("{pointer}/fade_in"), placement.fade_in, 0.0, limits.max_seconds);
    faults.range(&format!("{pointer}/fade_out"), placement.fade_out, 0.0, limits.max_seconds);
}

fn check_picture(picture: &PictureFields, pointer: &str, faults: &mut Faults) {
    faults.range(&format!("{pointer}/focus/x"), picture.focus.x, 0.0, 1.0);
    faults.range(&format!("{pointer}/focus/y"), picture.focus.y, 0.0, 1.0);
    if let Some(motion) = &picture.motion {
        faults.range(&format!("{pointer}/motion/amount"), motion.amount, 0.01, 2.0);
    }
    if let Some(region) = picture.region {
        let pointer = format!("{pointer}/region");
        faults.range(&format!("{pointer}/x"), region.x, 0.0, 1.0);
        faults.range(&format!("{pointer}/y"), region.y, 0.0, 1.0);
        faults.range(&format!("{pointer}/width"), region.width, 0.01, 1.0);
        faults.range(&format!("{pointer}/height"), region.height, 0.01, 1.0);
        if region.x + region.width > 1.000_001 || region.y + region.height > 1.000_001 {
            faults.add(pointer, "the region reaches over the picture's edge");
        }
    }
}

fn check_words(words: &WordsFields, pointer: &str, limits: &VideoLimits, faults: &mut Faults) {
    let characters = words.text.chars().count();
    if characters > limits.max_text_chars {
        let message = format!("{characters} characters; allowed are {}", limits.max_text_chars);
        faults.add(format!("{pointer}/text"), message);
    }
    if words.text.trim().is_empty() {
        faults.add(format!("{pointer}/text"), "there are no words");
    }
    if let Some(font) = &words.font {
        faults.text(&format!("{pointer}/font"), font, FONT_BYTES);
    }
    if let Some(size) = words.size {
        faults.range(&format!("{pointer}/size"), size, 4.0, 1000.0);
    }
    faults.colour(&format!("{pointer}/color"), &words.color);
    faults.range(&format!("{pointer}/max_width"), words.max_width, 0.05, 1.0);
    faults.range(&format!("{pointer}/line_height"), words.line_height, 0.8, 3.0);
    faults.range(&format!("{pointer}/margin"), words.margin, 0.0, 0.4);
    if let Some(background) = &words.background {
        faults.colour(&format!("{pointer}/box/color"), &background.color);
        faults.range(&format!("{pointer}/box/padding"), background.padding, 0.0, 3.0);
        faults.range(&format!("{pointer}/box/radius"), background.radius, 0.0, 3.0);
    }
    if let Some(outline) = &words.outline {
        faults.colour(&format!("{pointer}/outline/color"), &outline.color);
        faults.range(&format!("{pointer}/outline/width"), outline.width, 0.0, 0.3);
    }
    if let Some(shadow) = &words.shadow {
        faults.colour(&format!("{pointer}/shadow/color"), &shadow.color);
        faults.range(&format!("{pointer}/shadow/blur"), shadow.blur, 0.0, 1.0);
        faults.range(&format!("{pointer}/shadow/x"), shadow.x, -1.0, 1.0);
        faults.range(&format!("{pointer}/shadow/y"), shadow.y, -1.0, 1.0);
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
