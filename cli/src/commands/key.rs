//! `esteira key`: how does an operator give a tenant keys, and take them back; and old operators' keys, too?

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::client::{Target, percent};
use crate::{out, table};

/// The keys of operators.
const OPERATORS: &str = "/v1/operator-keys";

/// Make, list and revoke the keys of a tenant; list and revoke those of operators.
#[derive(Debug, Args)]
pub struct Key {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a key; it is shown this once
    Create {
        /// The tenant
        slug: String,
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it may do: jobs:read, jobs:write, schedules:write, webhooks:write, tenant:admin; may be repeated
        #[arg(long = "scope", value_name = "SCOPE", default_values = ["jobs:read", "jobs:write"])]
        scopes: Vec<String>,
        /// When it ends by itself, as 2027-01-31T00:00:00Z
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
    },
    /// List a tenant's keys, or the operators'
    List {
        /// The tenant
        #[arg(required_unless_present = "operator", conflicts_with = "operator")]
        slug: Option<String>,
        /// The keys of operators, which `esteira migrate` makes
        #[arg(long)]
        operator: bool,
    },
    /// Revoke a key of a tenant, or of an operator, at once
    Revoke {
        /// The tenant
        #[arg(required_unless_present = "operator", conflicts_with = "operator")]
        slug: Option<String>,
        /// The key's id
        #[arg(required_unless_present = "operator", conflicts_with = "operator")]
        id: Option<String>,
        /// The id of an operator's key
        #[arg(long, value_name = "ID")]
        operator: Option<String>,
    },
}

impl Key {
    /// Does it through the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_operator()?;
        let path = |slug: &str| format!("/v1/tenants/{}/keys", percent(slug));
        match &self.verb {
            Verb::Create { slug, name, scopes, expires_at } => {
                let mut body = json!({"name": name, "scopes": scopes});
                if let (Some(time), Some(body)) = (expires_at, body.as_object_mut()) {
                    body.insert("expires_at".to_owned(), json!(time));
                }
                let key = client.post(&path(slug), &[], &body)?;
                if self.target.json {
                    out::json(&key);
                } else {
                    out::note("the key, shown this once:");
                    out::line(key.get("key").and_then(Value::as_str).unwrap_or_default());
                }
            }
            Verb::List { slug, .. } => {
                let keys = match slug {
                    Some(slug) => client.all(&path(slug), &[])?,
                    None => client.all(OPERATORS, &[])?,
                };
                if self.target.json {
                    out::json(&json!(keys));
                } else {
                    list(&keys, slug.is_some());
                }
            }
            Verb::Revoke { slug, id, operator } => {
                let (keys, id) = match (slug, id, operator) {
                    (Some(slug), Some(id), _) => (path(slug), id),
                    (_, _, Some(id)) => (OPERATORS.to_owned(), id),
                    _ => anyhow::bail!("name a tenant and a key, or --operator and a key"),
                };
                client.delete(&format!("{keys}/{}", percent(id)), &[])?;
                out::note(format!("key {id} is revoked"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list(keys: &[Value], with_scopes: bool) {
    let columns = [
        ("ID", "id"),
        ("NAME", "name"),
        ("SCOPES", "scopes"),
        ("CREATED", "created_at"),
        ("EXPIRES", "expires_at"),
        ("REVOKED", "revoked_at"),
    ];
    let columns = columns.into_iter().filter(|(_, field)| with_scopes || *field != "scopes");
    let (heading, fields): (Vec<_>, Vec<_>) = columns.unzip();
    let rows: Vec<_> = keys.iter().map(|key| table::cells(key, &fields)).collect();
    table::print(&heading, &rows);
}
