//! How is a job shown to a person?

use serde_json::Value;

use crate::{out, table};

/// A job with everything that a person wants to know about it.
pub fn show(job: &Value, as_json: bool) {
    if as_json {
        out::json(job);
        return;
    }
    let fields = [
        ("id", "id"),
        ("kind", "kind"),
        ("state", "state"),
        ("attempt", "attempt"),
        ("created_at", "created_at"),
        ("run_at", "run_at"),
        ("started_at", "started_at"),
        ("finished_at", "finished_at"),
        ("cancel_asked", "cancel_requested_at"),
    ];
    for (name, field) in fields {
        if let Some(value) = job.get(field).filter(|value| !value.is_null()) {
            out::line(format_args!("{name:<12} {}", table::cell(value)));
        }
    }
    if let Some(waited) = waited_of(job) {
        out::line(format_args!("{:<12} {waited}", "waited"));
    }
    for (key, value) in job.get("metadata").and_then(Value::as_object).into_iter().flatten() {
        out::line(format_args!("{:<12} {key}={}", "metadata", table::cell(value)));
    }
    if let Some(progress) = progress_of(job) {
        out::line(format_args!(
            "{:<12} {:.0} % {} {}",
            "progress",
            progress.fraction * 100.0,
            progress.stage,
            progress.message
        ));
    }
    if let Some(error) = error_of(job) {
        out::line(format_args!("{:<12} {error}", "error"));
    }
    for artifact in artifacts_of(job) {
        out::line(format_args!("{:<12} {artifact}", "artifact"));
    }
}

/// A job as a row of a list.
pub fn row(job: &Value) -> Vec<String> {
    let percent = progress_of(job).map(|p| format!("{:.0} % {}", p.fraction * 100.0, p.stage));
    let mut cells = table::cells(job, &["id", "kind", "state"]);
    cells.push(percent.unwrap_or_default());
    cells.extend(table::cells(job, &["created_at"]));
    cells
}

/// How far a job is.
pub struct Progress<'a> {
    /// Between 0 and 1.
    pub fraction: f64,
    /// The part of the work.
    pub stage: &'a str,
    /// Some words.
    pub message: &'a str,
}

/// The progress of a job that has any.
pub fn progress_of(job: &Value) -> Option<Progress<'_>> {
    let progress = job.get("progress")?;
    let text = |name: &str| progress.get(name).and_then(Value::as_str).unwrap_or_default();
    Some(Progress {
        fraction: progress.get("fraction")?.as_f64()?,
        stage: text("stage"),
        message: text("message"),
    })
}

/// How long the last attempt of a job waited, and for what; nothing before it has begun.
fn waited_of(job: &Value) -> Option<String> {
    let waited = job.get("waited_ms")?;
    let [own_work, slot] = ["own_work", "slot"].map(|name| waited.get(name).and_then(Value::as_u64));
    Some(format!("{} behind own work, {} for a slot", table::millis(own_work?), table::millis(slot?)))
}

/// Why a job failed.
pub fn error_of(job: &Value) -> Option<String> {
    let error = job.get("error")?;
    Some(format!("{}: {}", error.get("code")?.as_str()?, error.get("message")?.as_str()?))
}

/// What a job made, a line each.
pub fn artifacts_of(job: &Value) -> Vec<String> {
    let artifacts = job.get("artifacts").and_then(Value::as_array);
    let line = |artifact: &Value| {
        let name = artifact.get("name")?.as_str()?;
        Some(format!("{name} ({})", table::bytes(artifact.get("bytes")?.as_u64()?)))
    };
    artifacts.into_iter().flatten().filter_map(line).collect()
}

/// The state of a job.
pub fn state_of(job: &Value) -> &str {
    job.get("state").and_then(Value::as_str).unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::waited_of;
    use serde_json::json;

    #[test]
    fn what_a_job_waited_for_is_told_once_it_has_begun() {
        let job = json!({"waited_ms": {"own_work": 125_000, "slot": 840}});
        assert_eq!(waited_of(&job).unwrap(), "2 min 5 s behind own work, 0.84 s for a slot");
        assert_eq!(waited_of(&json!({"waited_ms": null})), None);
    }
}
