//! What does `video.generate` say about itself? Its manual, schemas, defaults and resources.

use std::time::Duration;

use esteira_engine::job::{KindDefaults, KindInfo, Resources, RetryPolicy};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::limits::VideoLimits;
use super::model::input_schema;
use super::outcome::output_schema;

const DESCRIPTION: &str = "\
Makes an MP4 from pictures, video clips, words and sound, described in JSON.

An input has **tracks**, layers of the picture from back to front. A track has **clips**, one after \
another: `image`, `video`, `title`, `text` or `color`. Clips overlap by **transitions**, stand still or \
move (**motion**), fill the frame or a part of it (**fit**, **position**, **scale**). **audio** brings music, \
narration (recorded, or spoken from text) and a set loudness; **captions** are burned in, selectable, or both. \
`{{NAME}}` in any string stands for a value of **merge**, so that one input serves many videos.

Artifacts: `video.mp4`, `poster.jpg`, `manifest.json`, and with captions `captions.vtt`.";

/// The kind's manual.
#[must_use]
pub fn info() -> KindInfo {
    KindInfo {
        name: super::NAME,
        title: "Generate a video",
        description: DESCRIPTION,
        input_schema: input_schema(),
        output_schema: output_schema(),
        example: example(),
        settings: serde_json::to_value(VideoLimits::default()).unwrap_or_else(|_| json!({})),
        settings_schema: settings_schema(),
        defaults: KindDefaults {
            max_attempts: 3,
            timeout: Duration::from_secs(3600),
            stall: Duration::from_secs(120),
            retry: RetryPolicy::default(),
        },
        resources: Resources {
            // Address space: threads' stacks and arenas, mapped fonts and libraries count as well.
            memory_bytes: 4 << 30,
            cpu_seconds: 4 * 3600,
            file_bytes: 8 << 30,
            open_files: 256,
            threads: 64,
            read_only: Vec::new(),
        },
    }
}

fn settings_schema() -> Value {
    let settings = SchemaSettings::draft2020_12();
    serde_json::to_value(settings.into_generator().into_root_schema_for::<VideoLimits>())
        .unwrap_or_else(|_| json!({}))
}

/// An input that shows what a video is made of; its photos are placeholders for uploads.
/// Runs as it stands: it names no file.
fn example() -> Value {
    json!({
        "output": {"width": 640, "height": 360, "fps": 30, "poster_at": 2},
        "tracks": [
            {"clips": [
                {"type": "color", "color": "#1b4965", "length": 3.5},
                {"type": "color", "color": "#62b6cb", "length": 3.5, "transition": {"type": "wipe_left", "duration": 1}},
            ]},
            {"clips": [
                {"type": "title", "text": "Bem-vindo, {{NAME}}!", "start": 0.5, "length": 3,
                 "fade_in": 0.5, "fade_out": 0.5},
            ]},
        ],
        "audio": {"narration": {"text": "Bem-vindo. Este vídeo foi feito por uma esteira.", "voice": "pt-br", "start": 0.5}},
        "captions": {"language": "pt-br", "cues": [
            {"start": 0.5, "end": 2.5, "text": "Bem-vindo."},
            {"start": 2.5, "end": 6, "text": "Este vídeo foi feito por uma esteira."},
        ]},
        "merge": {"NAME": "Ana"},
    })
}
