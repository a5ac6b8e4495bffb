//! How late does a waiter hear of the end of its job? Another process ends it, and the hint has to travel.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use esteira_engine::Engine;
use esteira_engine::queue::Submission;
use esteira_engine::tenant::Tenant;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::http::connection::{Connection, get_request};
use crate::http::step::{Used, figures};
use crate::http::{KIND, input};

/// After so long the waiter waits.
const UNTIL_IT_WAITS: Duration = Duration::from_millis(30);

/// Waits for the ends of so many jobs, several at a time.
pub async fn measure(
    engine: &Engine,
    tenant: &Tenant,
    address: SocketAddr,
    key: &str,
    waits: usize,
    callers: usize,
    used: impl Fn() -> Result<Used>,
) -> Result<Value> {
    let (before, began) = (used()?, Instant::now());
    let each = waits.div_ceil(callers.max(1));
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let (engine, tenant, key) = (engine.clone(), tenant.clone(), key.to_owned());
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                let mut late = Vec::with_capacity(each);
                for _ in 0..each {
                    let waited;
                    (connection, waited) = once(&engine, &tenant, connection, &key, address).await?;
                    late.push(waited.as_secs_f64() * 1e3);
                }
                anyhow::Ok(late)
            })
        })
        .collect();
    let mut millis = Vec::new();
    for task in tasks {
        millis.extend(task.await??);
    }
    let mut told = figures(millis, began.elapsed(), &before, &used()?).told();
    if let Some(told) = told.as_object_mut() {
        // Who asks also submits and ends the jobs.
        told.remove("per_s");
        told.insert("late".to_owned(), json!("from the commit of the end to the answer"));
    }
    Ok(told)
}

/// One wait: how long after the end of the job its answer was there.
async fn once(
    engine: &Engine,
    tenant: &Tenant,
    mut connection: Connection,
    key: &str,
    address: SocketAddr,
) -> Result<(Connection, Duration)> {
    let submission = Submission { kind: KIND.to_owned(), input: input(), ..Submission::default() };
    let job = engine.submit(tenant, &submission).await?.job;
    let request = get_request(address, key, &format!("/v1/jobs/{job}?wait=30"));
    let waiting = tokio::spawn(async move {
        let status = connection.ask(&request).await?;
        ensure!(status == 200, "a wait was answered by {status}");
        Ok((connection, Instant::now()))
    });
    tokio::time::sleep(UNTIL_IT_WAITS).await;
    engine.cancel(tenant, job).await?;
    let ended = Instant::now();
    let (connection, answered) = waiting.await??;
    Ok((connection, answered.saturating_duration_since(ended)))
}
