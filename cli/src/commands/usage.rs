//! `esteira usage`: what did a tenant use?

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::client::{Target, percent};
use crate::{out, table};

/// The columns of a day and a kind.
const COLUMNS: [(&str, &str); 9] = [
    ("DAY", "day"),
    ("KIND", "kind"),
    ("SUCCEEDED", "succeeded"),
    ("FAILED", "failed"),
    ("CANCELLED", "cancelled"),
    ("ATTEMPTS", "attempts"),
    ("CPU SECONDS", "cpu_seconds"),
    ("BYTES STORED", "bytes_stored"),
    ("BYTES MOVED", "bytes_moved"),
];

/// See what a tenant used, by day (UTC) and kind, and what it keeps.
#[derive(Debug, Args)]
pub struct Usage {
    /// Whose, asked with the operator's key [default: one's own, with the tenant's key]
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// The first day, as 2026-11-01 [default: 29 days before the last]
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// The last day, as 2026-11-30 [default: today]
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Usage {
    /// Reads it from the API.
    pub fn run(self) -> Result<ExitCode> {
        let days = [("from", &self.from), ("to", &self.to)];
        let query: Vec<_> = days.into_iter().filter_map(|(name, day)| Some((name, day.clone()?))).collect();
        let usage = match &self.tenant {
            None => self.target.as_tenant()?.get("/v1/usage", &query)?,
            Some(slug) => {
                let path = format!("/v1/tenants/{}/usage", percent(slug));
                self.target.as_operator()?.get(&path, &query)?
            }
        };
        if self.target.json {
            out::json(&usage);
        } else {
            show(&usage);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(usage: &Value) {
    let (heading, fields): (Vec<_>, Vec<_>) = COLUMNS.into_iter().unzip();
    let items = usage.get("items").and_then(Value::as_array).into_iter().flatten();
    let mut rows: Vec<_> = items.map(|item| table::cells(item, &fields)).collect();
    if let Some(totals) = usage.get("totals") {
        let mut row = table::cells(totals, &fields);
        if let Some(first) = row.first_mut() {
            "all".clone_into(first);
        }
        rows.push(row);
    }
    table::print(&heading, &rows);
    let kept = usage.pointer("/storage/bytes").and_then(Value::as_u64).unwrap_or_default();
    out::line(format_args!("kept now: {}", table::bytes(kept)));
}
