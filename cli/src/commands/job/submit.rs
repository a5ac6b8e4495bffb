//! `esteira job submit`: what is sent to the API?

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Map, Value, json};

use super::patience::Patience;
use super::watch::watch;
use crate::client::Client;
use crate::out;

/// A job to submit.
#[derive(Debug, Args)]
pub struct Submit {
    /// The kind of work, as video.generate
    #[arg(long)]
    kind: String,
    /// A file with the input as JSON; - for standard input
    #[arg(long, value_name = "FILE|-")]
    input: PathBuf,
    /// Follow the job until it is final
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    patience: Patience,
    /// Only check, and submit nothing
    #[arg(long, conflicts_with = "wait")]
    dry_run: bool,
    /// Sent twice with the same key, the job is submitted once
    #[arg(long, value_name = "KEY", conflicts_with = "dry_run")]
    idempotency_key: Option<String>,
    /// −100 to 100; higher first, among this tenant's jobs
    #[arg(long, allow_hyphen_values = true)]
    priority: Option<i16>,
    /// When it may run, as 2026-12-01T02:00:00Z
    #[arg(long, value_name = "TIME")]
    run_at: Option<String>,
    /// How often it is tried
    #[arg(long, value_name = "N")]
    max_attempts: Option<u16>,
    /// How long one attempt may take
    #[arg(long, value_name = "SECONDS")]
    timeout_seconds: Option<u32>,
    /// Something to find it by later; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_pair)]
    metadata: Vec<(String, String)>,
}

impl Submit {
    /// Submits, and follows the job if asked to.
    pub fn run(&self, client: &Client, as_json: bool) -> Result<ExitCode> {
        let body = self.body()?;
        if self.dry_run {
            let answer = client.post("/v1/jobs", &[("dry_run", "true".to_owned())], &body)?;
            out::json(&answer);
            return Ok(ExitCode::SUCCESS);
        }
        let job = client.post_once("/v1/jobs", &[], &body, self.idempotency_key.as_deref())?;
        let id = job.get("id").and_then(Value::as_str).context("the answer has no id")?;
        if self.wait {
            return watch(client, id, self.patience, as_json);
        }
        if as_json {
            out::json(&job);
        } else {
            out::line(id);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn body(&self) -> Result<Value> {
        let input = read_text(&self.input)?;
        let input: Value =
            serde_json::from_str(&input).with_context(|| format!("{} is not JSON", self.input.display()))?;
        let mut body = Map::from_iter([("kind".to_owned(), json!(self.kind)), ("input".to_owned(), input)]);
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        };
        put("priority", self.priority.map(Value::from));
        put("run_at", self.run_at.clone().map(Value::from));
        put("max_attempts", self.max_attempts.map(Value::from));
        put("timeout_seconds", self.timeout_seconds.map(Value::from));
        let metadata: Map<String, Value> =
            self.metadata.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        put("metadata", (!metadata.is_empty()).then_some(Value::Object(metadata)));
        Ok(Value::Object(body))
    }
}

/// The text of a file, or of standard input.
pub fn read_text(path: &Path) -> Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).context("failed to read standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}

/// `KEY=VALUE` of `--metadata`.
pub fn parse_pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}
