//! Which kind is measured? One that looks at the clock first of all, and does nothing else.

use std::time::{SystemTime, UNIX_EPOCH};

use esteira_engine::child::WorkDir;
use esteira_engine::job::{CheckedInput, InputError, Kind, KindError, KindInfo};
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
        let mut info = crate::manual::of(CLOCK, "Clock", "Tells when it began.");
        info.defaults.max_attempts = 1;
        info
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
