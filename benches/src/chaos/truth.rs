//! What became of the jobs? Asked of the API, and of the tables for what the API does not show.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::cluster::Cluster;

/// A job as the API shows it in the end.
#[derive(Debug, Clone, Deserialize)]
pub struct Job {
    pub id: String,
    pub state: String,
    pub attempt: u64,
    pub max_attempts: u64,
    pub error: Option<JobError>,
    pub output: Option<Value>,
    pub artifacts: Vec<Artifact>,
    pub metadata: BTreeMap<String, String>,
    /// How its attempts ended, and how many of them so.
    #[serde(skip)]
    pub ends: BTreeMap<String, u64>,
}

/// Why a job failed.
#[derive(Debug, Clone, Deserialize)]
pub struct JobError {
    pub code: String,
    pub message: String,
}

/// A file of a job.
#[derive(Debug, Clone, Deserialize)]
pub struct Artifact {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

impl Job {
    /// The number of the job's plan.
    pub fn number(&self) -> Option<u64> {
        self.metadata.get("number")?.parse().ok()
    }

    /// How many attempts ended so.
    pub fn ended(&self, how: &str) -> u64 {
        self.ends.get(how).copied().unwrap_or(0)
    }

    /// The code of its error.
    pub fn code(&self) -> &str {
        self.error.as_ref().map_or("", |error| error.code.as_str())
    }
}

/// All jobs of a tenant, by number. A number has several where a lost answer made a client submit it again.
pub async fn of_tenant(client: &Client, cluster: &Cluster, slug: &str) -> Result<BTreeMap<u64, Vec<Job>>> {
    let rows = cluster
        .sql(&format!(
            "select job_id, ended_as, count(*) from tenant_{slug}_schema.attempts where ended_as is not null
         group by job_id, ended_as"
        ))
        .await?;
    let mut ends: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for row in rows.lines() {
        let [job, ended_as, count] = row.split('|').collect::<Vec<_>>()[..] else {
            bail!("a row of attempts has three fields: {row}");
        };
        ends.entry(job.to_owned()).or_default().insert(ended_as.to_owned(), count.parse()?);
    }
    let mut jobs: BTreeMap<u64, Vec<Job>> = BTreeMap::new();
    for item in client.all("/v1/jobs").await? {
        let mut job: Job = serde_json::from_value(item).context("a job of the list")?;
        job.ends = ends.remove(&job.id).unwrap_or_default();
        let number = job.number().context("every job of the run has a number")?;
        jobs.entry(number).or_default().push(job);
    }
    Ok(jobs)
}
