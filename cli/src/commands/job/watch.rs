//! `esteira job watch`: how is a job followed? By the stream of what happens to it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use super::patience::Patience;
use super::{path, view};
use crate::client::Client;
use crate::{exit, out};

const TICK: Duration = Duration::from_millis(100);

/// Follows a job until it is final: a live bar on a terminal, a line a change elsewhere.
pub fn watch(client: &Client, id: &str, patience: Patience, as_json: bool) -> Result<ExitCode> {
    let mut shown = Shown::new(as_json)?;
    let mut last = None;
    while let Some(mut events) = patience.ask(|| client.events(&path(id, "/events"), last.as_deref()))? {
        for event in events.by_ref() {
            shown.update(&event.data);
            last = Some(event.id);
        }
        // After the end there is nothing to wait for: the server says at once that this was all.
        if !is_final(&shown.state) {
            pause(events.again());
        }
    }
    shown.bar.finish_and_clear();
    let job = patience.ask(|| client.get(&path(id, ""), &[]))?;
    Ok(conclude(&job, as_json))
}

fn is_final(state: &str) -> bool {
    matches!(state, "succeeded" | "failed" | "cancelled")
}

#[expect(clippy::disallowed_methods, reason = "the client has one thread, and nothing else to do meanwhile")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

struct Shown {
    bar: ProgressBar,
    /// Where the job stands.
    state: String,
    /// The line that was printed last.
    line: String,
    /// Whether lines are printed, because nobody would see a bar.
    lines: bool,
}

impl Shown {
    fn new(as_json: bool) -> Result<Self> {
        let bar = ProgressBar::with_draw_target(Some(1_000), ProgressDrawTarget::stderr());
        bar.set_style(ProgressStyle::with_template(
            "{spinner} {elapsed:>4} [{bar:30}] {percent:>3} % {msg}",
        )?);
        let lines = bar.is_hidden() && !as_json;
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Ok(Self { bar, lines, state: String::new(), line: String::new() })
    }

    /// Shows what happened.
    fn update(&mut self, event: &Value) {
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let state = text("state").to_owned();
        match text("event") {
            "state" if is_final(&state) => self.state = state,
            "state" => self.show(state, 0.0, ""),
            "progress" => {
                let fraction = event.get("fraction").and_then(Value::as_f64).unwrap_or_default();
                let (stage, message) = (text("stage"), text("message"));
                self.bar.set_message(format!("{} {stage} {message}", self.state).trim().to_owned());
                self.show(self.state.clone(), fraction, stage);
            }
            "log" => self.bar.suspend(|| out::note(text("message"))),
            // A newer server may tell more.
            _ => {}
        }
    }

    fn show(&mut self, state: String, fraction: f64, stage: &str) {
        // Rounded down, so that 100 % means done.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
        self.bar.set_position((fraction.clamp(0.0, 1.0) * 1_000.0) as u64);
        if stage.is_empty() {
            self.bar.set_message(state.clone());
        }
        let line = format!("{state} {stage}");
        self.state = state;
        if self.lines && self.line != line {
            out::note(format!("{:>3.0} % {}", fraction * 100.0, line.trim()));
            self.line = line;
        }
    }
}

/// Says how the job ended, and gives the code that a script looks at.
fn conclude(job: &Value, as_json: bool) -> ExitCode {
    let state = view::state_of(job);
    if as_json {
        out::json(job);
    } else {
        out::line(job.get("id").and_then(Value::as_str).unwrap_or_default());
        out::note(state);
        if let Some(error) = view::error_of(job) {
            out::note(error);
        }
        for artifact in view::artifacts_of(job) {
            out::note(format!("  {artifact}"));
        }
    }
    if state == "succeeded" { ExitCode::SUCCESS } else { ExitCode::from(exit::JOB_DID_NOT_SUCCEED) }
}
