//! `esteira schedule`: how does a tenant have jobs submitted at the times of a cron text?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::job::{parse_pair, read_text};
use crate::client::{Target, percent};
use crate::{out, table};

/// The schedules of a tenant.
const SCHEDULES: &str = "/v1/schedules";

/// Make, list, change, pause and remove schedules; run one now, and see what became of its due times.
#[derive(Debug, Args)]
pub struct Schedule {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a schedule
    Create {
        /// When it is due: five fields as in crontab(5), six with seconds first, or @daily and its like
        #[arg(long)]
        cron: String,
        /// What to call it
        #[arg(long)]
        name: String,
        /// The kind of its jobs, as video.generate
        #[arg(long)]
        kind: String,
        /// A file with their input as JSON; - for standard input
        #[arg(long, value_name = "FILE|-")]
        input: PathBuf,
        #[command(flatten)]
        fields: Fields,
        /// Not due before `esteira schedule resume`
        #[arg(long)]
        paused: bool,
    },
    /// List schedules, with when each is due next
    List,
    /// Show a schedule, with its next five due times
    Show {
        /// The schedule's id
        id: String,
    },
    /// Change a schedule
    Update {
        /// The schedule's id
        id: String,
        /// When it is due from now on
        #[arg(long)]
        cron: Option<String>,
        /// What to call it
        #[arg(long)]
        name: Option<String>,
        /// The kind of its jobs
        #[arg(long)]
        kind: Option<String>,
        /// A file with their input as JSON; - for standard input
        #[arg(long, value_name = "FILE|-")]
        input: Option<PathBuf>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Let it be due no more until it is resumed
    Pause {
        /// The schedule's id
        id: String,
    },
    /// Let it be due again, from now on
    Resume {
        /// The schedule's id
        id: String,
    },
    /// Submit its job now, besides its due times
    Run {
        /// The schedule's id
        id: String,
    },
    /// List what became of its due times, newest first, and why one was skipped
    Runs {
        /// The schedule's id
        id: String,
        /// Only those that are fired, waiting or skipped
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
    },
    /// Remove a schedule; its jobs stay
    Delete {
        /// The schedule's id
        id: String,
    },
}

/// What `create` and `update` share.
#[derive(Debug, Args)]
struct Fields {
    /// The IANA name of the zone in which the fields are meant, as America/Sao_Paulo [default: UTC]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// While the run before is not over: skip, queue or replace [default: skip]
    #[arg(long, value_name = "WORD")]
    overlap: Option<String>,
    /// After an outage: none, latest or all [default: latest]
    #[arg(long, value_name = "WORD")]
    catch_up: Option<String>,
    /// Run it up to so many seconds later, always by the same delay
    #[arg(long, value_name = "SECONDS")]
    jitter_seconds: Option<u32>,
    /// −100 to 100; higher first, among this tenant's jobs
    #[arg(long, allow_hyphen_values = true)]
    priority: Option<i16>,
    /// How often a job is tried
    #[arg(long, value_name = "N")]
    max_attempts: Option<u16>,
    /// How long one attempt may take
    #[arg(long, value_name = "SECONDS")]
    timeout_seconds: Option<u32>,
    /// Something to find its jobs by later; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    metadata: Vec<(String, String)>,
}

impl Fields {
    fn as_json(&self) -> Map<String, Value> {
        let metadata: Map<String, Value> =
            self.metadata.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        let fields = [
            ("timezone", self.timezone.as_ref().map(|text| json!(text))),
            ("overlap", self.overlap.as_ref().map(|text| json!(text))),
            ("catch_up", self.catch_up.as_ref().map(|text| json!(text))),
            ("jitter_seconds", self.jitter_seconds.map(Value::from)),
            ("priority", self.priority.map(Value::from)),
            ("max_attempts", self.max_attempts.map(Value::from)),
            ("timeout_seconds", self.timeout_seconds.map(Value::from)),
            ("metadata", (!metadata.is_empty()).then_some(Value::Object(metadata))),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

impl Schedule {
    /// Does it through the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_tenant()?;
        let path = |id: &str| format!("{SCHEDULES}/{}", percent(id));
        match &self.verb {
            Verb::Create { cron, name, kind, input, fields, paused } => {
                let mut body = fields.as_json();
                for (field, text) in [("cron", cron), ("name", name), ("kind", kind)] {
                    body.insert(field.to_owned(), json!(text));
                }
                body.insert("input".to_owned(), input_of(input)?);
                body.insert("enabled".to_owned(), json!(!paused));
                self.show(&client.post(SCHEDULES, &[], &body.into())?);
            }
            Verb::List => {
                let columns = ["id", "name", "cron", "timezone", "kind", "enabled"];
                self.list(&client.all(SCHEDULES, &[])?, &columns, Some(next_run));
            }
            Verb::Show { id } => self.show(&client.get(&path(id), &[])?),
            Verb::Update { id, cron, name, kind, input, fields } => {
                let mut body = fields.as_json();
                for (field, text) in [("cron", cron), ("name", name), ("kind", kind)] {
                    body.extend(text.as_ref().map(|text| (field.to_owned(), json!(text))));
                }
                if let Some(input) = input {
                    body.insert("input".to_owned(), input_of(input)?);
                }
                self.show(&client.patch(&path(id), &body.into())?);
            }
            Verb::Pause { id } => self.show(&client.patch(&path(id), &json!({"enabled": false}))?),
            Verb::Resume { id } => self.show(&client.patch(&path(id), &json!({"enabled": true}))?),
            Verb::Run { id } => self.show(&client.post_nothing(&format!("{}/run", path(id)))?),
            Verb::Runs { id, state } => {
                let query: Vec<_> = state.iter().map(|state| ("state", state.clone())).collect();
                let columns = ["due_at", "state", "reason", "job_id", "decided_at", "by_hand", "message"];
                self.list(&client.all(&format!("{}/runs", path(id)), &query)?, &columns, None);
            }
            Verb::Delete { id } => {
                client.delete(&path(id), &[])?;
                out::note(format!("schedule {id} is removed"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn show(&self, answer: &Value) {
        if self.target.json {
            out::json(answer);
        } else {
            table::record(answer);
        }
    }

    fn list(&self, items: &[Value], columns: &[&str], last: Option<fn(&Value) -> String>) {
        if self.target.json {
            out::json(&json!(items));
            return;
        }
        let heading: Vec<String> = columns.iter().map(|name| name.to_uppercase()).collect();
        let mut heading: Vec<&str> = heading.iter().map(String::as_str).collect();
        heading.extend(last.map(|_| "NEXT"));
        let row = |item: &Value| {
            let mut cells = table::cells(item, columns);
            cells.extend(last.map(|last| last(item)));
            cells
        };
        table::print(&heading, &items.iter().map(row).collect::<Vec<_>>());
    }
}

fn input_of(path: &Path) -> Result<Value> {
    let text = read_text(path)?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

/// When a schedule is due next.
fn next_run(schedule: &Value) -> String {
    let next = schedule.pointer("/next_runs/0").and_then(Value::as_str);
    next.unwrap_or("-").to_owned()
}
