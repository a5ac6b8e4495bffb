//! What does a request cost where its tenant has a million jobs? Submit, get, pages of the list, usage, and a wait.
//!
//! Callers each wait for their answer on a connection that stays open. The list is also walked once from its first page
//! to its last, each of which must cost the same.

mod waits;
mod walk;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use esteira_engine::tenant::{LimitsChange, Scope, Tenant};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::http::connection::{Connection, get_request, post_request, submit_request};
use crate::http::server::ApiProcess;
use crate::http::step::{Step, Used, step};
use crate::http::{KIND, input};
use crate::queue::flat::fill;
use crate::queue::place::{Place, Server};
use crate::queue::psql::Superuser;

/// Jobs that are read one by one, in turn.
const READ: usize = 1_000;
/// Jobs of a batch, the most that one may have.
const BATCH: usize = 10_000;
/// Batches that are submitted one after another.
const BATCHES: usize = 10;
/// Entries of the ledger that no settle has folded yet.
const UNFOLDED: usize = 500;

/// How it is asked.
#[derive(Debug, Args)]
pub struct Api {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    superuser: Superuser,
    /// The binary whose API is asked
    #[arg(long)]
    esteira: PathBuf,
    /// Jobs that the tenant keeps and that are over
    #[arg(long, default_value_t = 1_000_000)]
    jobs: usize,
    /// Jobs of it that wait
    #[arg(long, default_value_t = 10_000)]
    queued: usize,
    /// Callers at once
    #[arg(long, default_value_t = 8)]
    callers: usize,
    /// Seconds of each sort of request
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Jobs whose end is waited for
    #[arg(long, default_value_t = 200)]
    waits: usize,
}

/// Submits the largest batches; tells how long each took, its jobs checked, kept and answered with their ids.
async fn batches(api: &ApiProcess, key: &str) -> Result<Value> {
    let job = json!({"kind": KIND, "input": input()});
    let body = json!({"jobs": vec![job; BATCH]}).to_string();
    let request = post_request(api.address, key, "/v1/jobs/batch", &body);
    let mut connection = Connection::open(api.address).await?;
    let mut took = Vec::with_capacity(BATCHES);
    for _ in 0..BATCHES {
        let asked = Instant::now();
        let status = connection.ask(&request).await?;
        ensure!(status == 202, "a batch was answered by {status}");
        took.push(asked.elapsed().as_millis());
    }
    took.sort_unstable();
    let told = json!({"jobs": BATCH, "p50_ms": took.get(BATCHES / 2), "max_ms": took.last()});
    crate::tell(&format!("batch: {told}"));
    Ok(told)
}

/// What is asked, and by what name it is told.
type Series = (&'static str, Vec<Arc<[u8]>>, u16);

impl Api {
    /// Fills the tenant, asks, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        ensure!(self.jobs >= 10_000, "--jobs: at least 10000, so that there is a page 100");
        let place = Place::with(&self.server, esteira_jobs::catalog()).await?;
        let tenant = place.tenants_with([LimitsChange::default()].into_iter()).await?;
        let tenant = tenant.into_iter().next().context("one tenant was made")?;
        let ids = self.fill().await?;
        let scopes = [Scope::JobsRead, Scope::JobsWrite];
        let key = place.engine.create_key(Some(&tenant), "bench", &scopes, None).await?.text;
        let api = ApiProcess::start(&self.esteira, place.variables(&self.server)).await?;

        let walked = walk::through_all(&api, &key, self.jobs + self.queued).await?;
        let mut told = Map::new();
        told.insert("every_page".to_owned(), walked.told());
        for (name, requests, status) in self.series(&api, &key, &ids, &walked) {
            let step = self.ask(&api, requests, status).await.with_context(|| name.to_owned())?;
            crate::tell(&format!("{name}: {}", step.told()));
            told.insert(name.to_owned(), step.told());
        }
        told.insert("batch".to_owned(), batches(&api, &key).await?);
        let waits = self.wait(&place, &api, &tenant, &key).await?;
        told.insert("wait".to_owned(), waits);
        api.stop().await?;
        place.close().await;
        let mut result = json!({
            "bench": "api", "jobs": self.jobs, "queued": self.queued, "callers": self.callers,
        });
        if let Some(result) = result.as_object_mut() {
            result.extend(told);
        }
        crate::say(&result);
        Ok(ExitCode::SUCCESS)
    }

    /// Fills the only tenant; gives some of its jobs.
    async fn fill(&self) -> Result<Vec<String>> {
        fill::finished(&self.superuser, self.jobs).await?;
        fill::queued(&self.superuser, self.queued).await?;
        fill::used(&self.superuser, UNFOLDED).await?;
        self.superuser.run("vacuum (analyze); checkpoint").await?;
        let every = (self.jobs / READ).max(1);
        let some = format!(
            "select id from (select id, row_number() over (order by id) as place from tenant_bench_0_schema.jobs) as j
             where place % {every} = 0 limit {READ}"
        );
        self.superuser.run(&some).await
    }

    fn series(&self, api: &ApiProcess, key: &str, ids: &[String], walked: &walk::Walked) -> Vec<Series> {
        let get = |path: &str| -> Arc<[u8]> { get_request(api.address, key, path).into() };
        let page = |cursor: &str| vec![get(&format!("/v1/jobs?cursor={cursor}"))];
        let body = json!({"kind": KIND, "input": input()}).to_string();
        let middle = walk::middle_of(ids);
        vec![
            ("get", ids.iter().map(|id| get(&format!("/v1/jobs/{id}"))).collect(), 200),
            ("list_first", vec![get("/v1/jobs")], 200),
            ("list_page_100", page(&walked.page_100), 200),
            ("list_last", page(&walked.last), 200),
            ("list_queued", vec![get("/v1/jobs?state=queued")], 200),
            ("list_succeeded", vec![get("/v1/jobs?state=succeeded")], 200),
            ("list_failed", vec![get("/v1/jobs?state=failed")], 200),
            ("list_kind", vec![get("/v1/jobs?kind=bench.noop")], 200),
            ("list_before", vec![get(&format!("/v1/jobs?created_before={middle}"))], 200),
            ("list_metadata", vec![get("/v1/jobs?metadata.customer=77")], 200),
            ("usage", vec![get("/v1/usage")], 200),
            ("submit", vec![submit_request(api.address, key, &body).into()], 202),
        ]
    }

    /// Asks one sort of request again and again.
    async fn ask(&self, api: &ApiProcess, requests: Vec<Arc<[u8]>>, expected: u16) -> Result<Step> {
        let mut connections = Vec::with_capacity(self.callers);
        for _ in 0..self.callers {
            connections.push(Connection::open(api.address).await?);
        }
        let used = || Used::of(api.pid, self.server.postmaster);
        let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
        step(Duration::from_secs(self.seconds), used, connections, move |mut connection: Connection| {
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            async move {
                let at = next.fetch_add(1, Ordering::Relaxed) % requests.len().max(1);
                let request = requests.get(at).context("there is something to ask")?;
                let asked = Instant::now();
                let status = connection.ask(request).await?;
                ensure!(status == expected, "answered by {status}");
                Ok((connection, asked.elapsed()))
            }
        })
        .await
    }

    async fn wait(&self, place: &Place, api: &ApiProcess, tenant: &Tenant, key: &str) -> Result<Value> {
        let used = || Used::of(api.pid, self.server.postmaster);
        waits::measure(&place.engine, tenant, api.address, key, self.waits, self.callers, used).await
    }
}
