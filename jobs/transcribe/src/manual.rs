//! What does `media.transcribe` say about itself? Its manual, schemas, defaults and resources.

use std::time::Duration;

use esteira_engine::job::{KindDefaults, KindInfo, Resources, RetryPolicy};
use serde_json::json;

use super::input;
use super::limits::TranscribeLimits;
use super::outcome::output_schema;

/// The kind's manual.
#[must_use]
pub fn info() -> KindInfo {
    KindInfo {
        name: input::NAME,
        title: input::TITLE,
        description: input::DESCRIPTION,
        input_schema: input::input_schema(),
        output_schema: output_schema(),
        example: input::example(),
        settings: serde_json::to_value(TranscribeLimits::default()).unwrap_or_else(|_| json!({})),
        settings_schema: input::settings_schema(),
        defaults: KindDefaults {
            max_attempts: 3,
            // Twelve hours of speech take about two on two cores.
            timeout: Duration::from_secs(6 * 3600),
            // A chunk that makes the model stammer takes half a minute.
            stall: Duration::from_secs(180),
            retry: RetryPolicy::default(),
        },
        resources: Resources {
            // Address space: the libraries, a model of some hundred MiB, a state and a stack for each thread.
            memory_bytes: 4 << 30,
            cpu_seconds: 12 * 3600,
            file_bytes: 8 << 30,
            open_files: 64,
            threads: 64,
            read_only: Vec::new(),
        },
    }
}
