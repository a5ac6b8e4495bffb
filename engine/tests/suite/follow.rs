//! Following a job: what is told, to whom, and that nothing is lost on the way.

use std::time::Duration;

use esteira_engine::Engine;
use esteira_engine::child::protocol::{LogLevel, Progress};
use esteira_engine::db::Db;
use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{
    Event, EventPlace, Follow, Happening, Lease, LogLine, News, Outcome, Reported, rescue, settle,
};
use esteira_engine::tenant::Tenant;
use tokio::time::timeout;

use crate::harness::{Harness, outcome, submission};

/// Longer than any of this takes, and shorter than the time after which a follower reads without having heard anything.
const SOON: Duration = Duration::from_secs(10);

/// An engine of another process on the same database.
async fn another_process(h: &Harness) -> Engine {
    let db = Db::open(&crate::pooler::options(&h.database)).unwrap();
    Engine::new(db, h.same_bucket().await, h.engine.catalog().clone())
}

fn said(number: i32, message: &str) -> LogLine {
    LogLine { number, after_ms: i64::from(number), level: LogLevel::Info, message: message.to_owned() }
}

fn came(number: i32, fraction: f64) -> Option<Reported> {
    let progress = Progress { fraction, stage: "work".to_owned(), message: String::new() };
    Some(Reported { number, after_ms: i64::from(number), progress })
}

fn news(log: &[LogLine], progress: Option<Reported>) -> News {
    News { log: log.to_vec(), progress }
}

/// An event in a word.
fn word(event: &Event) -> String {
    let what = match &event.what {
        Happening::State { state, .. } => state.to_string(),
        Happening::Progress(progress) => format!("{}", progress.fraction),
        Happening::Log { message, .. } => message.clone(),
    };
    format!("{} {what}", event.place)
}

async fn told(engine: &Engine, tenant: &Tenant, job: JobId) -> Vec<String> {
    let timeline = engine.timeline(tenant.clone(), job, EventPlace::default()).await.unwrap().unwrap();
    timeline.events.iter().map(word).collect()
}

async fn follow(engine: &Engine, tenant: &Tenant, job: JobId, after: EventPlace) -> Follow {
    engine.follow(tenant.clone(), job, after).await.unwrap().unwrap()
}

/// Reads on until an event of this word has come; gives all of them.
async fn until(follow: &mut Follow, last: &str) -> Vec<Event> {
    let mut all = Vec::new();
    let reading = async {
        while all.last().is_none_or(|event| word(event) != last) {
            all.extend(follow.next().await.unwrap().expect("it goes on"));
        }
    };
    let came = timeout(SOON, reading).await;
    assert!(came.is_ok(), "no {last:?} after {:?}", all.iter().map(word).collect::<Vec<_>>());
    all
}

async fn end(h: &Harness, tenant: &Tenant, lease: &Lease, outcome: &Outcome) {
    settle(&h.db, tenant, lease, outcome).await.unwrap();
}

/// A job that runs.
async fn running(h: &Harness, tenant: &Tenant) -> (JobId, WorkerId, Lease) {
    let job = h.submit(tenant).await;
    let worker = h.worker().await;
    (job, worker, h.claim_one(worker).await)
}

#[tokio::test]
async fn a_job_is_followed_to_its_end_by_one_process_after_the_other() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let other = another_process(&h).await;
    let job = h.submit(&acme).await;
    let mut first = follow(&h.engine, &acme, job, EventPlace::default()).await;
    let mut seen = until(&mut first, "0.5.0 queued").await;
    let lease = h.claim_one(h.worker().await).await;
    seen.extend(until(&mut first, "1.0.0 running").await);
    h.engine.report(&acme, &lease, &news(&[said(1, "hello")], came(2, 0.25))).await.unwrap();
    seen.extend(until(&mut first, "1.1.2 0.25").await);
    drop(first);

    h.engine.report(&acme, &lease, &news(&[said(3, "there")], came(4, 0.5))).await.unwrap();
    let mut second = follow(&other, &acme, job, seen.last().unwrap().place).await;
    seen.extend(until(&mut second, "1.1.4 0.5").await);
    let log = vec![said(1, "hello"), said(3, "there"), said(5, "bye")];
    let done = Outcome { log, progress: came(6, 1.0), ..outcome(Decision::Succeed, "succeeded") };
    end(&h, &acme, &lease, &done).await;
    seen.extend(until(&mut second, "1.2.0 succeeded").await);
    assert_eq!(second.next().await.unwrap(), None);
    let words: Vec<String> = seen.iter().map(word).collect();
    let all = [
        "0.5.0 queued",
        "1.0.0 running",
        "1.1.1 hello",
        "1.1.2 0.25",
        "1.1.3 there",
        "1.1.4 0.5",
        "1.1.5 bye",
        "1.1.6 1",
        "1.2.0 succeeded",
    ];
    assert_eq!(words, all);
    // Of the progress only the newest is kept; everything else is told again, in the same words.
    let kept: Vec<&str> =
        all.into_iter().filter(|word| !["1.1.2 0.25", "1.1.4 0.5"].contains(word)).collect();
    assert_eq!(told(&other, &acme, job).await, kept);
    let over = follow(&other, &acme, job, seen.last().unwrap().place).await;
    assert!(over.is_over());
}

#[tokio::test]
async fn what_another_process_writes_is_heard_of_by_a_hint() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let other = another_process(&h).await;
    let (job, _, lease) = running(&h, &acme).await;
    let mut following = follow(&other, &acme, job, EventPlace::default()).await;
    until(&mut following, "1.0.0 running").await;
    for (number, fraction) in [(1, 0.25), (2, 0.5), (3, 0.75)] {
        h.engine.report(&acme, &lease, &news(&[], came(number, fraction))).await.unwrap();
        until(&mut following, &format!("1.1.{number} {fraction}")).await;
    }
}

#[tokio::test]
async fn a_process_whose_ears_were_cut_off_looks_at_what_it_may_have_missed() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let other = another_process(&h).await;
    let (job, _, lease) = running(&h, &acme).await;
    let mut following = follow(&other, &acme, job, EventPlace::default()).await;
    until(&mut following, "1.0.0 running").await;
    h.engine.report(&acme, &lease, &news(&[], came(1, 0.25))).await.unwrap();
    until(&mut following, "1.1.1 0.25").await;
    // By then it waits; what is written before it listens again is told to nobody.
    let waiting = follow_on(following);
    let cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen%'";
    assert_eq!(h.count(cut).await, 2);
    h.engine.report(&acme, &lease, &news(&[], came(2, 0.5))).await.unwrap();
    let events = timeout(SOON, waiting).await.expect("it looks").unwrap();
    assert_eq!(events.iter().map(word).collect::<Vec<_>>(), ["1.1.2 0.5"]);
}

/// Waits for the next events in a task of its own, so that it has begun to wait.
fn follow_on(mut following: Follow) -> tokio::task::JoinHandle<Vec<Event>> {
    tokio::spawn(async move { following.next().await.unwrap().expect("it goes on") })
}

#[tokio::test]
async fn what_is_reported_twice_is_kept_once_and_an_end_takes_nothing_away() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (job, worker, lease) = running(&h, &acme).await;
    for _ in 0..2 {
        let both = [said(1, "one"), said(3, "two")];
        h.engine.report(&acme, &lease, &news(&both, came(2, 0.5))).await.unwrap();
    }
    let reports = ["1.1.1 one", "1.1.2 0.5", "1.1.3 two"];
    let running = [&["0.5.0 queued", "1.0.0 running"][..], &reports].concat();
    assert_eq!(told(&h.engine, &acme, job).await, running);
    // Whoever rescues the job of a worker that died knows nothing of what that worker was told.
    h.silence(worker).await;
    rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap();
    let rescued = [&running[..], &["1.4.0 scheduled"]].concat();
    assert_eq!(told(&h.engine, &acme, job).await, rescued);
    // The worker was not dead.
    h.engine.report(&acme, &lease, &news(&[said(4, "late")], came(5, 0.75))).await.unwrap();
    assert_eq!(told(&h.engine, &acme, job).await, rescued);
}

#[tokio::test]
async fn a_retry_by_hand_goes_on_where_the_end_was() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (job, worker, lease) = running(&h, &acme).await;
    end(&h, &acme, &lease, &outcome(Decision::Fail, "failed")).await;
    let first = ["0.5.0 queued", "1.0.0 running", "1.2.0 failed"];
    assert_eq!(told(&h.engine, &acme, job).await, first);
    h.engine.retry(&acme, job).await.unwrap();
    let lease = h.claim_one(worker).await;
    end(&h, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await;
    let second = ["2.5.0 queued", "3.0.0 running", "3.2.0 succeeded"];
    assert_eq!(told(&h.engine, &acme, job).await, [first, second].concat());
}

#[tokio::test]
async fn what_waits_for_others_and_ends_with_them_tells_so() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (needed, _, lease) = running(&h, &acme).await;
    let needy = esteira_engine::queue::Submission { depends_on: vec![needed], ..submission() };
    let job = h.engine.submit(&acme, &needy).await.unwrap().job;
    let mut following = follow(&h.engine, &acme, job, EventPlace::default()).await;
    until(&mut following, "0.3.0 blocked").await;
    end(&h, &acme, &lease, &outcome(Decision::Fail, "failed")).await;
    let events = until(&mut following, "0.6.0 cancelled").await;
    let Happening::State { state, error: Some(error) } = &events.last().unwrap().what else {
        panic!("{events:?}");
    };
    assert_eq!((*state, error.code.as_str()), (JobState::Cancelled, "dependency_failed"));
    assert_eq!(following.next().await.unwrap(), None);
}

#[tokio::test]
async fn nobody_follows_the_job_of_another_tenant() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let job = h.submit(&acme).await;
    for (tenant, job) in [(&other, job), (&acme, JobId::new())] {
        let start = EventPlace::default();
        assert!(h.engine.follow(tenant.clone(), job, start).await.unwrap().is_none());
        assert!(h.engine.timeline(tenant.clone(), job, start).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_tenant_that_is_not_migrated_yet_hears_of_progress_alone() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let older = Tenant { schema_version: 5, ..acme.clone() };
    let (job, _, lease) = running(&h, &acme).await;
    let without = "alter table tenant_acme_schema.attempts drop column report, drop column report_ms";
    sqlx::query(without)
        .execute(&sqlx::PgPool::connect(&h.database.superuser_url).await.unwrap())
        .await
        .unwrap();
    h.engine.report(&older, &lease, &news(&[said(1, "one")], came(2, 0.5))).await.unwrap();
    assert_eq!(told(&h.engine, &older, job).await, ["0.5.0 queued", "1.0.0 running", "1.1.1 0.5"]);
}
