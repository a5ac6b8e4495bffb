//! `esteira job watch`: how is a job followed? By asking again each time the server has held the answer.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use super::patience::Patience;
use super::{path, view};
use crate::client::Client;
use crate::{exit, out};

/// How long the server holds an answer that is not final yet, which is how often the bar moves.
const HOLD_SECONDS: &str = "1";
const TICK: Duration = Duration::from_millis(100);

/// Follows a job until it is final: a live bar on a terminal, a line a change elsewhere.
pub fn watch(client: &Client, id: &str, patience: Patience, as_json: bool) -> Result<ExitCode> {
    let shown = Shown::new(as_json)?;
    let mut last = String::new();
    let job = loop {
        let job = patience.ask(|| client.get(&path(id, ""), &[("wait", HOLD_SECONDS.to_owned())]))?;
        if matches!(view::state_of(&job), "succeeded" | "failed" | "cancelled") {
            break job;
        }
        shown.update(&job, &mut last);
    };
    shown.bar.finish_and_clear();
    Ok(conclude(&job, as_json))
}

struct Shown {
    bar: ProgressBar,
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
        Ok(Self { bar, lines })
    }

    fn update(&self, job: &Value, last: &mut String) {
        let state = view::state_of(job);
        let progress = view::progress_of(job).filter(|_| state == "running");
        let (fraction, stage, message) =
            progress.map_or((0.0, "", ""), |progress| (progress.fraction, progress.stage, progress.message));
        // Rounded down, so that 100 % means done.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
        self.bar.set_position((fraction.clamp(0.0, 1.0) * 1_000.0) as u64);
        self.bar.set_message(format!("{state} {stage} {message}").trim().to_owned());
        let line = format!("{state} {stage}");
        if self.lines && *last != line {
            out::note(format!("{:>3.0} % {}", fraction * 100.0, line.trim()));
            *last = line;
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
