//! Which job takes a given time and nothing else? One that sleeps in the worker process as its input says.

use std::time::Duration;

use async_trait::async_trait;
use esteira_engine::child::WorkDir;
use esteira_engine::job::{CheckedInput, InWorker, InputError, Kind, KindError, KindInfo, Step};
use esteira_engine::queue::Submission;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// Its name.
pub const SLEEP: &str = "bench.sleep";

/// A job of the load began or ended.
#[derive(Debug, Clone, Copy)]
pub enum Happened {
    Began(usize, Instant),
    Ended(usize, Instant),
}

/// A kind that sleeps, and tells when, if somebody wants to know.
pub struct Sleeper {
    pub happened: Option<mpsc::UnboundedSender<Happened>>,
}

/// A job of the load, by its place there, that sleeps so long.
pub fn submission(job: usize, sleeps: Duration) -> Submission {
    let input = json!({"job": job, "micros": u64::try_from(sleeps.as_micros()).unwrap_or(u64::MAX)});
    Submission { kind: SLEEP.to_owned(), input, ..Submission::default() }
}

#[async_trait]
impl InWorker for Sleeper {
    async fn run(&self, input: &Value, _: &Value) -> Result<Step, KindError> {
        let number = |name: &str| {
            let value = input.get(name).and_then(Value::as_u64);
            value.ok_or_else(|| KindError::fail("bad_input", format!("{name} must be a number")))
        };
        let job = usize::try_from(number("job")?).map_err(|e| KindError::fail("bad_input", e.to_string()))?;
        let tell = |happened| {
            if let Some(listener) = &self.happened {
                // The measurement is over.
                let _unheard = listener.send(happened);
            }
        };
        tell(Happened::Began(job, Instant::now()));
        sleep(Duration::from_micros(number("micros")?)).await;
        tell(Happened::Ended(job, Instant::now()));
        Ok(Step::Done(json!({})))
    }
}

impl Kind for Sleeper {
    fn info(&self) -> KindInfo {
        crate::manual::of(SLEEP, "Sleep", "Sleeps as long as its input says.")
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
