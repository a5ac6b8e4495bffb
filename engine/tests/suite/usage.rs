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
            prune_before(h, 1).await;
        }
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
            }
            h.engine.remove_tenant(&tenant.slug).await.unwrap();
            Ok(())
        })
    });
    checked.unwrap();
}
