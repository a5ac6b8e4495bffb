//! `esteira webhook`: how does a tenant have itself told when jobs end?

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::client::{Target, percent};
use crate::{out, table};

/// The webhooks of a tenant.
const WEBHOOKS: &str = "/v1/webhooks";

/// Make, list, change and remove webhooks; see what they were told, and tell them again.
#[derive(Debug, Args)]
pub struct Webhook {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a webhook; its secret is shown this once
    Create {
        /// Where to tell: https://…, or mailto: and an address
        #[arg(value_name = "URL")]
        address: String,
        #[command(flatten)]
        fields: Fields,
        /// The secret that messages are signed with, whsec_ and base64; without it, a fresh one
        #[arg(long, value_name = "SECRET")]
        secret: Option<String>,
    },
    /// List webhooks
    List,
    /// Show a webhook, and how it fares
    Show {
        /// The webhook's id
        id: String,
    },
    /// Change a webhook, enable or disable it, or give it a new secret
    Update {
        /// The webhook's id
        id: String,
        /// Where to tell from now on
        #[arg(long = "to", value_name = "URL")]
        address: Option<String>,
        #[command(flatten)]
        fields: Fields,
        /// Tell it again, without its failures
        #[arg(long, conflicts_with = "disable")]
        enable: bool,
        /// Tell it nothing until it is enabled
        #[arg(long)]
        disable: bool,
        /// Draw a new secret, which is shown this once
        #[arg(long)]
        rotate_secret: bool,
        /// For how long messages are signed with the old secret as well, in seconds
        #[arg(long, value_name = "SECONDS", requires = "rotate_secret")]
        keep_old: Option<u64>,
    },
    /// Remove a webhook
    Delete {
        /// The webhook's id
        id: String,
    },
    /// List what a webhook was told, newest first
    Deliveries {
        /// The webhook's id
        id: String,
        /// Only those that are pending, delivered or failed
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
    },
    /// Show one delivery, with what is sent and what was answered
    Delivery {
        /// The webhook's id
        id: String,
        /// The delivery's id
        delivery: String,
    },
    /// Send a message once more
    Redeliver {
        /// The webhook's id
        id: String,
        /// The delivery's id
        delivery: String,
    },
    /// Send a message of no meaning, to see whether it arrives
    Test {
        /// The webhook's id
        id: String,
    },
}

/// What `create` and `update` share.
#[derive(Debug, Args)]
struct Fields {
    /// What to tell: job.succeeded, job.failed, job.cancelled, batch.finished; may be repeated
    #[arg(long = "event", value_name = "EVENT")]
    events: Vec<String>,
    /// Of which kinds of jobs; may be repeated [default: every kind]
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// Some words for people
    #[arg(long)]
    description: Option<String>,
}

impl Fields {
    fn as_json(&self) -> Map<String, Value> {
        let events = (!self.events.is_empty()).then(|| json!(self.events));
        let kinds = (!self.kinds.is_empty()).then(|| json!(self.kinds));
        let description = self.description.as_ref().map(|text| json!(text));
        let fields = [("events", events), ("kinds", kinds), ("description", description)];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

impl Webhook {
    /// Does it through the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_tenant()?;
        let path = |id: &str| format!("{WEBHOOKS}/{}", percent(id));
        let nothing = json!({});
        match &self.verb {
            Verb::Create { address, fields, secret } => {
                let mut body = fields.as_json();
                body.insert("url".to_owned(), json!(address));
                if let Some(secret) = secret {
                    body.insert("secret".to_owned(), json!(secret));
                }
                self.show(&client.post(WEBHOOKS, &[], &body.into())?);
            }
            Verb::List => {
                let columns = [
                    ("ID", "id"),
                    ("URL", "url"),
                    ("EVENTS", "events"),
                    ("ENABLED", "enabled"),
                    ("FAILURES", "consecutive_failures"),
                ];
                self.list(&client.all(WEBHOOKS, &[])?, columns);
            }
            Verb::Update { id, address, fields, enable, disable, rotate_secret, keep_old } => {
                let mut body = fields.as_json();
                if let Some(address) = address {
                    body.insert("url".to_owned(), json!(address));
                }
                if *enable || *disable {
                    body.insert("enabled".to_owned(), json!(enable));
                }
                if *rotate_secret {
                    let keep =
                        keep_old.map_or_else(|| nothing.clone(), |keep| json!({"keep_old_seconds": keep}));
                    body.insert("rotate_secret".to_owned(), keep);
                }
                self.show(&client.patch(&path(id), &body.into())?);
            }
            Verb::Delete { id } => {
                client.delete(&path(id), &[])?;
                out::note(format!("webhook {id} is removed"));
            }
            Verb::Deliveries { id, state } => {
                let query: Vec<_> = state.iter().map(|state| ("state", state.clone())).collect();
                let columns = [
                    ("ID", "id"),
                    ("EVENT", "event"),
                    ("STATE", "state"),
                    ("ATTEMPTS", "attempt"),
                    ("NEXT", "next_attempt_at"),
                ];
                self.list(&client.all(&format!("{}/deliveries", path(id)), &query)?, columns);
            }
            Verb::Show { id } => self.show(&client.get(&path(id), &[])?),
            Verb::Delivery { id, delivery } => {
                self.show(&client.get(&format!("{}/deliveries/{}", path(id), percent(delivery)), &[])?);
            }
            Verb::Redeliver { id, delivery } => {
                let path = format!("{}/deliveries/{}/redeliver", path(id), percent(delivery));
                self.show(&client.post_nothing(&path)?);
            }
            Verb::Test { id } => self.show(&client.post_nothing(&format!("{}/test", path(id)))?),
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

    fn list<const N: usize>(&self, items: &[Value], columns: [(&str, &str); N]) {
        if self.target.json {
            out::json(&json!(items));
            return;
        }
        let (heading, fields): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let rows: Vec<_> = items.iter().map(|item| table::cells(item, &fields)).collect();
        table::print(&heading, &rows);
    }
}
