//! What does `document.extract` say about itself? Its manual, schemas, defaults and resources.

use std::time::Duration;

use esteira_engine::job::{KindDefaults, KindInfo, Resources, RetryPolicy};
use serde_json::json;

use super::extract::output_schema;
use super::input;
use super::limits::DocumentLimits;

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
        settings: serde_json::to_value(DocumentLimits::default()).unwrap_or_else(|_| json!({})),
        settings_schema: input::settings_schema(),
        defaults: KindDefaults {
            max_attempts: 3,
            timeout: Duration::from_secs(3600),
            // A page that hangs a library is over by then.
            stall: Duration::from_secs(60),
            retry: RetryPolicy::default(),
        },
        resources: Resources {
            // Address space: the models of tesseract, a picture of a page for each thread, threads' stacks.
            memory_bytes: 1 << 30,
            cpu_seconds: 2 * 3600,
            file_bytes: 2 << 30,
            open_files: 128,
            threads: 32,
            read_only: Vec::new(),
        },
    }
}
