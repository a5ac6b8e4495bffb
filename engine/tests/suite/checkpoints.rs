//! What a job has done outlives its child, its worker and its lease, within limits, and goes with the job.

use std::collections::BTreeMap;
use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use esteira_engine::Engine;
use esteira_engine::checkpoint::{self, Segment};
use esteira_engine::child::WorkDir;
use esteira_engine::duty::{RetentionOptions, lead, prune_once, sweep_once};
use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::job::{
    Catalog, CheckedInput, Decision, InputError, Job, JobState, Kind, KindError, KindInfo,
};
use esteira_engine::queue::{self, Lease};
use esteira_engine::tenant::Tenant;
use esteira_engine::worker::WorkerOptions;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{HOSTILE, Harness, info, outcome};
use crate::worker::{Running, end, program, submit, until};

/// Long enough never to matter in a passing test.
const LONG: Duration = Duration::from_secs(60);

/// The kind of `examples/hostile.rs`, whose checkpoints have a version, or none.
struct Keeping(Option<&'static str>);

impl Kind for Keeping {
    fn info(&self) -> KindInfo {
        info(HOSTILE)
    }

    fn check(&self, _: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
        Ok(CheckedInput::default())
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn checkpoint_version(&self) -> Option<&'static str> {
        self.0
    }

    fn run(&self, _: &Value, _: &Value, _: &mut WorkDir) -> Result<Value, KindError> {
        Ok(Value::Null)
    }
}

/// A worker whose kind has checkpoints of a version, and which hands jobs back at once when it is stopped.
async fn start(
    h: &Harness,
    version: Option<&'static str>,
    change: impl FnOnce(&mut WorkerOptions),
) -> Running {
    let kinds: Vec<Box<dyn Kind>> = vec![Box::new(Keeping(version))];
    let catalog = Catalog::new(kinds, &BTreeMap::new()).unwrap();
    Running::start_on(Engine::new(h.db.clone(), h.store.clone(), catalog), |options| {
        options.grace = Duration::ZERO;
        options.checkpoints.delay = Duration::from_millis(20);
        change(options);
    })
    .await
}

/// A job of ten pages, whose first attempt halts after five.
fn ten_pages(halt: &str) -> Value {
    json!({"mode": "pages", "pages": 10, "halt_after": 5, "halt": halt})
}

/// What a job says that has found so many pages and made the rest.
fn rest_after(found: usize) -> Option<Value> {
    Some(json!({"found": found, "made": (found..10).collect::<Vec<_>>()}))
}

/// A page's record: two lengths, its key and its content.
const PAGE: u64 = 10 + 6 + 5;

/// A job that has halted in an attempt, and its child.
async fn halted(h: &Harness, tenant: &Tenant, id: JobId) -> (Job, Pid) {
    let job = until(h, tenant, id, |job| job.progress.as_ref().is_some_and(|p| p.stage == "halted")).await;
    let pid = job.progress.as_ref().unwrap().message.parse().unwrap();
    (job, Pid::from_raw(pid).unwrap())
}

/// Comes back when so many attempts of a job have halted.
async fn halted_attempts(h: &Harness, tenant: &Tenant, id: JobId, wanted: i64) {
    let counting = async {
        loop {
            let mut tx = h.db.begin_as(tenant).await.unwrap();
            let halted: i64 =
                sqlx::query_scalar("select count(*) from attempts where job_id = $1 and stage = 'halted'")
                    .bind(id.0)
                    .fetch_one(tx.conn())
                    .await
                    .unwrap();
            if halted >= wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, counting).await.expect("they halt");
}

/// The pieces that a job's row names, if it has one.
async fn segments(h: &Harness, tenant: &Tenant, id: JobId) -> Option<Vec<Segment>> {
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    let row: Option<Value> = sqlx::query_scalar("select segments from checkpoints where job_id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await
        .unwrap();
    row.map(|segments| serde_json::from_value(segments).unwrap())
}

/// Comes back when so many bytes are in the store.
async fn until_stored(h: &Harness, tenant: &Tenant, id: JobId, bytes: u64) -> Vec<Segment> {
    let storing = async {
        loop {
            let there = segments(h, tenant, id).await.unwrap_or_default();
            if there.iter().map(|segment| segment.bytes).sum::<u64>() == bytes {
                return there;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, storing).await.expect("they are stored")
}

fn prefix(tenant: &Tenant, id: JobId) -> String {
    format!("tenants/{}/jobs/{id}/checkpoints/", tenant.id)
}

fn key(tenant: &Tenant, id: JobId, segment: &Segment) -> String {
    format!("{}{}/{}", prefix(tenant, id), segment.lease, segment.number)
}

async fn is_stored(h: &Harness, key: &str) -> bool {
    let dir = TempDir::new().unwrap();
    h.store.fetch(None, key, &dir.path().join("x"), 1 << 20).await.is_ok()
}

/// Nothing is left of a job's checkpoints, neither row nor object.
async fn assert_gone(h: &Harness, tenant: &Tenant, id: JobId) {
    assert_eq!(segments(h, tenant, id).await, None);
    assert_eq!(h.store.delete_prefix(&prefix(tenant, id)).await.unwrap(), 0);
}

/// What all attempts of a job told, one after the other.
async fn told(h: &Harness, tenant: &Tenant, id: JobId) -> Vec<String> {
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    let logs: Vec<Value> = sqlx::query_scalar("select log from attempts where job_id = $1 order by lease")
        .bind(id.0)
        .fetch_all(tx.conn())
        .await
        .unwrap();
    let lines = logs.iter().flat_map(|log| log.as_array().unwrap());
    lines.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
}

/// As if the workers that live had not been heard of for long: their jobs are taken from them.
async fn give_up_all(h: &Harness) {
    sqlx::query("update esteira.workers set lease_until = now() - interval '1 second'")
        .execute(&h.pool)
        .await
        .unwrap();
    queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_child_is_killed_goes_on_where_it_was() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    // What a dead child has reported is kept, however long the rest would have waited.
    let worker = start(&h, Some("1"), |options| options.checkpoints.delay = LONG).await;
    let id = submit(&h, &acme, ten_pages("hang")).await;
    let (_, child) = halted(&h, &acme, id).await;
    kill_process(child, Signal::KILL).unwrap();
    let job = end(&h, &acme, id).await;
    assert_eq!(
        (job.state, job.attempt, job.output),
        (JobState::Succeeded, 2, rest_after(5)),
        "{:?}",
        job.error
    );
    worker.stop().await;
    assert_eq!(told(&h, &acme, id).await, ["goes on from what earlier attempts have kept; checkpoints: 5"]);
    assert_gone(&h, &acme, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_whole_worker_is_killed_goes_on_in_another() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let dir = TempDir::new().unwrap();
    let mut killed = Command::new(program())
        .args(["work", &h.database.url, &h.s3_endpoint()])
        .arg(dir.path())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let id = submit(&h, &acme, ten_pages("hang")).await;
    halted(&h, &acme, id).await;
    until_stored(&h, &acme, id, 5 * PAGE).await;
    killed.kill().unwrap();
    killed.wait().unwrap();
    give_up_all(&h).await;
    let worker = start(&h, Some("1"), |_| {}).await;
    let job = end(&h, &acme, id).await;
    assert_eq!(
        (job.state, job.attempt, job.output),
        (JobState::Succeeded, 2, rest_after(5)),
        "{:?}",
        job.error
    );
    worker.stop().await;
    assert_gone(&h, &acme, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_handed_back_goes_on_and_a_job_of_a_new_version_begins_anew() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = submit(&h, &acme, ten_pages("hang")).await;
    for (lives, version) in [(1, "1"), (2, "2")] {
        let worker = start(&h, Some(version), |options| options.checkpoints.delay = LONG).await;
        halted_attempts(&h, &acme, id, lives).await;
        worker.stop().await;
        assert_eq!(until_stored(&h, &acme, id, 5 * PAGE).await.len(), 1, "what was left is sent at the end");
    }
    let second = until_stored(&h, &acme, id, 5 * PAGE).await;
    assert_eq!(second.iter().map(|segment| segment.lease).collect::<Vec<_>>(), [2]);
    let first = Segment { lease: 1, ..second[0].clone() };
    assert!(
        !is_stored(&h, &key(&acme, id, &first)).await && is_stored(&h, &key(&acme, id, &second[0])).await
    );
    let worker = start(&h, Some("2"), |_| {}).await;
    let job = end(&h, &acme, id).await;
    assert_eq!(
        (job.state, job.attempt, job.output),
        (JobState::Succeeded, 1, rest_after(5)),
        "{:?}",
        job.error
    );
    worker.stop().await;
    assert_gone(&h, &acme, id).await;
}

/// A lease of the one job that is there to claim.
async fn claimed(h: &Harness) -> Lease {
    h.claim_one(h.worker().await).await
}

#[tokio::test]
async fn a_late_word_of_an_old_lease_changes_nothing() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let piece =
        |lease: &Lease, number| Segment { lease: lease.lease, number, bytes: 1, sha256: String::new() };
    let id = h.submit(&acme).await;
    let old = claimed(&h).await;
    let first = piece(&old, 0);
    assert!(checkpoint::write(&h.db, &acme, &old, "1", std::slice::from_ref(&first)).await.unwrap());
    give_up_all(&h).await;
    assert!(!checkpoint::write(&h.db, &acme, &old, "1", &[]).await.unwrap(), "it waits for its next attempt");
    h.let_time_come().await;
    queue::promote(&h.db).await.unwrap();
    let new = claimed(&h).await;
    assert!(!checkpoint::write(&h.db, &acme, &old, "1", &[]).await.unwrap(), "before the new one begins");
    let kept = checkpoint::adopt(&h.db, &acme, &new, "2").await.unwrap().expect("it is ours");
    assert_eq!((kept.version.as_str(), &kept.segments), ("1", &vec![first.clone()]));
    for late in [piece(&old, 1), piece(&old, 2)] {
        assert!(!checkpoint::write(&h.db, &acme, &old, "1", &[late]).await.unwrap());
        assert!(checkpoint::adopt(&h.db, &acme, &old, "1").await.unwrap().is_none());
    }
    let both = [first, piece(&new, 0)];
    // Twice, as somebody does whose first answer was lost.
    for _ in 0..2 {
        assert!(checkpoint::write(&h.db, &acme, &new, "2", &both).await.unwrap());
    }
    assert_eq!(segments(&h, &acme, id).await, Some(both.to_vec()));
    // Nor does another tenant come to it, even with the lease itself.
    assert!(checkpoint::adopt(&h.db, &other, &new, "2").await.unwrap().is_none());
    assert!(!checkpoint::write(&h.db, &other, &new, "2", &[]).await.unwrap());
    let mut tx = h.db.begin_as(&other).await.unwrap();
    let peeking =
        sqlx::query("select segments from tenant_acme_schema.checkpoints").fetch_all(tx.conn()).await;
    assert!(peeking.unwrap_err().to_string().contains("permission denied"));
    drop(tx);
    queue::settle(&h.db, &acme, &new, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    assert!(!checkpoint::write(&h.db, &acme, &new, "2", &[]).await.unwrap(), "the job is over");
    assert_eq!(segments(&h, &acme, id).await, Some(both.to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_a_limit_is_told_and_left_out_and_the_job_does_not_fail() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    for (bytes, count, kept) in [(1 << 20, 3, 3), (4 * PAGE + 1, 100, 4)] {
        let worker = start(&h, Some("1"), |options| {
            options.checkpoints.bytes = bytes;
            options.checkpoints.count = count;
        })
        .await;
        let id = submit(&h, &acme, ten_pages("abort")).await;
        let job = end(&h, &acme, id).await;
        assert_eq!((job.state, job.output), (JobState::Succeeded, rest_after(kept)), "{:?}", job.error);
        let told = told(&h, &acme, id).await;
        assert!(told[0].contains("come to their limit"), "{told:?}");
        assert!(told[1].ends_with(&format!("checkpoints: {kept}")), "{told:?}");
        worker.stop().await;
        assert_gone(&h, &acme, id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn none_are_kept_of_a_kind_without_a_version_or_where_the_operator_wants_none() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    for (version, bytes) in [(None, 1 << 20), (Some("1"), 0)] {
        let worker = start(&h, version, |options| options.checkpoints.bytes = bytes).await;
        let id = submit(&h, &acme, ten_pages("abort")).await;
        let job = end(&h, &acme, id).await;
        assert_eq!((job.state, job.error.unwrap().code.as_str()), (JobState::Failed, "crashed"));
        worker.stop().await;
        assert!(told(&h, &acme, id).await.is_empty());
        assert_gone(&h, &acme, id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_leaves_something_else_in_the_place_of_a_checkpoint_harms_nobody() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = start(&h, Some("1"), |_| {}).await;
    for how in ["absent", "folder", "pipe", "link", "twin", "nonsense", "short", "endless", "elsewhere"] {
        let id = submit(&h, &acme, json!({"mode": "bad_checkpoint", "how": how})).await;
        let telling = async {
            while !told(&h, &acme, id).await.iter().any(|line| line.contains("cannot be read")) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(LONG, telling).await.unwrap_or_else(|_| panic!("{how} is not told"));
        h.engine.cancel(&acme, id).await.unwrap();
        assert_eq!(end(&h, &acme, id).await.state, JobState::Cancelled, "{how}");
        assert_eq!(segments(&h, &acme, id).await, None, "{how}");
    }
    // A key is never a path, and a file of holes is as long as it says.
    for (how, bytes) in [("climbing", 10 + 22 + 1), ("sparse", 10 + 3 + (1 << 19))] {
        let id = submit(&h, &acme, json!({"mode": "bad_checkpoint", "how": how})).await;
        until_stored(&h, &acme, id, bytes).await;
        h.engine.cancel(&acme, id).await.unwrap();
        assert_eq!(end(&h, &acme, id).await.state, JobState::Cancelled, "{how}");
    }
    let good = end(&h, &acme, submit(&h, &acme, ten_pages("abort")).await).await;
    assert_eq!(good.output, rest_after(5));
    worker.stop().await;
    assert_eq!(h.store.delete_prefix(&format!("tenants/{}/", acme.id)).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_pages_become_a_handful_of_objects() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = start(&h, Some("1"), |_| {}).await;
    let input = json!({"mode": "pages", "pages": 1010, "words": 1000, "halt_after": 1000, "halt": "hang"});
    let id = submit(&h, &acme, input).await;
    halted(&h, &acme, id).await;
    let pages: u64 = (0..1000).map(|page: u64| 10 + format!("page-{page}").len() as u64 + 5_000).sum();
    let pieces = until_stored(&h, &acme, id, pages).await;
    assert!(pieces.len() <= 12, "{} objects", pieces.len());
    worker.stop().await;
    assert_eq!(h.store.delete_prefix(&prefix(&acme, id)).await.unwrap(), pieces.len(), "and no others stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_kept_again_and_again_takes_little_room_and_the_last_one_is_found() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = start(&h, Some("1"), |options| options.checkpoints.bytes = 1 << 20).await;
    // 60 times half a mebibyte: thirty times what the job may keep.
    let id = submit(&h, &acme, json!({"mode": "state", "times": 60, "bytes": 1 << 19})).await;
    halted(&h, &acme, id).await;
    worker.stop().await;
    let pieces = segments(&h, &acme, id).await.unwrap();
    let bytes: u64 = pieces.iter().map(|piece| piece.bytes).sum();
    assert!(bytes <= 8 << 20, "{bytes} bytes");
    let worker = start(&h, Some("1"), |_| {}).await;
    let job = end(&h, &acme, id).await;
    assert_eq!((job.state, job.output), (JobState::Succeeded, Some(json!({"last": 59}))), "{:?}", job.error);
    worker.stop().await;
    assert_gone(&h, &acme, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_that_were_changed_are_not_believed() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = submit(&h, &acme, ten_pages("hang")).await;
    let worker = start(&h, Some("1"), |_| {}).await;
    halted(&h, &acme, id).await;
    worker.stop().await;
    let pieces = until_stored(&h, &acme, id, 5 * PAGE).await;
    let mut changed = vec![0; usize::try_from(pieces[0].bytes).unwrap()];
    changed[0] = 6;
    h.store.put(&key(&acme, id, &pieces[0]), "text/plain", 1000, &mut changed.as_slice()).await.unwrap();
    // It finds none, and halts again.
    let worker = start(&h, Some("1"), |_| {}).await;
    until(&h, &acme, id, |job| job.state == JobState::Running).await;
    let stored_anew = async {
        while segments(&h, &acme, id).await.unwrap().iter().any(|segment| segment.lease == 1) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, stored_anew).await.expect("the pages are made anew");
    worker.stop().await;
    let worker = start(&h, Some("1"), |_| {}).await;
    assert_eq!(end(&h, &acme, id).await.output, rest_after(5));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_failed_keeps_nothing_and_its_retry_by_hand_begins_anew() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = start(&h, Some("1"), |_| {}).await;
    let id = submit(&h, &acme, ten_pages("retry")).await;
    let job = end(&h, &acme, id).await;
    assert_eq!((job.state, job.attempt, job.output), (JobState::Succeeded, 2, rest_after(5)));
    let id = submit(&h, &acme, ten_pages("fail")).await;
    for lives in 1..=2 {
        assert_eq!(end(&h, &acme, id).await.error.unwrap().code, "told_to");
        assert!(told(&h, &acme, id).await.is_empty(), "life {lives} has found something");
        if lives == 1 {
            h.engine.retry(&acme, id).await.unwrap();
        }
    }
    worker.stop().await;
    assert_gone(&h, &acme, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_of_a_job_that_waits_are_kept_by_the_sweep_and_not_exported_and_those_of_one_that_is_over_go()
 {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = submit(&h, &acme, ten_pages("hang")).await;
    let worker = start(&h, Some("1"), |_| {}).await;
    halted(&h, &acme, id).await;
    worker.stop().await;
    let pieces = until_stored(&h, &acme, id, 5 * PAGE).await;
    let stray = format!("{}1/999", prefix(&acme, id));
    h.store.put(&stray, "text/plain", 10, &mut &b"stray"[..]).await.unwrap();

    let leadership = lead(&h.db, "test", WorkerId::new(), LONG).await.unwrap().unwrap();
    let options = RetentionOptions { orphan_age: Duration::ZERO, ..RetentionOptions::default() };
    sqlx::query("update esteira.sweeps set due_at = now(), after_key = ''").execute(&h.pool).await.unwrap();
    sweep_once(&h.db, &h.store, &options, &leadership).await.unwrap().unwrap();
    assert!(!is_stored(&h, &stray).await, "nobody names it");
    for piece in &pieces {
        assert!(is_stored(&h, &key(&acme, id, piece)).await);
    }

    let dir = TempDir::new().unwrap();
    let archive = File::create(dir.path().join("acme.tar")).unwrap();
    let manifest = h.engine.export_tenant(&acme, archive).await.unwrap();
    assert!(manifest.entries.iter().all(|entry| !entry.name.contains("checkpoint") && entry.key.is_none()));

    let prune = async || {
        sqlx::query("update esteira.prunes set due_at = now()").execute(&h.pool).await.unwrap();
        prune_once(&h.db, &h.store, &options, &leadership).await.unwrap().unwrap().checkpoints
    };
    assert_eq!(prune().await, 0);
    // It ends without a worker.
    h.engine.cancel(&acme, id).await.unwrap();
    assert!(segments(&h, &acme, id).await.is_some());
    assert_eq!(prune().await, 1);
    assert_gone(&h, &acme, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_go_with_their_tenant() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let id = submit(&h, &acme, ten_pages("hang")).await;
    let worker = start(&h, Some("1"), |_| {}).await;
    halted(&h, &acme, id).await;
    worker.stop().await;
    until_stored(&h, &acme, id, 5 * PAGE).await;
    h.engine.remove_tenant(&acme.slug).await.unwrap();
    assert_eq!(h.store.delete_prefix(&prefix(&acme, id)).await.unwrap(), 0);
}
