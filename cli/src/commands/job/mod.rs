//! `esteira job`: how is work handed in and followed?

mod patience;
mod submit;
mod view;
mod watch;
mod why;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::client::{Client, Target, percent};
use crate::{out, table};
use patience::Patience;
use submit::Submit;
pub use submit::{parse_pair, read_text};

/// Submit jobs and follow them.
#[derive(Debug, Args)]
pub struct Job {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Submit a job and print its id
    Submit(Submit),
    /// Show a job
    Get {
        /// The job's id
        id: String,
    },
    /// List jobs, newest first
    List(List),
    /// Say what a job waits for
    Why {
        /// The job's id
        id: String,
    },
    /// Cancel a job
    Cancel {
        /// The job's id
        id: String,
    },
    /// Queue a failed or cancelled job again; it runs at once, whatever its `run_at` was
    Retry {
        /// The job's id
        id: String,
    },
    /// Follow a job until it is final
    Watch {
        /// The job's id
        id: String,
        #[command(flatten)]
        patience: Patience,
    },
}

/// Which jobs are listed.
#[derive(Debug, Args)]
struct List {
    /// Only jobs in this state
    #[arg(long)]
    state: Option<String>,
    /// Only jobs of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Only jobs with this in their metadata; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    metadata: Vec<(String, String)>,
    /// How many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
    limit: u16,
    /// Where to go on: what the list before said of more
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

impl Job {
    /// Does it through the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_tenant()?;
        let as_json = self.target.json;
        match &self.verb {
            Verb::Submit(submit) => submit.run(&client, as_json),
            Verb::Get { id } => {
                let job = client.get(&path(id, ""), &[])?;
                view::show(&job, as_json);
                Ok(ExitCode::SUCCESS)
            }
            Verb::List(list) => list.run(&client, as_json),
            Verb::Why { id } => why::why(&client, id, as_json),
            Verb::Cancel { id } => change(&client, id, "/cancel", as_json),
            Verb::Retry { id } => change(&client, id, "/retry", as_json),
            Verb::Watch { id, patience } => watch::watch(&client, id, *patience, as_json),
        }
    }
}

impl List {
    fn run(&self, client: &Client, as_json: bool) -> Result<ExitCode> {
        let mut query = vec![("limit", self.limit.to_string())];
        query.extend(self.state.iter().map(|state| ("state", state.clone())));
        query.extend(self.kind.iter().map(|kind| ("kind", kind.clone())));
        query.extend(self.cursor.iter().map(|cursor| ("cursor", cursor.clone())));
        let metadata: Vec<_> =
            self.metadata.iter().map(|(key, value)| (format!("metadata.{}", percent(key)), value)).collect();
        query.extend(metadata.iter().map(|(name, value)| (name.as_str(), (*value).clone())));
        let page = client.get("/v1/jobs", &query)?;
        let jobs = page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        if as_json {
            out::json(&json!(jobs));
        } else {
            let rows: Vec<_> = jobs.iter().map(view::row).collect();
            table::print(&["ID", "KIND", "STATE", "PROGRESS", "CREATED"], &rows);
            if let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) {
                out::note(format!("there are more: --cursor {cursor}"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn path(id: &str, verb: &str) -> String {
    format!("/v1/jobs/{}{verb}", percent(id))
}

fn change(client: &Client, id: &str, verb: &str, as_json: bool) -> Result<ExitCode> {
    let job = client.post_nothing(&path(id, verb))?;
    view::show(&job, as_json);
    Ok(ExitCode::SUCCESS)
}
