//! The worker, with real children: the whole way of a job but for HTTP.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use esteira_engine::Engine;
use esteira_engine::artifact::NewFile;
use esteira_engine::child::ChildProgram;
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::id::JobId;
use esteira_engine::job::{Job, JobState};
use esteira_engine::queue::{Event, EventPlace, Happening, Submission, WorkerInfo, WorkerState};
use esteira_engine::tenant::{LimitsChange, Tenant};
use esteira_engine::worker::{Worker, WorkerOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::deaf::Deaf;
use crate::harness::{HERE, HOSTILE, Harness};

/// Long enough never to matter in a passing test.
const LONG: Duration = Duration::from_secs(60);

pub struct Running {
    stop: CancellationToken,
    at_once: CancellationToken,
    task: JoinHandle<()>,
    _dir: TempDir,
}

impl Running {
    pub async fn start(h: &Harness, change: impl FnOnce(&mut WorkerOptions)) -> Self {
        Self::start_on(h.engine.clone(), change).await
    }

    pub async fn start_on(engine: Engine, change: impl FnOnce(&mut WorkerOptions)) -> Self {
        let dir = TempDir::new().unwrap();
        let mut options = WorkerOptions::new(BTreeMap::from([(HOSTILE.into(), 2)]), dir.path().into());
        options.pool.program = ChildProgram { path: program(), args: vec!["child".into()] };
        change(&mut options);
        let worker = Worker::start(engine, options).await.unwrap();
        let stop = CancellationToken::new();
        let at_once = CancellationToken::new();
        let task = tokio::spawn(worker.run_with(stop.clone(), at_once.clone()));
        Self { stop, at_once, task, _dir: dir }
    }

    pub async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(LONG, self.task).await.expect("it stops").unwrap();
    }
}

pub fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().and_then(|deps| deps.parent()).unwrap().join("examples/hostile")
}

pub async fn submit(h: &Harness, tenant: &Tenant, input: Value) -> JobId {
    submit_with(h, tenant, Submission { input, ..Submission::default() }).await
}

async fn submit_with(h: &Harness, tenant: &Tenant, submission: Submission) -> JobId {
    h.engine.submit(tenant, &Submission { kind: HOSTILE.into(), ..submission }).await.unwrap().job
}

/// The job, once something is true of it.
pub async fn until(h: &Harness, tenant: &Tenant, id: JobId, is_so: impl Fn(&Job) -> bool) -> Job {
    let waiting = async {
        loop {
            let job = h.engine.job(tenant, id).await.unwrap().unwrap();
            if is_so(&job) {
                return job;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, waiting).await.expect("it comes true")
}

pub async fn end(h: &Harness, tenant: &Tenant, id: JobId) -> Job {
    let job = h.engine.wait(tenant, id, LONG).await.unwrap().unwrap();
    assert!(job.state.is_final(), "{job:?}");
    job
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_in_a_child_and_its_artifact_can_be_fetched() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    let job = end(&h, &acme, submit(&h, &acme, json!({"mode": "succeed"})).await).await;
    assert_eq!((job.state, job.output, job.error), (JobState::Succeeded, Some(json!({"good": true})), None));
    assert_eq!(job.progress.map(|progress| progress.fraction), Some(1.0));
    let artifact = &job.artifacts[0];
    assert_eq!((artifact.name.as_str(), artifact.bytes), ("hls/result.txt", 4));
    let link = h.engine.artifact_link(&acme, job.id, "hls/result.txt").await.unwrap().unwrap();
    assert!(link.url.contains("X-Amz-Signature"));
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    let log: Value = sqlx::query_scalar("select log from attempts").fetch_one(tx.conn()).await.unwrap();
    let said = &log[0];
    assert_eq!(
        (&said["level"], &said["message"], &said["number"]),
        (&json!("info"), &json!("all is well"), &json!(2))
    );
    drop(tx);
    worker.stop().await;
    assert_eq!(h.count("select count(*) from esteira.workers").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_child_says_is_told_while_it_runs() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    let id = submit(&h, &acme, json!({"mode": "chatter"})).await;
    let mut following = h.engine.follow(acme.clone(), id, EventPlace::default()).await.unwrap().unwrap();
    let is_said =
        |event: &Event| matches!(&event.what, Happening::Log { message, .. } if message == "still here");
    let told = async { while !following.next().await.unwrap().expect("it runs").iter().any(is_said) {} };
    tokio::time::timeout(LONG, told).await.expect("it is told");
    h.engine.cancel(&acme, id).await.unwrap();
    assert_eq!(end(&h, &acme, id).await.state, JobState::Cancelled);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_file_is_staged_for_the_child() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let file = NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
    let upload = h.engine.put_file(&acme, &file, &b"hello"[..]).await.unwrap();
    let worker = Running::start(&h, |_| {}).await;
    let input = json!({"mode": "read_staged", "source": format!("upload://{}", upload.id)});
    let job = end(&h, &acme, submit(&h, &acme, input).await).await;
    assert_eq!(job.output, Some(json!({"text": "hello"})), "{:?}", job.error);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_crashes_and_limits_end_differently_and_the_worker_goes_on() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    for (mode, code, attempts) in
        [("fail", "bad_clip", 1), ("abort", "crashed", 3), ("eat_memory", "out_of_memory", 1)]
    {
        let job = end(&h, &acme, submit(&h, &acme, json!({"mode": mode})).await).await;
        assert_eq!((job.state, job.attempt), (JobState::Failed, attempts), "{mode}");
        assert_eq!(job.error.unwrap().code, code, "{mode}");
    }
    let good = end(&h, &acme, submit(&h, &acme, json!({"mode": "succeed"})).await).await;
    assert_eq!(good.state, JobState::Succeeded);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_is_cancelled_even_one_that_ignores_term() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    let id = submit(&h, &acme, json!({"mode": "hang"})).await;
    until(&h, &acme, id, |job| job.progress.as_ref().is_some_and(|p| p.stage == "hanging")).await;
    h.engine.cancel(&acme, id).await.unwrap();
    let job = end(&h, &acme, id).await;
    assert_eq!((job.state, job.error), (JobState::Cancelled, None));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_outlives_its_time_is_stopped() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |_| {}).await;
    let submission = Submission {
        input: json!({"mode": "hang"}),
        timeout: Some(Duration::from_secs(1)),
        max_attempts: Some(1),
        ..Submission::default()
    };
    let job = end(&h, &acme, submit_with(&h, &acme, submission).await).await;
    assert_eq!((job.state, job.error.unwrap().code.as_str()), (JobState::Failed, "timeout"));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_hands_running_jobs_back_without_counting_the_attempt() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |options| options.grace = Duration::ZERO).await;
    let id = submit(&h, &acme, json!({"mode": "hang"})).await;
    until(&h, &acme, id, |job| job.progress.is_some()).await;
    worker.stop().await;
    let job = h.engine.job(&acme, id).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempt, job.error), (JobState::Queued, 0, None));
    let next = Running::start(&h, |options| options.grace = Duration::ZERO).await;
    until(&h, &acme, id, |job| job.state == JobState::Running && job.attempt == 1).await;
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_was_given_up_stops_its_jobs_and_begins_a_new_life() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |options| options.cancel_poll = Duration::from_millis(50)).await;
    let id = submit(&h, &acme, json!({"mode": "hang"})).await;
    until(&h, &acme, id, |job| job.progress.is_some()).await;
    // Somebody else rescues its job, and the job ends there.
    sqlx::query("update esteira.workers set lost_at = now()").execute(&h.pool).await.unwrap();
    esteira_engine::queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap();
    h.engine.cancel(&acme, id).await.unwrap();
    let good = end(&h, &acme, submit(&h, &acme, json!({"mode": "succeed"})).await).await;
    assert_eq!(good.state, JobState::Succeeded);
    assert_eq!(end(&h, &acme, id).await.state, JobState::Cancelled);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_jobs_of_one_kind_fill_all_slots() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |options| options.grace = Duration::ZERO).await;
    let (one, two) =
        (submit(&h, &acme, json!({"mode": "obey"})).await, submit(&h, &acme, json!({"mode": "obey"})).await);
    for id in [one, two] {
        until(&h, &acme, id, |job| job.progress.is_some()).await;
    }
    for id in [one, two] {
        h.engine.cancel(&acme, id).await.unwrap();
        assert_eq!(end(&h, &acme, id).await.state, JobState::Cancelled);
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_passes_the_tenants_storage_limit_is_not_kept() {
    let h = Harness::new().await;
    let limits = LimitsChange { max_storage_bytes: Some(Some(3)), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    let worker = Running::start(&h, |_| {}).await;
    let job = end(&h, &acme, submit(&h, &acme, json!({"mode": "succeed"})).await).await;
    assert_eq!((job.state, job.error.unwrap().code.as_str()), (JobState::Failed, "storage_full"));
    assert_eq!(h.store.delete_prefix(&format!("tenants/{}/", acme.id)).await.unwrap(), 0);
    worker.stop().await;
}

/// The only worker, after so many more of its heartbeats.
async fn after_heartbeats(h: &Harness, count: usize) -> WorkerInfo {
    let only = async || h.engine.workers().await.unwrap().remove(0);
    let beating = async {
        let mut last = only().await;
        for _ in 0..count {
            let before = last.lease_until;
            while last.lease_until == before {
                tokio::task::yield_now().await;
                last = only().await;
            }
        }
        last
    };
    tokio::time::timeout(LONG, beating).await.expect("it beats")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draining_worker_finishes_what_runs_and_claims_nothing_until_it_is_resumed() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |options| options.heartbeat = Duration::from_millis(500)).await;
    let running = submit(&h, &acme, json!({"mode": "obey"})).await;
    until(&h, &acme, running, |job| job.progress.is_some()).await;
    let id = after_heartbeats(&h, 0).await.id;
    h.engine.drain_worker(id).await.unwrap();
    // With the first beat after it the worker is told, with the second it has surely understood.
    after_heartbeats(&h, 2).await;
    let waiting = submit(&h, &acme, json!({"mode": "succeed"})).await;
    let info = after_heartbeats(&h, 2).await;
    assert_eq!((info.state, info.running), (WorkerState::Draining, 1));
    assert_eq!(h.engine.job(&acme, waiting).await.unwrap().unwrap().state, JobState::Queued);
    h.engine.cancel(&acme, running).await.unwrap();
    end(&h, &acme, running).await;
    let info = after_heartbeats(&h, 1).await;
    assert_eq!((info.id, info.state), (id, WorkerState::Drained));
    assert_eq!(h.engine.job(&acme, waiting).await.unwrap().unwrap().state, JobState::Queued);
    h.engine.resume_worker(id).await.unwrap();
    assert_eq!(end(&h, &acme, waiting).await.state, JobState::Succeeded);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_in_its_grace_is_seen_draining_and_a_second_word_ends_the_grace() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    // Longer than the test waits for its end.
    let worker = Running::start(&h, |options| options.grace = LONG * 10).await;
    let running = submit(&h, &acme, json!({"mode": "obey"})).await;
    until(&h, &acme, running, |job| job.progress.is_some()).await;
    worker.stop.cancel();
    let draining = async {
        while h.engine.workers().await.unwrap().remove(0).state != WorkerState::Draining {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, draining).await.expect("it is seen");
    worker.at_once.cancel();
    worker.stop().await;
    let job = h.engine.job(&acme, running).await.unwrap().unwrap();
    assert_eq!((job.state, job.attempt), (JobState::Queued, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draining_worker_that_was_given_up_drains_on_in_its_new_life() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, |options| options.heartbeat = Duration::from_millis(500)).await;
    let id = after_heartbeats(&h, 0).await.id;
    h.engine.drain_worker(id).await.unwrap();
    after_heartbeats(&h, 2).await;
    sqlx::query("update esteira.workers set lost_at = now()").execute(&h.pool).await.unwrap();
    let reborn = async {
        loop {
            let workers = h.engine.workers().await.unwrap();
            if let Some(info) = workers.into_iter().find(|info| info.id != id && info.draining_at.is_some()) {
                return info.state;
            }
            tokio::task::yield_now().await;
        }
    };
    assert_eq!(tokio::time::timeout(LONG, reborn).await.expect("it drains"), WorkerState::Drained);
    sqlx::query("delete from esteira.workers where lost_at is not null").execute(&h.pool).await.unwrap();
    let waiting = submit(&h, &acme, json!({"mode": "succeed"})).await;
    let info = after_heartbeats(&h, 2).await;
    assert_eq!(h.engine.job(&acme, waiting).await.unwrap().unwrap().state, JobState::Queued);
    h.engine.resume_worker(info.id).await.unwrap();
    assert_eq!(end(&h, &acme, waiting).await.state, JobState::Succeeded);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_whose_settle_got_no_answer_keeps_its_files() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let deaf = Deaf::between(&h, &acme).await;
    let db = Db::open(&DatabaseOptions::new(&deaf.url)).unwrap();
    let engine = Engine::new(db, h.store.clone(), h.engine.catalog().clone());
    let worker = Running::start_on(engine, |options| {
        // Many heartbeats before the settle is asked for again: none of them names the job any more.
        options.cancel_poll = Duration::from_millis(5);
    })
    .await;
    let job = end(&h, &acme, submit(&h, &acme, json!({"mode": "succeed"})).await).await;
    worker.stop().await;
    assert_eq!((job.state, deaf.has_lost()), (JobState::Succeeded, true));
    let files = h.store.delete_prefix(&format!("tenants/{}/", acme.id)).await.unwrap();
    assert_eq!(files, job.artifacts.len(), "files of a result that counts were deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_lost_a_lane_to_another_claim_looks_again_long_before_the_next_poll() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    let asked = Submission { kind: HERE.into(), input: json!({}), ..Submission::default() };
    let held = h.engine.submit(&acme, &asked).await.unwrap().job;
    let free = h.engine.submit(&bell, &asked).await.unwrap().job;
    // Another claim has one of the two lanes, and takes nothing in the end.
    let mut other = h.pool.begin().await.unwrap();
    sqlx::query("select from esteira.lanes where tenant_id = $1 for update")
        .bind(acme.id.0)
        .execute(&mut *other)
        .await
        .unwrap();
    let worker = Running::start(&h, |options| {
        options.slots = BTreeMap::from([(HERE.into(), 2)]);
        options.poll = LONG * 60;
    })
    .await;
    end(&h, &bell, free).await;
    other.rollback().await.unwrap();
    end(&h, &acme, held).await;
    worker.stop().await;
}
