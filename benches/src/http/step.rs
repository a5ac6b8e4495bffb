//! What comes of so many callers at once? How many answers a second, how late, and for how much CPU time.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::queue::used::{cpu_seconds, cpu_seconds_of_family};

/// A share of each step's beginning that is not counted.
const WARM_UP: f64 = 0.1;

/// CPU seconds so far of who answers, of Postgres, and of who asks.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    answering: f64,
    postgres: f64,
    asking: f64,
}

impl Used {
    /// Reads the counters.
    pub fn of(answering: u32, postmaster: u32) -> Result<Self> {
        Ok(Self {
            answering: cpu_seconds(answering)?,
            postgres: cpu_seconds_of_family(postmaster)?,
            asking: cpu_seconds(std::process::id())?,
        })
    }
}

/// The figures of a step.
#[derive(Debug)]
pub struct Step {
    pub per_second: f64,
    pub p99_millis: f64,
    p50_millis: f64,
    answering_micros: f64,
    postgres_micros: f64,
    asking_micros: f64,
}

/// Lets each caller ask again as soon as it has its answer, for so long. `ask` asks once with what its caller holds, and
/// tells how long the answer took.
pub async fn step<C, Ask, Asking>(
    lasts: Duration,
    used: impl Fn() -> Result<Used>,
    callers: Vec<C>,
    ask: Ask,
) -> Result<Step>
where
    C: Send + 'static,
    Ask: Fn(C) -> Asking + Clone + Send + 'static,
    Asking: Future<Output = Result<(C, Duration)>> + Send,
{
    let counted_from = Instant::now() + lasts.mul_f64(WARM_UP);
    let until = counted_from + lasts;
    let tasks: Vec<_> = callers
        .into_iter()
        .map(|mut caller| {
            let ask = ask.clone();
            tokio::spawn(async move {
                let mut millis = Vec::new();
                loop {
                    let asked = Instant::now();
                    if asked >= until {
                        return anyhow::Ok(millis);
                    }
                    let took;
                    (caller, took) = ask(caller).await?;
                    if asked >= counted_from {
                        millis.push(took.as_secs_f64() * 1e3);
                    }
                }
            })
        })
        .collect();
    tokio::time::sleep_until(counted_from).await;
    let (before, began) = (used()?, Instant::now());
    let mut millis = Vec::new();
    for task in tasks {
        millis.extend(task.await??);
    }
    Ok(figures(millis, began.elapsed(), &before, &used()?))
}

/// The figures of answers that took so long each, and of what was used meanwhile.
pub fn figures(mut millis: Vec<f64>, took: Duration, before: &Used, after: &Used) -> Step {
    millis.sort_by(f64::total_cmp);
    let answers = millis.len() as f64;
    let each = |seconds: f64| seconds * 1e6 / answers.max(1.0);
    Step {
        per_second: answers / took.as_secs_f64(),
        p50_millis: crate::start::quantile(&millis, 0.5),
        p99_millis: crate::start::quantile(&millis, 0.99),
        answering_micros: each(after.answering - before.answering),
        postgres_micros: each(after.postgres - before.postgres),
        asking_micros: each(after.asking - before.asking),
    }
}

impl Step {
    /// The figures as JSON.
    pub fn told(&self) -> Value {
        let rounded = |value: f64| (value * 10.0).round() / 10.0;
        json!({
            "per_s": self.per_second.round(),
            "p50_ms": rounded(self.p50_millis), "p99_ms": rounded(self.p99_millis),
            "process_cpu_us": rounded(self.answering_micros),
            "postgres_cpu_us": rounded(self.postgres_micros),
            "asking_cpu_us": rounded(self.asking_micros),
        })
    }
}
