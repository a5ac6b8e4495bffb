//! `esteira batch`: how are many jobs handed in at once, and how far are they?

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::client::{Client, Target, percent};
use crate::{out, table};

/// Submit jobs together and see how far they are.
#[derive(Debug, Args)]
pub struct Batch {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Submit jobs, all or none, and print the batch's id
    Submit {
        /// A file with {"jobs": […]} or a list of jobs as JSON, or a job a line; - for standard input
        #[arg(value_name = "FILE|-")]
        file: PathBuf,
        /// Sent twice with the same key, the batch is submitted once
        #[arg(long, value_name = "KEY")]
        idempotency_key: Option<String>,
    },
    /// Show how far a batch is
    Get {
        /// The batch's id
        id: String,
    },
}

impl Batch {
    /// Does it through the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_tenant()?;
        match &self.verb {
            Verb::Submit { file, idempotency_key } => {
                submit(&client, file, idempotency_key.as_deref(), self.target.json)
            }
            Verb::Get { id } => get(&client, id, self.target.json),
        }
    }
}

fn submit(client: &Client, file: &Path, key: Option<&str>, as_json: bool) -> Result<ExitCode> {
    let body = body_of(&read(file)?).with_context(|| format!("{} is no batch", file.display()))?;
    let taken = client.post_once("/v1/jobs/batch", &[], &body, key)?;
    if as_json {
        out::json(&taken);
    } else {
        out::line(taken.get("batch_id").and_then(Value::as_str).context("the answer has no batch_id")?);
    }
    Ok(ExitCode::SUCCESS)
}

fn get(client: &Client, id: &str, as_json: bool) -> Result<ExitCode> {
    let batch = client.get(&format!("/v1/batches/{}", percent(id)), &[])?;
    if as_json {
        out::json(&batch);
        return Ok(ExitCode::SUCCESS);
    }
    for name in ["id", "created_at", "finished_at"] {
        if let Some(value) = batch.get(name).filter(|value| !value.is_null()) {
            out::line(format_args!("{name:<12} {}", table::cell(value)));
        }
    }
    let progress = |name| batch.pointer(name).map(table::cell).unwrap_or_default();
    out::line(format_args!(
        "{:<12} {} of {}",
        "done",
        progress("/progress/done"),
        progress("/progress/total")
    ));
    for (state, count) in batch.get("counts").and_then(Value::as_object).into_iter().flatten() {
        if count.as_u64() != Some(0) {
            out::line(format_args!("{state:<12} {count}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The body of the request, whichever way the jobs are written.
fn body_of(text: &str) -> Result<Value> {
    let jobs = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(body)) if body.contains_key("jobs") => return Ok(Value::Object(body)),
        Ok(Value::Array(jobs)) => jobs,
        Ok(job @ Value::Object(_)) => vec![job],
        Ok(_) => bail!("it is neither an object nor a list"),
        // More than one value: a job a line.
        Err(_) => serde_json::Deserializer::from_str(text).into_iter().collect::<Result<_, _>>()?,
    };
    Ok(json!({"jobs": jobs}))
}

fn read(path: &Path) -> Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).context("failed to read standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_may_be_written_as_an_object_a_list_or_lines() {
        let wanted = json!({"jobs": [{"kind": "a"}, {"kind": "b"}]});
        for text in [
            &wanted.to_string(),
            r#"[{"kind": "a"}, {"kind": "b"}]"#,
            "{\"kind\": \"a\"}\n{\"kind\": \"b\"}\n",
        ] {
            assert_eq!(body_of(text).unwrap(), wanted, "{text}");
        }
        assert!(body_of("1").is_err() && body_of("{").is_err());
    }
}
