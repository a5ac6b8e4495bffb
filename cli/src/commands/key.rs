//! `esteira key`: how does an operator give a tenant keys, and take them back?

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::client::{Target, percent};
use crate::{out, table};

/// Make, list and revoke the keys of a tenant.
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
    /// List a tenant's keys
    List {
        /// The tenant
        slug: String,
    },
    /// Revoke a key at once
    Revoke {
        /// The tenant
        slug: String,
        /// The key's id
        id: String,
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
            Verb::List { slug } => {
                let keys = client.all(&path(slug), &[])?;
                if self.target.json {
                    out::json(&json!(keys));
                } else {
                    let columns = ["id", "name", "scopes", "created_at", "expires_at", "revoked_at"];
                    let rows: Vec<_> = keys.iter().map(|key| table::cells(key, &columns)).collect();
                    table::print(&["ID", "NAME", "SCOPES", "CREATED", "EXPIRES", "REVOKED"], &rows);
                }
            }
            Verb::Revoke { slug, id } => {
                client.delete(&format!("{}/{}", path(slug), percent(id)), &[])?;
                out::note(format!("key {id} is revoked"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
