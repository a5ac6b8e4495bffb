//! How fast are jobs taken through HTTP? By callers that each wait for their answer, and by the engine alone.
//!
//! Steps of ever more callers, each step once through the API process and once as verbs of an engine in this
//! process, on the same database. What counts is the best rate at which 99 of 100 answers come in time.

pub mod connection;
pub mod server;
pub mod step;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use esteira_engine::queue::Submission;
use esteira_engine::tenant::{LimitsChange, Scope, Tenant};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::queue::place::{Place, Server};
use connection::{Connection, submit_request};
pub use server::ApiProcess;
use step::{Step, Used, step};

/// The kind that is submitted, and an input that names no file: what is checked of it costs both ways the same.
pub const KIND: &str = "video.generate";

/// How it is asked.
#[derive(Debug, Args)]
pub struct Http {
    #[command(flatten)]
    server: Server,
    /// The binary whose API is asked
    #[arg(long)]
    esteira: PathBuf,
    /// Callers at once, step by step
    #[arg(long, value_delimiter = ',', default_value = "1,2,4,8,16,32,64,128")]
    callers: Vec<usize>,
    /// Seconds of each step
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// The time in which 99 of 100 answers must have come, in milliseconds
    #[arg(long, default_value_t = 25.0)]
    p99_millis: f64,
}

impl Http {
    /// Asks, and prints one JSON line.
    #[tokio::main]
    pub async fn measure(self) -> Result<ExitCode> {
        let place = Place::with(&self.server, esteira_jobs::catalog()).await?;
        let tenant = place.tenants_with([LimitsChange::default()].into_iter()).await?;
        let tenant = Arc::new(tenant.into_iter().next().context("one tenant was made")?);
        let key = place.engine.create_key(Some(&tenant), "bench", &[Scope::JobsWrite], None).await?;
        let api = ApiProcess::start(&self.esteira, place.variables(&self.server)).await?;
        let body = json!({"kind": KIND, "input": input()}).to_string();
        let request: Arc<[u8]> = submit_request(api.address, &key.text, &body).into();

        let mut steps = Vec::new();
        for callers in &self.callers {
            let http = self.through_http(&api, &request, *callers).await?;
            let engine = self.through_engine(&place, &tenant, *callers).await?;
            steps.push((*callers, http, engine));
        }
        api.stop().await?;
        place.close().await;
        crate::say(&self.result(&steps));
        Ok(ExitCode::SUCCESS)
    }

    async fn through_http(&self, api: &ApiProcess, request: &Arc<[u8]>, callers: usize) -> Result<Step> {
        let mut connections = Vec::with_capacity(callers);
        for _ in 0..callers {
            connections.push(Connection::open(api.address).await?);
        }
        let used = || Used::of(api.pid, self.server.postmaster);
        let request = Arc::clone(request);
        step(self.duration(), used, connections, move |mut connection: Connection| {
            let request = Arc::clone(&request);
            async move {
                let asked = Instant::now();
                let status = connection.ask(&request).await?;
                ensure!(status == 202, "a submit was answered by {status}");
                Ok((connection, asked.elapsed()))
            }
        })
        .await
    }

    async fn through_engine(&self, place: &Place, tenant: &Arc<Tenant>, callers: usize) -> Result<Step> {
        let used = || Used::of(std::process::id(), self.server.postmaster);
        let (engine, tenant) = (place.engine.clone(), Arc::clone(tenant));
        step(self.duration(), used, vec![(); callers], move |()| {
            let (engine, tenant) = (engine.clone(), Arc::clone(&tenant));
            async move {
                let submission =
                    Submission { kind: KIND.to_owned(), input: input(), ..Submission::default() };
                let asked = Instant::now();
                engine.submit(&tenant, &submission).await?;
                Ok(((), asked.elapsed()))
            }
        })
        .await
    }

    fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    fn result(&self, steps: &[(usize, Step, Step)]) -> Value {
        let in_time = |step: &Step| step.p99_millis <= self.p99_millis;
        let best_http = steps
            .iter()
            .filter(|(_, http, _)| in_time(http))
            .max_by(|(_, one, _), (_, other, _)| one.per_second.total_cmp(&other.per_second));
        let best_engine = steps
            .iter()
            .map(|(_, _, engine)| engine)
            .filter(|engine| in_time(engine))
            .map(|engine| engine.per_second)
            .fold(0.0, f64::max);
        let ratio = |http: f64, engine: f64| (100.0 * http / engine).round() / 100.0;
        let all: Vec<Value> = steps
            .iter()
            .map(|(callers, http, engine)| json!({"callers": callers, "http": http.told(), "engine": engine.told()}))
            .collect();
        json!({
            "bench": "http", "p99_millis_at_most": self.p99_millis, "steps": all,
            "callers": best_http.map(|(callers, ..)| callers),
            "http": best_http.map(|(_, http, _)| http.told()),
            "engine": best_http.map(|(.., engine)| engine.told()),
            "ratio": best_http.map(|(_, http, engine)| ratio(http.per_second, engine.per_second)),
            "engine_best_per_s": best_engine.round(),
            "ratio_to_engine_best": best_http.map(|(_, http, _)| ratio(http.per_second, best_engine)),
        })
    }
}

/// Such an input.
pub fn input() -> Value {
    json!({
        "output": {"width": 320, "height": 180, "fps": 10},
        "tracks": [{"clips": [{"type": "title", "text": "Hello", "length": 1}]}],
    })
}
