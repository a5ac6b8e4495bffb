//! Which job costs nothing itself? One that is done in the worker process at once.

use std::time::Duration;

use async_trait::async_trait;
use esteira_engine::child::WorkDir;
use esteira_engine::job::{
    CheckedInput, InWorker, InputError, Kind, KindDefaults, KindError, KindInfo, Resources, RetryPolicy, Step,
};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Its name.
pub const NOOP: &str = "bench.noop";

/// A kind that does nothing, and tells when, if somebody wants to know.
pub struct Noop {
    /// Where the instants go at which jobs begin.
    pub began: Option<mpsc::UnboundedSender<Instant>>,
}

/// The manual of a kind that runs in the worker and takes anything.
pub fn info(name: &'static str, title: &'static str, description: &'static str) -> KindInfo {
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

#[async_trait]
impl InWorker for Noop {
    async fn run(&self, _: &Value, _: &Value) -> Result<Step, KindError> {
        if let Some(began) = &self.began {
            // The measurement is over.
            let _unheard = began.send(Instant::now());
        }
        Ok(Step::Done(json!({})))
    }
}

impl Kind for Noop {
    fn info(&self) -> KindInfo {
        info(NOOP, "Nothing", "Does nothing.")
    }

    fn check(&self, _: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
        Ok(CheckedInput::default())
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, _: &Value, _: &Value, _: &mut WorkDir) -> Result<Value, KindError> {
        Err(KindError::fail("not_here", "runs in the worker"))
    }

    fn in_worker(&self) -> Option<&dyn InWorker> {
        Some(self)
    }
}
