//! A kind that runs in the worker, and what becomes of its steps.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Barrier, LazyLock, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use esteira_engine::child::WorkDir;
use esteira_engine::job::{CheckedInput, InWorker, InputError, JobState, Kind, KindError, KindInfo, Step};
use esteira_engine::queue::Submission;
use esteira_engine::worker::{Worker, WorkerOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::harness::{HERE, Harness, info};

const LONG: Duration = Duration::from_secs(60);

/// Where a job that blocks its thread meets its test: when it has begun, and when it may end.
static MEETING: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(2));

/// Does at once what its input's `do` says.
#[derive(Default)]
pub struct Here {
    /// The jobs, by their input's `name`, that have snoozed already.
    snoozed: Mutex<HashSet<String>>,
}

#[async_trait]
impl InWorker for Here {
    async fn run(&self, input: &Value, _: &Value) -> Result<Step, KindError> {
        match input["do"].as_str() {
            Some("snooze") if self.snoozed.lock().unwrap().insert(input["name"].to_string()) => {
                Ok(Step::Snooze(Duration::ZERO))
            }
            // Postgres refuses this character in jsonb.
            Some("poison") => Ok(Step::Done(json!({"text": "\0"}))),
            Some("fail") => Err(KindError::fail("no_good", "it is no good")),
            Some("hang") => std::future::pending().await,
            Some("block") => {
                MEETING.wait();
                MEETING.wait();
                Ok(Step::Done(input.clone()))
            }
            _ => Ok(Step::Done(input.clone())),
        }
    }
}

impl Kind for Here {
    fn info(&self) -> KindInfo {
        info(HERE)
    }

    fn check(&self, _: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
        Ok(CheckedInput::default())
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, _: &Value, _: &Value, _: &mut WorkDir) -> Result<Value, KindError> {
        unreachable!("it runs in the worker")
    }

    fn in_worker(&self) -> Option<&dyn InWorker> {
        Some(self)
    }
}

fn asked(what: &str, name: usize) -> Submission {
    Submission { kind: HERE.into(), input: json!({"do": what, "name": name}), ..Submission::default() }
}

/// Runs a worker with many slots beside `meanwhile`.
async fn beside_a_worker<T>(h: &Harness, meanwhile: impl Future<Output = T>) -> T {
    let dir = TempDir::new().unwrap();
    let mut options = WorkerOptions::new(BTreeMap::from([(HERE.into(), 100)]), dir.path().into());
    options.pool.spares = 0;
    let worker = Worker::start(h.engine.clone(), options).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker.run(stop.clone()));
    let result = meanwhile.await;
    stop.cancel();
    tokio::time::timeout(LONG, running).await.expect("it stops").unwrap();
    result
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_jobs_of_several_tenants_end_each_as_it_should() {
    let h = Harness::new().await;
    let tenants = [h.tenant("one").await, h.tenant("two").await, h.tenant("three").await];
    let doing = ["succeed", "fail", "snooze", "poison"];
    let mut jobs = Vec::new();
    for tenant in &tenants {
        let all: Vec<_> = (0..80).map(|n| asked(doing[n % 4], n)).collect();
        let ids = h.engine.submit_all(tenant, &all).await.unwrap();
        jobs.extend(ids.into_iter().zip(all).map(|(submitted, asked)| (tenant, submitted.job, asked)));
    }
    beside_a_worker(&h, async {
        for (tenant, id, asked) in &jobs {
            let job = h.engine.wait(tenant, *id, LONG).await.unwrap().unwrap();
            let code = job.error.as_ref().map(|error| error.code.as_str());
            match asked.input["do"].as_str().unwrap() {
                "succeed" => assert_eq!(
                    (job.state, job.attempt, job.output),
                    (JobState::Succeeded, 1, Some(asked.input.clone()))
                ),
                "snooze" => {
                    assert_eq!((job.state, job.attempt), (JobState::Succeeded, 1), "a snooze is no attempt");
                }
                "fail" => assert_eq!((job.state, code), (JobState::Failed, Some("no_good"))),
                // What Postgres refuses ends as the worker's fault and harms nobody else in its commit.
                _ => assert_eq!((job.state, code), (JobState::Failed, Some("internal"))),
            }
        }
    })
    .await;
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_in_the_worker_is_cancelled_and_timed_out_as_any() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let cancelled = h.engine.submit(&acme, &asked("hang", 1)).await.unwrap().job;
    let late =
        Submission { timeout: Some(Duration::from_secs(1)), max_attempts: Some(1), ..asked("hang", 2) };
    let late = h.engine.submit(&acme, &late).await.unwrap().job;
    beside_a_worker(&h, async {
        let job = h.engine.wait(&acme, late, LONG).await.unwrap().unwrap();
        assert_eq!((job.state, job.error.unwrap().code.as_str()), (JobState::Failed, "timeout"));
        h.engine.cancel(&acme, cancelled).await.unwrap();
        let job = h.engine.wait(&acme, cancelled, LONG).await.unwrap().unwrap();
        assert_eq!(job.state, JobState::Cancelled);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ends_although_an_attempt_does_not() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let dir = TempDir::new().unwrap();
    let mut options = WorkerOptions::new(BTreeMap::from([(HERE.into(), 1)]), dir.path().into());
    (options.pool.spares, options.grace) = (0, Duration::ZERO);
    let worker = Worker::start(h.engine.clone(), options).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker.run(stop.clone()));
    h.engine.submit(&acme, &asked("block", 1)).await.unwrap();
    tokio::task::spawn_blocking(|| MEETING.wait()).await.unwrap();
    stop.cancel();
    let ended = tokio::time::timeout(LONG, running).await;
    tokio::task::spawn_blocking(|| MEETING.wait()).await.unwrap();
    ended.expect("it ends").unwrap();
    assert_eq!(h.count("select count(*) from esteira.workers").await, 0);
    assert_eq!(
        h.count("select count(*) from esteira.queue where state = 'queued'").await,
        1,
        "it is handed back"
    );
}
