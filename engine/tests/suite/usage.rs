//! The ledger of usage equals the jobs at any moment: also when they are retried, crash, and are pruned.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;
use esteira_engine::artifact::NewFile;
use esteira_engine::duty::{RetentionOptions, lead, prune_once};
use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::job::{Decision, JobError};
use esteira_engine::queue::{self, FinishedArtifact, Lease, Outcome, Usage as Measured};
use esteira_engine::tenant::{Retention, Tenant};
use esteira_engine::usage::{Usage, Used};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::harness::{Harness, KIND, outcome};
use crate::retention::days_pass;

const HOUR: Duration = Duration::from_secs(3600);

async fn usage(h: &Harness, tenant: &Tenant) -> Usage {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    h.engine.usage(tenant, day("2000-01-01"), day("9999-01-01")).await.unwrap()
}

/// What was used in all by jobs, and by uploads.
fn totals(usage: &Usage) -> (Used, Used) {
    let (mut jobs, mut uploads) = (Used::default(), Used::default());
    for day in &usage.days {
        if day.kind.is_some() { jobs.add(&day.used) } else { uploads.add(&day.used) }
    }
    (jobs, uploads)
}

fn failure(lease: &Lease, decision: Decision, ended_as: &'static str) -> Outcome {
    let attempt = lease.counters.attempt;
    let error = JobError { code: "x".into(), message: "x".into(), retryable: true, attempt };
    let usage = Measured { cpu_seconds: 0.5, peak_bytes: 1 };
    Outcome { error: Some(error), usage, ..Outcome::new(decision, ended_as) }
}

/// A success with a file of so many bytes, two seconds of media and a page.
fn success(lease: &Lease, bytes: u64) -> Outcome {
    let artifact = FinishedArtifact {
        name: "x.txt".into(),
        media_type: "text/plain".into(),
        bytes,
        sha256: vec![0; 32],
        object_key: format!("tenants/{}/jobs/{}/{}/x.txt", lease.tenant, lease.job, lease.lease),
    };
    let output = json!({"usage": {"media_seconds": 2.5, "pages": 1}});
    let usage = Measured { cpu_seconds: 0.25, peak_bytes: 1 };
    Outcome {
        artifacts: vec![artifact],
        output: Some(output),
        usage,
        ..outcome(Decision::Succeed, "succeeded")
    }
}

async fn prune_before(h: &Harness, days: i32) {
    let leadership = lead(&h.db, "test", WorkerId(uuid::Uuid::nil()), HOUR).await.unwrap().unwrap();
    let retention = Retention::Days(days);
    let options = RetentionOptions {
        jobs: retention,
        uploads: retention,
        batch: 2,
        prune_every: Duration::ZERO,
        ..RetentionOptions::default()
    };
    prune_once(&h.db, &h.store, &options, &leadership).await.unwrap();
}

#[tokio::test]
async fn a_job_counts_by_its_kind_with_its_attempts_files_and_units_before_and_after_it_is_pruned() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let file = NewFile { file_name: "a".into(), media_type: None, limit: 100 };
    h.engine.put_file(&acme, &file, &b"hello"[..]).await.unwrap();
    h.submit(&acme).await;
    let worker = h.worker().await;
    let first = h.claim_one(worker).await;
    let crashed = failure(&first, Decision::Retry(Duration::ZERO), "crashed");
    queue::note_staged(&h.db, &acme, &first, 70).await.unwrap();
    queue::settle(&h.db, &acme, &first, &crashed).await.unwrap();
    let (jobs, _) = totals(&usage(&h, &acme).await);
    assert_eq!((jobs.succeeded, jobs.attempts, jobs.bytes_moved, jobs.bytes_stored), (0, 1, 70, 0));
    h.let_time_come().await;
    queue::promote(&h.db).await.unwrap();
    let second = h.claim_one(worker).await;
    queue::note_staged(&h.db, &acme, &second, 70).await.unwrap();
    queue::settle(&h.db, &acme, &second, &success(&second, 30)).await.unwrap();

    let before = usage(&h, &acme).await;
    let kinds: Vec<Option<&str>> = before.days.iter().map(|day| day.kind.as_deref()).collect();
    assert_eq!(kinds, [None, Some(KIND)]);
    let (jobs, uploads) = totals(&before);
    assert_eq!((jobs.succeeded, jobs.failed, jobs.cancelled, jobs.attempts), (1, 0, 0, 2));
    assert_eq!((jobs.bytes_stored, jobs.bytes_moved), (30, 170));
    assert_eq!((jobs.media_seconds, jobs.pages, jobs.cpu_seconds), (2.5, 1, 0.75));
    assert!(jobs.processing_seconds > 0.0);
    assert_eq!((uploads.bytes_stored, uploads.bytes_moved), (5, 5));
    assert_eq!(before.storage.bytes, 35);

    days_pass(&h, 40).await;
    prune_before(&h, 30).await;
    let after = usage(&h, &acme).await;
    assert_eq!(after.days, before.days);
    assert_eq!(after.storage.bytes, 0);
}

#[tokio::test]
async fn units_that_cannot_be_count_for_nothing() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    for units in [
        json!({"media_seconds": -1, "pages": "many"}),
        json!({"media_seconds": null, "pages": -3}),
        json!([1]),
        json!("x"),
    ] {
        h.submit(&acme).await;
        let lease = h.claim_one(h.worker().await).await;
        let done =
            Outcome { output: Some(json!({"usage": units})), ..outcome(Decision::Succeed, "succeeded") };
        queue::settle(&h.db, &acme, &lease, &done).await.unwrap();
    }
    let (jobs, _) = totals(&usage(&h, &acme).await);
    assert_eq!((jobs.succeeded, jobs.attempts, jobs.media_seconds, jobs.pages), (4, 4, 0.0, 0));
}

/// What the rows of jobs and files tell, added up: what the ledger has to say as long as nothing is pruned.
async fn told_by_rows(h: &Harness, tenant: &Tenant) -> Used {
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    let row: (i64, i64, i64, i64, f64, f64, i64, i64, f64, i64) = sqlx::query_as(
        "select (select count(*) from outcomes where state = 'succeeded'),
                (select count(*) from outcomes where state = 'failed'),
                (select count(*) from outcomes where state = 'cancelled'),
                (select count(started_at) from attempts where ended_as is not null)
                    + (select count(started_at) from outcomes as o where not exists (
                           select from attempts as a where a.job_id = o.job_id and a.lease = o.lease and a.ended_as is not null)),
                (select coalesce(sum(extract(epoch from finished_at - started_at)), 0)::float8
                 from attempts where ended_as is not null)
                    + (select coalesce(sum(extract(epoch from o.finished_at - o.started_at)), 0)::float8
                       from outcomes as o where not exists (
                           select from attempts as a where a.job_id = o.job_id and a.lease = o.lease and a.ended_as is not null)),
                (select coalesce(sum(cpu_seconds), 0)::float8 from attempts where ended_as is not null),
                (select coalesce(sum(bytes), 0)::bigint from artifacts),
                (select coalesce(sum(bytes), 0)::bigint from artifacts)
                    + (select coalesce(sum(staged_bytes), 0)::bigint from attempts where ended_as is not null),
                (select coalesce(sum((output #>> '{usage,media_seconds}')::numeric), 0)::float8 from outcomes),
                (select coalesce(sum((output #>> '{usage,pages}')::bigint), 0)::bigint from outcomes)",
    )
    .fetch_one(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    Used {
        succeeded: row.0,
        failed: row.1,
        cancelled: row.2,
        attempts: row.3,
        processing_seconds: row.4,
        cpu_seconds: row.5,
        bytes_stored: row.6,
        bytes_moved: row.7,
        media_seconds: row.8,
        pages: row.9,
    }
}

/// Whether amounts are the same, give or take how floating numbers are added.
fn alike(one: &Used, other: &Used) -> bool {
    let near = |one: f64, other: f64| (one - other).abs() < 1e-3;
    let whole = |used: &Used| Used { processing_seconds: 0.0, cpu_seconds: 0.0, media_seconds: 0.0, ..*used };
    whole(one) == whole(other)
        && near(one.processing_seconds, other.processing_seconds)
        && near(one.cpu_seconds, other.cpu_seconds)
        && near(one.media_seconds, other.media_seconds)
}

/// What is gone of the rows between two looks.
fn lost(before: &Used, after: &Used) -> Used {
    Used {
        succeeded: before.succeeded - after.succeeded,
        failed: before.failed - after.failed,
        cancelled: before.cancelled - after.cancelled,
        attempts: before.attempts - after.attempts,
        processing_seconds: before.processing_seconds - after.processing_seconds,
        cpu_seconds: before.cpu_seconds - after.cpu_seconds,
        bytes_stored: before.bytes_stored - after.bytes_stored,
        bytes_moved: before.bytes_moved - after.bytes_moved,
        media_seconds: before.media_seconds - after.media_seconds,
        pages: before.pages - after.pages,
    }
}

async fn fold(h: &Harness, tenant: &Tenant) {
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("select fold_usage_{}()", tenant.slug.as_str())))
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn entries(h: &Harness, tenant: &Tenant) -> i64 {
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    sqlx::query_scalar("select count(*) from usage_ledger").fetch_one(tx.conn()).await.unwrap()
}

#[tokio::test]
async fn entries_are_folded_beside_settles_and_no_reader_sees_other_sums() {
    const JOBS: usize = 200;
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.flood(&acme, JOBS).await;
    let worker = h.worker().await;
    let settles = async {
        for lease in h.claim(worker, JOBS).await {
            queue::settle(&h.db, &acme, &lease, &success(&lease, 3)).await.unwrap();
        }
    };
    let folds = async {
        loop {
            fold(&h, &acme).await;
            tokio::task::yield_now().await;
        }
    };
    let reads = async {
        let mut last = 0;
        loop {
            let (jobs, _) = totals(&usage(&h, &acme).await);
            assert!(jobs.succeeded >= last, "{} after {last}", jobs.succeeded);
            assert_eq!((jobs.pages, jobs.bytes_stored), (jobs.succeeded, 3 * jobs.succeeded));
            last = jobs.succeeded;
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = settles => {}
        () = async { tokio::join!(folds, reads); } => {}
    }
    // A fold that was broken off holds its entries until Postgres has seen that; the next one passes over them. Two are
    // left where the settles fell into two quarters of an hour.
    let folding = async {
        while entries(&h, &acme).await > 2 {
            fold(&h, &acme).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), folding).await.expect("the entries are folded");
    let used = usage(&h, &acme).await;
    assert_eq!(used.days[0].used.succeeded, JOBS as i64);
    assert_eq!(used.storage.bytes, 3 * JOBS as i64);
    assert!(alike(&totals(&used).0, &told_by_rows(&h, &acme).await));
}

#[tokio::test]
async fn what_a_transaction_that_fails_would_have_used_is_in_no_entry() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let job = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    // The second file of the same name breaks the settle.
    let mut twice = success(&lease, 1);
    twice.artifacts.extend(twice.artifacts.clone());
    queue::settle(&h.db, &acme, &lease, &twice).await.unwrap_err();
    assert_eq!(entries(&h, &acme).await, 0);
    let done = success(&lease, 1);
    queue::settle(&h.db, &acme, &lease, &done).await.unwrap();
    // Asked again, since its answer was lost, it counts once.
    queue::settle(&h.db, &acme, &lease, &done).await.unwrap();
    assert_eq!(totals(&usage(&h, &acme).await).0.succeeded, 1);
    assert!(h.engine.job(&acme, job).await.unwrap().is_some());
}

/// What happens next.
#[derive(Debug, Clone, Copy)]
enum Event {
    Submit,
    /// The next attempt ends so.
    Succeed(u8),
    Fail,
    Crash,
    Snooze,
    Cancel,
    /// An ended job is retried by hand.
    RetryByHand,
    /// A day passes, and what ended more than a day ago goes.
    DayAndPrune,
    /// Entries of a day and kind become one.
    Fold,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => Just(Event::Submit),
        3 => any::<u8>().prop_map(Event::Succeed),
        2 => Just(Event::Fail),
        2 => Just(Event::Crash),
        1 => Just(Event::Snooze),
        2 => Just(Event::Cancel),
        2 => Just(Event::RetryByHand),
        2 => Just(Event::DayAndPrune),
        1 => Just(Event::Fold),
    ];
    prop::collection::vec(event, 1..40)
}

/// What the ledger has to say, kept beside it.
#[derive(Debug, Default)]
struct Books {
    /// How each job that is over ended, and with how many bytes.
    ended: BTreeMap<JobId, (&'static str, i64)>,
    live: Vec<JobId>,
    attempts: i64,
    days: u32,
    /// What the rows told that are gone.
    pruned: Used,
}

impl Books {
    fn expected(&self) -> (i64, i64, i64, i64, i64) {
        let count = |state| self.ended.values().filter(|(is, _)| *is == state).count() as i64;
        let bytes = self.ended.values().map(|(_, bytes)| bytes).sum();
        (count("succeeded"), count("failed"), count("cancelled"), self.attempts, bytes)
    }
}

async fn happen(h: &Harness, tenant: &Tenant, worker: WorkerId, books: &mut Books, event: Event) {
    match event {
        Event::Submit => {
            let job = h.submit(tenant).await;
            books.live.push(job);
        }
        Event::Succeed(_) | Event::Fail | Event::Crash | Event::Snooze => {
            h.let_time_come().await;
            queue::promote(&h.db).await.unwrap();
            let Some(lease) = h.claim(worker, 1).await.into_iter().next() else { return };
            let (end, outcome) = match event {
                Event::Succeed(bytes) => {
                    (Some(("succeeded", i64::from(bytes))), success(&lease, bytes.into()))
                }
                Event::Fail => (Some(("failed", 0)), failure(&lease, Decision::Fail, "failed")),
                Event::Crash => (None, failure(&lease, Decision::Retry(Duration::ZERO), "crashed")),
                _ => (None, Outcome::new(Decision::Snooze(Duration::ZERO), "snoozed")),
            };
            queue::settle(&h.db, tenant, &lease, &outcome).await.unwrap();
            books.attempts += 1;
            if let Some(end) = end {
                books.live.retain(|job| *job != lease.job);
                books.ended.insert(lease.job, end);
            }
        }
        Event::Cancel => {
            let Some(job) = books.live.pop() else { return };
            h.engine.cancel(tenant, job).await.unwrap();
            books.ended.insert(job, ("cancelled", 0));
        }
        Event::RetryByHand => {
            // The last that is there to be retried; one that was pruned is not.
            for job in books.ended.keys().rev().copied().collect::<Vec<_>>() {
                if h.engine.retry(tenant, job).await.is_ok() {
                    books.ended.remove(&job);
                    books.live.push(job);
                    return;
                }
            }
        }
        Event::DayAndPrune => {
            books.days += 1;
            days_pass(h, books.days).await;
            sqlx::query("update esteira.workers set lease_until = esteira.now() + interval '1 h'")
                .execute(&h.pool)
                .await
                .unwrap();
            let before = told_by_rows(h, tenant).await;
            prune_before(h, 1).await;
            books.pruned.add(&lost(&before, &told_by_rows(h, tenant).await));
        }
        Event::Fold => fold(h, tenant).await,
    }
}

#[test]
fn whatever_happens_the_ledger_equals_the_jobs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (h, worker) = runtime.block_on(async {
        let h = Harness::new().await;
        let worker = h.worker().await;
        (h, worker)
    });
    let number = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&events(), |events| {
        runtime.block_on(async {
            number.set(number.get() + 1);
            days_pass(&h, 0).await;
            let tenant = h.tenant(&format!("tenant_{}", number.get())).await;
            let mut books = Books::default();
            for event in events {
                happen(&h, &tenant, worker, &mut books, event).await;
                let (jobs, _) = totals(&usage(&h, &tenant).await);
                let told = (jobs.succeeded, jobs.failed, jobs.cancelled, jobs.attempts, jobs.bytes_stored);
                prop_assert_eq!(told, books.expected(), "after {:?}", event);
                prop_assert_eq!(jobs.media_seconds, jobs.succeeded as f64 * 2.5);
                let mut rows = told_by_rows(&h, &tenant).await;
                rows.add(&books.pruned);
                prop_assert!(alike(&jobs, &rows), "{:?} after {:?}, and by rows {:?}", jobs, event, rows);
            }
            h.engine.remove_tenant(&tenant.slug).await.unwrap();
            Ok(())
        })
    });
    checked.unwrap();
}
