//! How is a video made? Look into the files, place the clips, mix the sound, compose and encode.

use std::collections::BTreeSet;
use std::fs;

use esteira_engine::child::WorkDir;
use esteira_engine::child::protocol::LogLevel;
use esteira_engine::job::{InputError, KindError};

use super::captions::{self, Cue, mov_text_packets};
use super::cast::{self, Frame, Header};
use super::check::{length_faults, rate_of, sources};
use super::clip_sound;
use super::encode::{Mp4, Spec};
use super::limits::VideoLimits;
use super::manifest::FileFacts;
use super::model::{Input, Preset};
use super::outcome::{Made, publish};
use super::picture::Colour;
use super::poster;
use super::scene::{Actor, Props, Stage};
use super::sound::{self, Audio, Mix, samples_at};
use super::text::Typesetter;
use super::timeline::{self, Timeline};

/// Shares of the progress that the stages take.
const SOUND_SHARE: f64 = 0.12;
const PICTURE_END: f64 = 0.97;

/// Frames that are written: all, or a preview's.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// First frame.
    pub start: u32,
    /// The frame after the last.
    pub end: u32,
}

/// Makes the video of an input that was checked.
///
/// # Errors
/// What is wrong with a file, with the clip's pointer; or what kept the result from being written.
pub fn render(
    input: &Input,
    limits: &VideoLimits,
    work: &mut WorkDir,
) -> Result<serde_json::Value, KindError> {
    sound::quiet();
    work.progress(0.0, "inputs", "looking into the files")?;
    let inputs = hash_inputs(input, work)?;
    let headers = cast::headers(input, work, limits)?;
    let audio = input.audio.clone().unwrap_or_default();
    let spoken = {
        let scratch = work.scratch("speech");
        fs::create_dir_all(&scratch).map_err(|error| unwritable(&error))?;
        sound::resolve(&audio, "/audio", &|uri| work.file(uri), &scratch, &limits.sound)?
    };
    let timeline = place_clips(input, &headers, spoken.narration_end, limits)?;
    let mut warnings = Vec::new();
    let seconds = timeline.rate.seconds(timeline.frames);
    if spoken.narration_end > seconds + 0.05 {
        warnings.push(format!(
            "the narration ends at {:.1} s, the video at {seconds:.1} s",
            spoken.narration_end
        ));
    }
    let cues = load_captions(input, seconds, work, limits)?;
    let range = range_of(input, &timeline);
    let mix = mix_sound(input, &audio, spoken, &timeline, &headers, range, work, limits)?;
    let facts = mix.facts().clone();
    let frame = frame_of(input);
    let stage = set_stage(input, &timeline, headers, &cues, frame, work, limits)?;
    let (poster, frames, drawn) = shoot(input, &timeline, stage, mix, &cues, range, frame, work)?;
    warnings.extend(drawn);
    warnings.extend(facts.warnings.iter().cloned());
    for warning in &warnings {
        work.log(LogLevel::Warn, warning)?;
    }
    let made =
        Made { input, inputs, timeline: &timeline, range, frame, frames, facts, cues, poster, warnings };
    publish(made, work)
}

fn unwritable(error: &std::io::Error) -> KindError {
    KindError::retry("work_dir_unwritable", format!("the work directory refused a write: {}", error.kind()))
}

/// The hash of every different file, in the order in which the input names them.
fn hash_inputs(input: &Input, work: &WorkDir) -> Result<Vec<FileFacts>, KindError> {
    let mut seen = BTreeSet::new();
    let named = sources(input).into_iter().map(|(_, source)| source).filter(|source| seen.insert(*source));
    named.map(|source| FileFacts::of(source, &work.file(source)?, work)).collect()
}

fn place_clips(
    input: &Input,
    headers: &[Vec<Header>],
    narration_end: f64,
    limits: &VideoLimits,
) -> Result<Timeline, KindError> {
    let natural = |track: usize, clip: usize| {
        cast::natural_seconds(&input.tracks[track].clips[clip], &headers[track][clip])
    };
    let resolved =
        timeline::resolve(&input.tracks, rate_of(input), input.output.length, Some(narration_end), &natural);
    let timeline = resolved.map_err(|faults| first_fault("clip_misplaced", &faults))?;
    let faults = length_faults(input, &timeline, limits);
    if faults.is_empty() { Ok(timeline) } else { Err(first_fault("limit_exceeded", &faults)) }
}

/// A fault that only the files could show.
fn first_fault(code: &str, faults: &[InputError]) -> KindError {
    let message =
        faults.first().map_or_else(String::new, |fault| format!("{}: {}", fault.pointer, fault.message));
    KindError::fail(code, message)
}

fn load_captions(
    input: &Input,
    seconds: f64,
    work: &WorkDir,
    limits: &VideoLimits,
) -> Result<Vec<Cue>, KindError> {
    let Some(section) = &input.captions else { return Ok(Vec::new()) };
    let end = (seconds * 1000.0).round() as u64;
    captions::load(section, "/captions", &|uri| work.file(uri), end, &limits.captions)
}

/// The frames that are written.
pub fn range_of(input: &Input, timeline: &Timeline) -> Range {
    let whole = Range { start: 0, end: timeline.frames };
    let Some(preview) = &input.preview else { return whole };
    let start = timeline.rate.frame_at(preview.start).min(timeline.frames.saturating_sub(1));
    let end = preview.end.map_or(timeline.frames, |end| timeline.rate.frame_at(end).min(timeline.frames));
    Range { start, end: end.max(start + 1) }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one call, whose arguments are the results of the steps before"
)]
fn mix_sound(
    input: &Input,
    audio: &Audio,
    spoken: sound::ResolvedAudio,
    timeline: &Timeline,
    headers: &[Vec<Header>],
    range: Range,
    work: &mut WorkDir,
    limits: &VideoLimits,
) -> Result<Mix, KindError> {
    let clips = clip_sound::tracks(input, timeline, headers);
    let samples = samples_at(timeline.rate.seconds(range.end));
    let plan = spoken.plan(audio, samples, clips, &limits.sound);
    let scratch = work.scratch("sound");
    fs::create_dir_all(&scratch).map_err(|error| unwritable(&error))?;
    sound::mix(&plan, &scratch, &mut |fraction| work.progress(fraction * SOUND_SHARE, "sound", "mixing"))
}

/// The frame that is composed.
pub fn frame_of(input: &Input) -> Frame {
    let scale = input.preview.as_ref().map_or(1.0, |preview| preview.scale);
    let side = |pixels: u32| (((f64::from(pixels) * scale) / 2.0).round() * 2.0).max(16.0);
    Frame { size: (side(input.output.width), side(input.output.height)), scale }
}

fn set_stage(
    input: &Input,
    timeline: &Timeline,
    headers: Vec<Vec<Header>>,
    cues: &[Cue],
    frame: Frame,
    work: &WorkDir,
    limits: &VideoLimits,
) -> Result<Stage, KindError> {
    let mut tracks: Vec<Vec<Actor>> = Vec::with_capacity(input.tracks.len() + 1);
    for (index, (track, headers)) in input.tracks.iter().zip(headers).enumerate() {
        let clips = track.clips.iter().zip(headers).zip(&timeline.tracks[index]).enumerate();
        let actors = clips.map(|(clip, ((fields, header), span))| {
            cast::actor(cast::label(index, clip), fields, *span, header, frame)
        });
        tracks.push(actors.collect::<Result<_, _>>()?);
    }
    if let Some(section) = input.captions.as_ref().filter(|section| section.burn) {
        tracks.push(cast::captions(cues, &section.style, timeline.rate, frame)?);
    }
    let background = input.output.background.parse::<Colour>();
    let background =
        background.map_err(|error| KindError::fail("bad_input", format!("/output/background: {error}")))?;
    let props = Props {
        typesetter: Typesetter::new(),
        limits: limits.clone(),
        rate: timeline.rate,
        threads: work.parallelism(),
        frame: frame.size,
        warnings: Vec::new(),
    };
    Ok(Stage::new(frame.size.0 as usize, frame.size.1 as usize, background.to_yuv(), tracks, props))
}

/// Composes and encodes every frame; answers the poster, the frames in the file, and warnings.
#[expect(
    clippy::too_many_arguments,
    reason = "one call, whose arguments are the results of the steps before"
)]
fn shoot(
    input: &Input,
    timeline: &Timeline,
    mut stage: Stage,
    mix: Mix,
    cues: &[Cue],
    range: Range,
    frame: Frame,
    work: &mut WorkDir,
) -> Result<(Vec<u8>, u32, Vec<String>), KindError> {
    let part = work.artifact_path("video.mp4.part")?;
    let skip = samples_at(timeline.rate.seconds(range.start));
    let mut mp4 = Mp4::create(&part, spec(input, timeline, cues, range, frame, work), mix, skip)?;
    let poster_frame = poster_frame(input, timeline, range);
    let mut poster = Vec::new();
    let total = range.end - range.start;
    for index in range.start..range.end {
        let done = index - range.start;
        let fraction = SOUND_SHARE + (PICTURE_END - SOUND_SHARE) * f64::from(done) / f64::from(total);
        work.progress(fraction, "picture", &format!("frame {} of {total}", done + 1))?;
        let canvas = stage.compose(index)?;
        if index == poster_frame {
            poster = poster::jpeg(canvas)?;
        }
        mp4.frame(canvas, done)?;
    }
    work.progress(PICTURE_END, "finishing", "writing the index")?;
    let frames = mp4.finish()?;
    let whole = work.artifact_path("video.mp4")?;
    fs::rename(&part, &whole).map_err(|error| unwritable(&error))?;
    Ok((poster, frames, stage.take_warnings()))
}

fn spec(
    input: &Input,
    timeline: &Timeline,
    cues: &[Cue],
    range: Range,
    frame: Frame,
    work: &WorkDir,
) -> Spec {
    let soft = input.captions.as_ref().filter(|section| section.soft);
    let captions = soft.map(|section| {
        let cues = shifted(cues, timeline, range);
        let length = timeline.rate.seconds(range.end) - timeline.rate.seconds(range.start);
        (mov_text_packets(&cues, (length * 1000.0).round() as u64), section.language.clone())
    });
    let preset = if input.preview.is_some() { Preset::Ultrafast } else { input.output.preset };
    Spec {
        width: frame.size.0 as u32,
        height: frame.size.1 as u32,
        rate: (timeline.rate.numerator, timeline.rate.denominator),
        crf: input.output.crf,
        preset: preset.name(),
        threads: work.parallelism(),
        audio_kbps: input.output.audio_kbps,
        captions,
    }
}

/// The captions of the range that is written, counted from its beginning.
pub fn shifted(cues: &[Cue], timeline: &Timeline, range: Range) -> Vec<Cue> {
    let milliseconds = |frame: u32| (timeline.rate.seconds(frame) * 1000.0).round() as u64;
    let (start, end) = (milliseconds(range.start), milliseconds(range.end));
    let inside = cues.iter().filter(|cue| cue.end > start && cue.start < end);
    inside
        .map(|cue| Cue::new(cue.start.saturating_sub(start), cue.end.min(end) - start, cue.text.clone()))
        .collect()
}

/// The frame that the poster shows: what the input asks for, or a third of the way.
fn poster_frame(input: &Input, timeline: &Timeline, range: Range) -> u32 {
    let wanted = input.output.poster_at.map(|second| timeline.rate.frame_at(second));
    wanted.unwrap_or(range.start + (range.end - range.start) / 3).clamp(range.start, range.end - 1)
}
