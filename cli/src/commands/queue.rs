//! `esteira queue`: how does an operator see what waits, and hold it back?

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::client::Target;
use crate::{out, table};

/// See how each kind stands; pause and resume.
#[derive(Debug, Args)]
pub struct Queue {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what waits and runs, by kind, and what is paused
    Stats {
        /// Only this tenant's jobs
        #[arg(long, value_name = "SLUG")]
        tenant: Option<String>,
    },
    /// Show what waits and runs of one's own jobs, by kind; with the key of a tenant
    Mine,
    /// Let no more jobs begin: of a tenant, of a kind, of both, or (without options) at all
    Pause(Which),
    /// Take a pause away; name the same tenant and kind as when it was made
    Resume(Which),
}

/// Which jobs are meant.
#[derive(Debug, Args)]
struct Which {
    /// The jobs of this tenant
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// The jobs of this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
}

impl Which {
    fn as_json(&self) -> Value {
        let mut body = Map::new();
        for (name, value) in [("tenant", &self.tenant), ("kind", &self.kind)] {
            if let Some(value) = value {
                body.insert(name.to_owned(), json!(value));
            }
        }
        Value::Object(body)
    }
}

impl Queue {
    /// Does it through the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = match &self.verb {
            Verb::Mine => self.target.as_tenant()?,
            _ => self.target.as_operator()?,
        };
        let (answer, show): (Value, fn(&Value)) = match &self.verb {
            Verb::Mine => (client.get("/v1/queue", &[])?, show_stats),
            Verb::Stats { tenant } => {
                let query: Vec<_> = tenant.iter().map(|slug| ("tenant", slug.clone())).collect();
                (client.get("/v1/queues", &query)?, show_stats)
            }
            Verb::Pause(which) => (client.post("/v1/queues/pause", &[], &which.as_json())?, show_pause),
            Verb::Resume(which) => {
                let answer = client.post("/v1/queues/resume", &[], &which.as_json())?;
                (answer, show_resumed)
            }
        };
        if self.target.json {
            out::json(&answer);
        } else {
            show(&answer);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show_stats(stats: &Value) {
    let row = |item: &Value| {
        let mut cells = table::cells(item, &["kind", "blocked", "scheduled", "queued", "running", "slots"]);
        cells.extend(["oldest_ready_seconds", "oldest_running_seconds"].map(|field| table::age(item, field)));
        let paused = item.get("paused").and_then(Value::as_bool) == Some(true);
        cells.push(if paused { "paused" } else { "" }.to_owned());
        cells
    };
    let rows: Vec<_> = items(stats, "items").map(row).collect();
    let heading =
        ["KIND", "BLOCKED", "SCHEDULED", "QUEUED", "RUNNING", "SLOTS", "OLDEST QUEUED", "OLDEST RUNNING", ""];
    table::print(&heading, &rows);
    items(stats, "pauses").for_each(show_pause);
}

fn show_pause(pause: &Value) {
    out::line(format_args!(
        "paused: {}, since {}",
        target_of(pause),
        text(pause, "paused_at").unwrap_or("-")
    ));
}

fn show_resumed(answer: &Value) {
    let resumed = answer.get("resumed").and_then(Value::as_bool) == Some(true);
    out::line(if resumed { "resumed" } else { "there was no such pause" });
    for pause in items(answer, "still_paused_by") {
        out::line(format_args!(
            "still paused: {}, since {}",
            target_of(pause),
            text(pause, "paused_at").unwrap_or("-")
        ));
    }
}

/// What a pause keeps back, in words.
fn target_of(pause: &Value) -> String {
    match (text(pause, "tenant"), text(pause, "kind")) {
        (Some(tenant), Some(kind)) => format!("{kind} of tenant {tenant}"),
        (Some(tenant), None) => format!("tenant {tenant}"),
        (None, Some(kind)) => kind.to_owned(),
        (None, None) => "everything".to_owned(),
    }
}

fn text<'v>(object: &'v Value, field: &str) -> Option<&'v str> {
    object.get(field).and_then(Value::as_str)
}

fn items<'v>(object: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    object.get(field).and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_not_sent() {
        let which = Which { tenant: None, kind: Some("a.b".to_owned()) };
        assert_eq!(which.as_json(), json!({"kind": "a.b"}));
        assert_eq!(Which { tenant: None, kind: None }.as_json(), json!({}));
    }

    #[test]
    fn a_pause_is_named_by_what_it_keeps_back() {
        let named = |tenant: Value, kind: Value| target_of(&json!({"tenant": tenant, "kind": kind}));
        assert_eq!(named(json!("acme"), json!("a.b")), "a.b of tenant acme");
        assert_eq!(named(json!("acme"), Value::Null), "tenant acme");
        assert_eq!(named(Value::Null, json!("a.b")), "a.b");
        assert_eq!(named(Value::Null, Value::Null), "everything");
    }
}
