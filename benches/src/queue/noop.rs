//! Which job costs nothing itself? One that is done in the worker process at once.

use async_trait::async_trait;
use esteira_engine::child::WorkDir;
use esteira_engine::job::{CheckedInput, InWorker, InputError, Kind, KindError, KindInfo, Step};
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
        crate::manual::of(NOOP, "Nothing", "Does nothing.")
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
