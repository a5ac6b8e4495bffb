//! `esteira tenant`: how does an operator look after tenants? Through the API, but for archives.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::archive;
use super::options::SettingsOptions;
use crate::client::{Target, percent};
use crate::{out, table};

/// Make, list, show, suspend, resume, export, import and delete tenants.
#[derive(Debug, Args)]
pub struct Tenant {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a tenant
    Create {
        /// Its name: a letter a–z, then letters, digits and _, 2 to 40 in all
        slug: String,
        #[command(flatten)]
        limits: Limits,
    },
    /// List tenants
    List,
    /// Show a tenant
    Show {
        /// Its name
        slug: String,
    },
    /// Change a tenant's limits
    Limit {
        /// Its name
        slug: String,
        #[command(flatten)]
        limits: Limits,
    },
    /// Keep a tenant from submitting; its queued jobs wait
    Suspend {
        /// Its name
        slug: String,
    },
    /// Let a suspended tenant work again
    Resume {
        /// Its name
        slug: String,
    },
    /// Let a Postgres role submit by SQL for a tenant
    GrantSubmit {
        /// The tenant's name, or '*' for every tenant
        slug: String,
        /// The role
        role: String,
    },
    /// Take a role's right to submit by SQL back
    RevokeSubmit {
        /// The tenant's name, or '*' for the right to submit for every tenant
        slug: String,
        /// The role
        role: String,
    },
    /// Write a tenant into one archive: settings, finished jobs and files, no keys. It needs the database and the bucket
    /// themselves, as `esteira migrate` does
    Export {
        /// Its name
        slug: String,
        /// The archive, a new file
        #[arg(value_name = "FILE")]
        archive: PathBuf,
        #[command(flatten)]
        settings: SettingsOptions,
    },
    /// Make a tenant of an archive, suspended and without keys. It needs the database and the bucket themselves
    Import {
        /// The archive
        #[arg(value_name = "FILE")]
        archive: PathBuf,
        /// The new tenant's name
        #[arg(long)]
        slug: String,
        #[command(flatten)]
        settings: SettingsOptions,
    },
    /// Delete a tenant with its jobs, files and keys; nothing brings them back
    Delete {
        /// Its name
        slug: String,
        /// Its name once more
        #[arg(long, value_name = "SLUG")]
        confirm: String,
    },
}

/// What a tenant may use; what is not named has no limit, or stays as it is.
#[derive(Debug, Args)]
struct Limits {
    /// Its share of contended workers, relative to others (1 is usual)
    #[arg(long)]
    weight: Option<f64>,
    /// Jobs that run at once, or `none` for no limit
    #[arg(long, value_name = "NUMBER", value_parser = parse_limit)]
    max_running: Option<Value>,
    /// Jobs that wait, or `none` for no limit
    #[arg(long, value_name = "NUMBER", value_parser = parse_limit)]
    max_queued: Option<Value>,
    /// Bytes of uploads and artifacts, or `none` for no limit
    #[arg(long, value_name = "NUMBER", value_parser = parse_limit)]
    max_storage_bytes: Option<Value>,
    /// Requests a minute, or `none` for no limit
    #[arg(long, value_name = "NUMBER", value_parser = parse_limit)]
    requests_per_minute: Option<Value>,
    /// A kind that it may submit; may be repeated
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// Days that finished jobs are kept with their artifacts, or `forever`, or `default` for the server's setting
    #[arg(long, value_name = "DAYS", value_parser = parse_retention)]
    retention_days: Option<Value>,
    /// Days that uploads are kept, or `forever`, or `default` for the server's setting
    #[arg(long, value_name = "DAYS", value_parser = parse_retention)]
    upload_retention_days: Option<Value>,
}

/// As the API takes it; 0 is a limit too.
fn parse_limit(text: &str) -> Result<Value, &'static str> {
    match text {
        "none" => Ok(Value::Null),
        _ => text.parse::<u64>().map(Value::from).map_err(|_| "a number, or `none` for no limit"),
    }
}

/// As the API takes it; which numbers can be is the server's to say.
fn parse_retention(text: &str) -> Result<Value, &'static str> {
    match text {
        "default" => Ok(Value::Null),
        "forever" => Ok(json!(text)),
        _ => text.parse::<u32>().map(Value::from).map_err(|_| "a number of days, `forever` or `default`"),
    }
}

impl Limits {
    fn as_json(&self) -> Value {
        let mut limits = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                limits.insert(name.to_owned(), value);
            }
        };
        put("weight", self.weight.map(Value::from));
        put("max_running", self.max_running.clone());
        put("max_queued", self.max_queued.clone());
        put("max_storage_bytes", self.max_storage_bytes.clone());
        put("requests_per_minute", self.requests_per_minute.clone());
        put("retention_days", self.retention_days.clone());
        put("upload_retention_days", self.upload_retention_days.clone());
        put("kinds", (!self.kinds.is_empty()).then(|| json!(self.kinds)));
        Value::Object(limits)
    }
}

impl Tenant {
    /// Does it through the API.
    pub fn run(self) -> Result<ExitCode> {
        match &self.verb {
            Verb::Export { slug, archive, settings } => return archive::export(settings, slug, archive),
            Verb::Import { archive, slug, settings } => return archive::import(settings, archive, slug),
            _ => {}
        }
        let client = self.target.as_operator()?;
        let path = |slug: &str| format!("/v1/tenants/{}", percent(slug));
        let answer = match &self.verb {
            Verb::Create { slug, limits } => {
                client.post("/v1/tenants", &[], &json!({"slug": slug, "limits": limits.as_json()}))?
            }
            // They need no API, and are done above.
            Verb::Export { .. } | Verb::Import { .. } => return Ok(ExitCode::SUCCESS),
            Verb::List => {
                let tenants = client.all("/v1/tenants", &[])?;
                return Ok(list(&tenants, self.target.json));
            }
            Verb::Show { slug } => client.get(&path(slug), &[])?,
            Verb::Limit { slug, limits } => {
                client.patch(&path(slug), &json!({"limits": limits.as_json()}))?
            }
            Verb::Suspend { slug } => client.patch(&path(slug), &json!({"state": "suspended"}))?,
            Verb::Resume { slug } => client.patch(&path(slug), &json!({"state": "active"}))?,
            Verb::GrantSubmit { slug, role } => {
                client.put(&submitter(slug, role))?;
                out::note(format!("role {role} may submit by SQL for {}", whom(slug)));
                return Ok(ExitCode::SUCCESS);
            }
            Verb::RevokeSubmit { slug, role } => {
                client.delete(&submitter(slug, role), &[])?;
                out::note(format!("role {role} may no longer submit by SQL for {}", whom(slug)));
                return Ok(ExitCode::SUCCESS);
            }
            Verb::Delete { slug, confirm } => {
                client.delete(&path(slug), &[("confirm", confirm.clone())])?;
                out::note(format!("tenant {slug} is deleted"));
                return Ok(ExitCode::SUCCESS);
            }
        };
        if self.target.json {
            out::json(&answer);
        } else {
            table::record(&answer);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn submitter(slug: &str, role: &str) -> String {
    format!("/v1/tenants/{}/submitters/{}", percent(slug), percent(role))
}

fn whom(slug: &str) -> &str {
    if slug == "*" { "every tenant" } else { slug }
}

fn list(tenants: &[Value], as_json: bool) -> ExitCode {
    if as_json {
        out::json(&json!(tenants));
    } else {
        let rows: Vec<_> =
            tenants.iter().map(|t| table::cells(t, &["slug", "state", "created_at"])).collect();
        table::print(&["SLUG", "STATE", "CREATED"], &rows);
    }
    ExitCode::SUCCESS
}
