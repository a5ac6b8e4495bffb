//! What does the manual of a measured kind say? That it takes anything, and nothing that matters here.

use std::time::Duration;

use esteira_engine::job::{KindDefaults, KindInfo, Resources, RetryPolicy};
use serde_json::json;

/// The manual of a kind.
pub fn of(name: &'static str, title: &'static str, description: &'static str) -> KindInfo {
    KindInfo {
        name,
        title,
        description,
        input_schema: json!({"type": "object"}),
        output_schema: json!({"type": "object"}),
        example: json!({}),
        settings: json!({}),
        settings_schema: json!({"type": "object"}),
        defaults: KindDefaults {
            max_attempts: 3,
            timeout: Duration::from_secs(60),
            stall: Duration::from_secs(60),
            retry: RetryPolicy::default(),
        },
        resources: Resources {
            memory_bytes: 1 << 30,
            cpu_seconds: 60,
            file_bytes: 1 << 20,
            open_files: 64,
            threads: 8,
            read_only: Vec::new(),
        },
    }
}
