//! `esteira worker list|drain|resume`: how does an operator take workers out of service, and back?

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::client::{Target, percent};
use crate::{out, table};

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the workers of all machines
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Let a worker finish what it runs and claim no more; `list` shows it `drained` when nothing runs
    Drain {
        /// The worker's id
        id: String,
        #[command(flatten)]
        target: Target,
    },
    /// Let a drained worker claim again
    Resume {
        /// The worker's id
        id: String,
        #[command(flatten)]
        target: Target,
    },
}

impl Verb {
    /// Does it through the API.
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::List { target } => {
                let workers = target.as_operator()?.all("/v1/workers", &[])?;
                if target.json {
                    out::json(&json!(workers));
                } else {
                    print(&workers);
                }
            }
            Self::Drain { id, target } => change(&id, "drain", &target)?,
            Self::Resume { id, target } => change(&id, "resume", &target)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn change(id: &str, verb: &str, target: &Target) -> Result<()> {
    let path = format!("/v1/workers/{}/{verb}", percent(id));
    let worker = target.as_operator()?.post_nothing(&path)?;
    if target.json {
        out::json(&worker);
    } else {
        print(&[worker]);
    }
    Ok(())
}

fn print(workers: &[Value]) {
    let row = |worker: &Value| {
        let mut cells = table::cells(worker, &["id", "state", "running"]);
        cells.push(slots(worker));
        cells.extend(table::cells(worker, &["host", "pid", "version", "started_at"]));
        cells
    };
    let rows: Vec<_> = workers.iter().map(row).collect();
    table::print(&["ID", "STATE", "RUNNING", "SLOTS", "HOST", "PID", "VERSION", "STARTED"], &rows);
}

/// The slots as `--concurrency` takes them.
fn slots(worker: &Value) -> String {
    let slots = worker.get("slots").and_then(Value::as_object);
    let pairs: Vec<String> = slots.into_iter().flatten().map(|(kind, n)| format!("{kind}={n}")).collect();
    if pairs.is_empty() { "-".to_owned() } else { pairs.join(",") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_written_as_the_command_line_takes_them() {
        assert_eq!(slots(&json!({"slots": {"a.b": 2, "c.d": 1}})), "a.b=2,c.d=1");
        assert_eq!(slots(&json!({"slots": {}})), "-");
    }
}
