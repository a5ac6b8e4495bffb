//! What does a finished job leave behind? The artifacts, and an output that says what is in them.

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::captions::{Cue, write_vtt};
use super::cast::Frame;
use super::manifest::{self, FileFacts, Manifest, Versions, VideoFacts};
use super::model::{Input, Preset};
use super::render::{Range, shifted};
use super::sound::SoundFacts;
use super::timeline::Timeline;

/// A job's output.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VideoOutput {
    /// Seconds of the video.
    pub seconds: f64,
    /// Frames of the video.
    pub frames: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames a second, as a fraction.
    pub frame_rate: String,
    /// Bytes of `video.mp4`.
    pub bytes: u64,
    /// SHA-256 of `video.mp4`.
    pub sha256: String,
    /// Integrated loudness in LUFS; null when the video is silent.
    pub loudness_lufs: Option<f64>,
    /// Captions in the video.
    pub captions: u32,
    /// Whether it is a preview.
    pub preview: bool,
    /// Things that worked and may not be meant.
    pub warnings: Vec<String>,
    /// What counts for the tenant's usage.
    pub usage: VideoUsage,
}

/// What a video counts for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VideoUsage {
    /// Seconds of the video.
    pub media_seconds: f64,
}

/// Everything that a render left.
pub struct Made<'a> {
    /// What was asked for.
    pub input: &'a Input,
    /// Hashes of the files that went in.
    pub inputs: Vec<FileFacts>,
    /// When everything is shown.
    pub timeline: &'a Timeline,
    /// The frames that were written.
    pub range: Range,
    /// Their size.
    pub frame: Frame,
    /// How many are in the file.
    pub frames: u32,
    /// The sound.
    pub facts: SoundFacts,
    /// The captions.
    pub cues: Vec<Cue>,
    /// The poster as JPEG.
    pub poster: Vec<u8>,
    /// Things that worked and may not be meant.
    pub warnings: Vec<String>,
}

/// Writes the other artifacts beside `video.mp4` and answers the job's output.
///
/// # Errors
/// When the number of frames is not what was promised, or a file cannot be written.
pub fn publish(made: Made<'_>, work: &mut WorkDir) -> Result<Value, KindError> {
    let wanted = made.range.end - made.range.start;
    if made.frames != wanted {
        let message = format!("the encoder gave {} frames where {wanted} went in", made.frames);
        return Err(KindError::retry("encoder_failed", message));
    }
    let video = FileFacts::of("video.mp4", &work.artifact_path("video.mp4")?, work)?;
    work.finish_artifact("video.mp4", "video/mp4")?;
    work.write_artifact("poster.jpg", "image/jpeg", &made.poster)?;
    let cues = shifted(&made.cues, made.timeline, made.range);
    if made.input.captions.is_some() {
        work.write_artifact("captions.vtt", "text/vtt", write_vtt(&cues).as_bytes())?;
    }
    let facts = video_facts(&made);
    let output = VideoOutput {
        seconds: facts.seconds,
        frames: facts.frames,
        width: facts.width,
        height: facts.height,
        frame_rate: facts.frame_rate.clone(),
        bytes: video.bytes,
        sha256: video.sha256.clone(),
        loudness_lufs: made.facts.after.integrated_lufs,
        captions: cues.len() as u32,
        preview: made.input.preview.is_some(),
        warnings: made.warnings.clone(),
        usage: VideoUsage { media_seconds: facts.seconds },
    };
    let manifest = Manifest {
        version: manifest::VERSION,
        kind: super::NAME,
        inputs: made.inputs,
        versions: Versions::here(),
        settings: made.input.to_value(),
        video: facts,
        audio: made.facts,
        captions: output.captions,
        output: video,
        warnings: made.warnings,
    };
    let bytes = serde_json::to_vec_pretty(&manifest).map_err(|error| no_json(&error))?;
    work.write_artifact("manifest.json", "application/json", &bytes)?;
    work.progress(1.0, "done", &format!("{wanted} frames"))?;
    serde_json::to_value(output).map_err(|error| no_json(&error))
}

fn no_json(error: &serde_json::Error) -> KindError {
    KindError::fail("bad_report", format!("the result does not fit JSON: {error}"))
}

fn video_facts(made: &Made<'_>) -> VideoFacts {
    let rate = made.timeline.rate;
    let preset = if made.input.preview.is_some() { Preset::Ultrafast } else { made.input.output.preset };
    VideoFacts {
        width: made.frame.size.0 as u32,
        height: made.frame.size.1 as u32,
        frame_rate: format!("{}/{}", rate.numerator, rate.denominator),
        frames: made.frames,
        seconds: rate.seconds(made.frames),
        codec: "h264",
        crf: made.input.output.crf,
        preset: preset.name(),
        colour: "bt709",
    }
}

/// JSON Schema of the output.
#[must_use]
pub fn output_schema() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    serde_json::to_value(settings.into_generator().into_root_schema_for::<VideoOutput>())
        .unwrap_or_else(|_| json!({}))
}
