//! Is the accounting equal to the job? Every number, every state, every file, every object.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result};
use esteira_benches::work::{RESULT, result};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::client::Client;
use super::load::{Load, is_final};
use super::site::Site;
use super::truth::{self, Job};
use super::verdict::{Verdict, judge};

/// Downloads at the same time.
const AT_ONCE: usize = 8;

/// The books of a run.
#[derive(Debug, Default)]
pub struct Books {
    pub states: BTreeMap<String, u64>,
    /// Submits that were refused because the job whose file they name had failed.
    pub refused: u64,
    /// Jobs that exist besides the first of their number, because an answer was lost.
    pub submitted_again: u64,
    /// Jobs that faults have used up.
    pub worn_out: u64,
    pub attempts_crashed: u64,
    pub files: u64,
    /// Objects that nobody named when everything was over.
    pub orphans: u64,
    pub swept: u64,
}

/// Compares what clients know with what is there; complaints go to the tally. All jobs are over.
pub async fn settle_up(site: &Site, load: &Load, tenants: &[(String, Client)]) -> Result<Books> {
    let mut books = Books::default();
    let cluster = site.cluster.lock().await;
    let mut jobs: BTreeMap<u64, Vec<Job>> = BTreeMap::new();
    for (slug, client) in tenants {
        jobs.append(&mut truth::of_tenant(client, &cluster, slug).await?);
    }
    drop(cluster);
    let states: BTreeMap<String, String> =
        jobs.values().flatten().map(|job| (job.id.clone(), job.state.clone())).collect();
    let complain = |text: String| site.tally.lock().complain(text);

    let mut files = JoinSet::new();
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    for number in 0..load.jobs {
        let plan = load.plan(number, tenants.len());
        let entry = load.ledger.entry(number);
        let found = jobs.remove(&number).unwrap_or_default();
        if entry.was_refused {
            let source = entry.source.and_then(|number| load.ledger.id(number));
            books.refused += 1;
            if source.and_then(|id| states.get(&id)).is_none_or(|state| state == "succeeded") {
                complain(format!("number {number} was refused, and the file that it reads is there"));
            }
        } else if found.is_empty() {
            complain(format!("number {number} is lost"));
        }
        if found.len() > 1 && !entry.was_lost {
            complain(format!("number {number} has {} jobs, and every submit was answered", found.len()));
        }
        books.submitted_again += found.len().saturating_sub(1) as u64;
        for id in entry.ids.iter().filter(|id| !states.contains_key(*id)) {
            complain(format!("number {number}: job {id} was answered and is gone"));
        }
        for (id, seen) in &entry.seen {
            if states.get(id) != Some(seen) {
                complain(format!("number {number}: {id} was {seen} and is {:?}", states.get(id)));
            }
        }
        let needs: Vec<&str> =
            entry.needs.iter().map(|id| states.get(id).map_or("gone", String::as_str)).collect();
        for job in found {
            *books.states.entry(job.state.clone()).or_default() += 1;
            books.attempts_crashed += job.ended("crashed");
            match judge(&plan, &job, entry.cancel_asked, &needs) {
                Verdict::AsMeant | Verdict::Cancelled => {}
                Verdict::WornOut => books.worn_out += 1,
                Verdict::Wrong(_) if !is_final(&job.state) => {
                    complain(format!("number {number}: {} is {}", job.id, job.state));
                }
                Verdict::Wrong(why) => complain(format!("number {number} ({:?}): {why}", plan.fate)),
            }
            let (_, client) = tenants.get(plan.tenant).context("a plan names a tenant that is there")?;
            let (client, expected, at_once) = (client.clone(), content(load, number), Arc::clone(&at_once));
            files.spawn(async move {
                let _place = at_once.acquire_owned().await;
                check_file(&client, &job, &expected).await
            });
        }
    }
    for (number, _) in jobs {
        complain(format!("number {number} was never submitted"));
    }
    while let Some(checked) = files.join_next().await {
        match checked?? {
            Ok(count) => books.files += count,
            Err(wrong) => complain(wrong),
        }
    }
    Ok(books)
}

/// What the file of a number holds, if it succeeds.
fn content(load: &Load, number: u64) -> Vec<u8> {
    let source = load.ledger.entry(number).source;
    result(number, source.map(|source| content(load, source)).as_deref())
}

/// Fetches the file of a job that succeeded; tells how many files were as they had to be, or what was wrong.
async fn check_file(client: &Client, job: &Job, expected: &[u8]) -> Result<Result<u64, String>> {
    let id = &job.id;
    let names: Vec<&str> = job.artifacts.iter().map(|artifact| artifact.name.as_str()).collect();
    let wanted: &[&str] = if job.state == "succeeded" { &[RESULT] } else { &[] };
    if names != wanted {
        return Ok(Err(format!("{id} is {} and has the files {names:?}", job.state)));
    }
    let Some(artifact) = job.artifacts.first() else { return Ok(Ok(0)) };
    let hash = hex::encode(Sha256::digest(expected));
    if artifact.sha256 != hash || artifact.bytes != expected.len() as u64 {
        return Ok(Err(format!("{id}: the row of {RESULT} does not fit what the job had to write")));
    }
    if job.output.as_ref().and_then(|output| output.get("sha256")) != Some(&json!(hash)) {
        return Ok(Err(format!("{id}: the output does not fit the file")));
    }
    let link = client.get(&format!("/v1/jobs/{id}/artifacts/{RESULT}?redirect=false")).await?;
    let url = link.get("url").and_then(Value::as_str).context("a link has a url")?;
    Ok(match client.download(url).await {
        Ok(bytes) if bytes == expected => Ok(1),
        Ok(bytes) => Err(format!("{id}: the file has {} other bytes", bytes.len())),
        Err(error) => Err(format!("{id}: the file cannot be fetched: {error:#}")),
    })
}

/// Sweeps the bucket, and compares what is left with what the tenants' tables name. No process runs any more.
pub async fn check_bucket(site: &Site, slugs: &[String], books: &mut Books) -> Result<()> {
    let cluster = site.cluster.lock().await;
    let mut named = BTreeSet::new();
    for slug in slugs {
        let keys = cluster.sql(&format!("select object_key from tenant_{slug}_schema.artifacts")).await?;
        named.extend(keys.lines().map(str::to_owned));
    }
    books.orphans = site.objects.keys()?.difference(&named).count() as u64;
    books.swept = site.objects.sweep(&cluster).await? as u64;
    let left = site.objects.keys()?;
    let mut tally = site.tally.lock();
    for key in left.difference(&named) {
        tally.complain(format!("object {key} is named by nobody, and the sweeper left it"));
    }
    for key in named.difference(&left) {
        tally.complain(format!("object {key} is named and not there"));
    }
    Ok(())
}
