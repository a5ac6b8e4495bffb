//! Which kind is measured? One that looks at the clock first of all, and does nothing else.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use esteira_engine::child::WorkDir;
use esteira_engine::job::{
    CheckedInput, InputError, Kind, KindDefaults, KindError, KindInfo, Resources, RetryPolicy,
};
use serde_json::{Value, json};

/// Its name.
pub const CLOCK: &str = "bench.clock";

/// The shipped kinds and this one, so that the child carries the same libraries as a real one.
pub fn catalog() -> Vec<Box<dyn Kind>> {
    let mut kinds = esteira_jobs::catalog();
    kinds.push(Box::new(Clock));
    kinds
}

struct Clock;

impl Kind for Clock {
    fn info(&self) -> KindInfo {
        KindInfo {
            name: CLOCK,
            title: "Clock",
            description: "Tells when it began.",
            input_schema: json!({"type": "object"}),
            output_schema: json!({"type": "object"}),
            example: json!({}),
            settings: json!({}),
            settings_schema: json!({"type": "object"}),
            defaults: KindDefaults {
                max_attempts: 1,
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

    fn check(&self, _: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
        Ok(CheckedInput::default())
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, _: &Value, _: &Value, _: &mut WorkDir) -> Result<Value, KindError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(json!({"micros": u64::try_from(now.as_micros()).unwrap_or(u64::MAX)}))
    }
}
