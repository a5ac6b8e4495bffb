//! `esteira kind`: which kinds of work are there, and how is each told what to do?

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::client::{Target, percent};
use crate::{out, table};

/// Read the manual of a kind.
#[derive(Debug, Args)]
pub struct Kind {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the kinds
    List,
    /// Show a kind's manual, with an example and the schema of its input
    Show {
        /// Its name, as video.generate
        kind: String,
    },
}

impl Kind {
    /// Reads it from the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_tenant()?;
        match &self.verb {
            Verb::List => {
                let kinds = client.all("/v1/kinds", &[])?;
                if self.target.json {
                    out::json(&json!(kinds));
                } else {
                    let rows: Vec<_> =
                        kinds.iter().map(|kind| table::cells(kind, &["name", "title"])).collect();
                    table::print(&["KIND", "TITLE"], &rows);
                }
            }
            Verb::Show { kind } => {
                let manual = client.get(&format!("/v1/kinds/{}", percent(kind)), &[])?;
                if self.target.json {
                    out::json(&manual);
                } else {
                    print_manual(&manual);
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print_manual(manual: &Value) {
    let text = |name: &str| manual.get(name).and_then(Value::as_str).unwrap_or_default();
    out::line(format_args!("{}: {}\n\n{}", text("name"), text("title"), text("description")));
    for (heading, name) in [("Example input", "example"), ("Schema of the input", "input_schema")] {
        if let Some(value) = manual.get(name) {
            out::line(format_args!("\n{heading}\n{value:#}"));
        }
    }
}
