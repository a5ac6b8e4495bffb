//! What is counted of a known piece of work, and what the leader tells of the whole.

use std::collections::BTreeMap;
use std::time::Duration;

use esteira_engine::Engine;
use esteira_engine::job::JobState;
use esteira_engine::metrics::{Format, KindOverview};
use esteira_engine::overview::{self, OverviewOptions};
use esteira_engine::queue::{PauseTarget, Submission};
use esteira_engine::worker::{Worker, WorkerOptions};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::harness::{HERE, HOSTILE, Harness, KIND, submission};

/// The number of a series, 0 where there is none.
fn told(engine: &Engine, series: &str) -> f64 {
    let text = engine.scrape(Format::Classic);
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ').map(str::to_owned));
    line.map_or(0.0, |number| number.parse().unwrap())
}

/// The sum of all series of a name that have these labels.
fn sum(engine: &Engine, name: &str, labels: &[&str]) -> f64 {
    let text = engine.scrape(Format::Classic);
    let of_name =
        text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('{')?.split_once("} "));
    let numbers = of_name.filter(|(has, _)| labels.iter().all(|label| has.contains(label)));
    numbers.map(|(_, number)| number.parse::<f64>().unwrap()).sum()
}

async fn look(h: &Harness, starved_after: Duration) -> esteira_engine::metrics::Overview {
    let options = OverviewOptions { starved_after, ..OverviewOptions::default() };
    overview::look_once(&h.engine, &options).await.unwrap()
}

fn of<'a>(overview: &'a esteira_engine::metrics::Overview, kind: &str) -> &'a KindOverview {
    overview.kinds.iter().find(|of| of.kind == kind).unwrap()
}

#[tokio::test]
async fn a_worker_counts_each_attempt_by_kind_tenant_and_end() {
    let h = Harness::new().await;
    let (acme, dir) = (h.tenant("acme").await, TempDir::new().unwrap());
    let submit = async |kind: &str, input| {
        let submission =
            Submission { kind: kind.into(), input, max_attempts: Some(1), ..Submission::default() };
        h.engine.submit(&acme, &submission).await.unwrap().job
    };
    let mut jobs = Vec::new();
    for _ in 0..3 {
        jobs.push(submit(HERE, json!({"n": 1})).await);
    }
    jobs.push(submit(HERE, json!({"n": 1, "do": "fail"})).await);
    let slots = BTreeMap::from([(HERE.to_owned(), 2)]);
    let worker = Worker::start(h.engine.clone(), WorkerOptions::new(slots, dir.path().into())).await.unwrap();
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker.run(stop.clone()));
    let mut ends = Vec::new();
    for job in jobs {
        ends.push(h.engine.wait(&acme, job, Duration::from_secs(60)).await.unwrap().unwrap().state);
    }
    stop.cancel();
    working.await.unwrap();
    let good = ends.iter().filter(|state| **state == JobState::Succeeded).count();
    assert_eq!((good, ends.len()), (3, 4), "{ends:?}");
    let kind = format!("kind=\"{HERE}\"");
    assert_eq!(told(&h.engine, &format!("esteira_jobs_submitted_total{{{kind}}}")), 4.0);
    assert_eq!(told(&h.engine, &format!("esteira_jobs_started_total{{{kind}}}")), 4.0);
    assert_eq!(sum(&h.engine, "esteira_jobs_finished_total", &[&kind, "outcome=\"succeeded\""]), 3.0);
    assert_eq!(sum(&h.engine, "esteira_jobs_finished_total", &[&kind, "outcome=\"failed\""]), 1.0);
    assert_eq!(sum(&h.engine, "esteira_attempts_total", &[&kind]), 4.0);
    assert_eq!(sum(&h.engine, "esteira_job_wait_seconds_count", &[&kind, "behind=\"slot\""]), 4.0);
    assert_eq!(sum(&h.engine, "esteira_job_run_seconds_count", &[&kind]), 4.0);
    assert_eq!(sum(&h.engine, "esteira_settle_seconds_count", &[&kind]), 4.0);
    assert_eq!(sum(&h.engine, "esteira_tenant_attempts_total", &["tenant=\"acme\""]), 4.0);
    assert_eq!(sum(&h.engine, "esteira_tenant_jobs_submitted_total", &["tenant=\"acme\""]), 4.0);
    assert_eq!(told(&h.engine, &format!("esteira_worker_slots{{{kind}}}")), 2.0);
    assert_eq!(told(&h.engine, &format!("esteira_worker_busy_slots{{{kind}}}")), 0.0);
    assert!(sum(&h.engine, "esteira_postgres_calls_total", &["call=\"claim\""]) >= 1.0);
    assert_eq!(sum(&h.engine, "esteira_postgres_errors_total", &[]), 0.0);
}

#[tokio::test]
async fn the_leader_tells_how_the_whole_stands() {
    let h = Harness::new().await;
    let (acme, bell) = (h.tenant("acme").await, h.tenant("bell").await);
    h.submit(&bell).await;
    let lease = h.claim_one(h.worker().await).await;
    assert_eq!(lease.tenant, bell.id);
    h.flood(&acme, 3).await;
    let later = "2999-01-01T00:00:00Z".parse().unwrap();
    h.engine.submit(&bell, &Submission { run_at: Some(later), ..submission() }).await.unwrap();
    sqlx::query("update esteira.queue set ready_at = ready_at - interval '60 s', started_at = started_at - interval '30 s'")
        .execute(&h.pool)
        .await
        .unwrap();
    let whole = look(&h, Duration::from_secs(30)).await;
    let kind = of(&whole, KIND);
    assert_eq!((kind.blocked, kind.scheduled, kind.queued, kind.running), (0, 1, 3, 1));
    assert!((60.0..120.0).contains(&kind.oldest_ready_seconds), "{kind:?}");
    assert!((30.0..90.0).contains(&kind.oldest_running_seconds), "{kind:?}");
    assert_eq!((kind.starved, of(&whole, HOSTILE).starved), (1, 0), "nothing of acme runs");
    assert_eq!(
        look(&h, Duration::from_secs(600)).await.kinds.iter().map(|kind| kind.starved).sum::<i64>(),
        0
    );
    assert_eq!((whole.all_tenants, whole.tenants_behind, whole.schedules_due), (2, 0, 0));
    let database = &whole.database;
    assert!(database.sessions.is_none_or(|sessions| sessions > 0), "{database:?}");
    assert_eq!(database.sessions.is_some(), database.oldest_transaction_seconds.is_some());
    assert_eq!(database.tables.len(), 2, "{database:?}");
    // Only bell has been seen by this process' own meter, so acme has no name yet.
    let other = whole.tenants.iter().find(|tenant| tenant.tenant == "other").unwrap();
    assert_eq!(
        other.queued + whole.tenants.iter().filter(|t| t.tenant == "acme").map(|t| t.queued).sum::<i64>(),
        3
    );
}

#[tokio::test]
async fn whoever_is_held_back_is_not_starved() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.flood(&acme, 1).await;
    sqlx::query("update esteira.queue set ready_at = ready_at - interval '1 h'")
        .execute(&h.pool)
        .await
        .unwrap();
    let starved = async || of(&look(&h, Duration::from_secs(600)).await, KIND).starved;
    assert_eq!(starved().await, 1);
    let target = PauseTarget { tenant: Some(acme.slug.clone()), kind: None };
    h.engine.pause(&target).await.unwrap();
    assert_eq!(starved().await, 0);
    h.engine.resume(&target).await.unwrap();
    sqlx::query("update esteira.tenants set max_running = 0").execute(&h.pool).await.unwrap();
    assert_eq!(starved().await, 0);
}

#[tokio::test]
async fn jobs_that_end_while_they_wait_and_jobs_of_lost_workers_are_counted() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let first = h.submit(&acme).await;
    h.engine.submit(&acme, &Submission { depends_on: vec![first], ..submission() }).await.unwrap();
    h.engine.cancel(&acme, first).await.unwrap();
    let cancelled = |code| sum(&h.engine, "esteira_jobs_finished_total", &["outcome=\"cancelled\"", code]);
    assert_eq!((cancelled("code=\"\""), cancelled("code=\"dependency_failed\"")), (1.0, 1.0));
    h.submit(&acme).await;
    let worker = h.worker().await;
    h.claim_one(worker).await;
    h.silence(worker).await;
    esteira_engine::queue::rescue(&h.db, h.engine.catalog(), || 0.0).await.unwrap();
    assert_eq!(told(&h.engine, &format!("esteira_rescues_total{{kind=\"{KIND}\"}}")), 1.0);
    assert_eq!(sum(&h.engine, "esteira_crashes_total", &["cause=\"worker_lost\""]), 1.0);
}

#[tokio::test]
async fn of_two_processes_one_leads_the_look_and_tells_it_until_it_ends() {
    let h = Harness::new().await;
    let other = Engine::new(
        esteira_engine::db::Db::open(&crate::pooler::options(&h.database)).unwrap(),
        h.same_bucket().await,
        h.engine.catalog().clone(),
    );
    let options = OverviewOptions { every: Duration::from_millis(50), ..OverviewOptions::default() };
    let stop = CancellationToken::new();
    let looking = [h.engine.clone(), other.clone()]
        .map(|engine| tokio::spawn(overview::run(engine, options, stop.clone())));
    let leads = |engine: &Engine| told(engine, "esteira_leader{duty=\"overview\"}") == 1.0;
    let tells = |engine: &Engine| engine.scrape(Format::Classic).contains("esteira_queue_jobs{");
    let one_leads = async {
        while !(leads(&h.engine) && tells(&h.engine) || leads(&other) && tells(&other)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), one_leads).await.expect("one leads");
    assert!(leads(&h.engine) != leads(&other));
    assert!(tells(&h.engine) != tells(&other));
    stop.cancel();
    for looking in looking {
        looking.await.unwrap();
    }
    assert!(!tells(&h.engine) && !tells(&other) && !leads(&h.engine) && !leads(&other));
}

#[tokio::test]
async fn a_webhook_waits_from_its_signal_on_and_not_while_it_is_told() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let oldest = async || {
        let whole = look(&h, Duration::from_secs(600)).await;
        (whole.webhooks_waiting, whole.webhooks_oldest_seconds)
    };
    assert_eq!(oldest().await, (0, 0.0));
    sqlx::query(
        "insert into esteira.webhook_turns (tenant_id, due_at) values ($1, esteira.now() - interval '60 s')",
    )
    .bind(acme.id.0)
    .execute(&h.pool)
    .await
    .unwrap();
    let (waiting, seconds) = oldest().await;
    assert!(waiting == 1 && (60.0..120.0).contains(&seconds), "{seconds}");
    sqlx::query("update esteira.webhook_turns set held_until = esteira.now() + interval '30 s'")
        .execute(&h.pool)
        .await
        .unwrap();
    assert_eq!(oldest().await, (0, 0.0));
    sqlx::query(
        "insert into esteira.webhook_signals (tenant_id, created_at)
         values ($1, esteira.now() - interval '200 s')",
    )
    .bind(acme.id.0)
    .execute(&h.pool)
    .await
    .unwrap();
    let (waiting, seconds) = oldest().await;
    assert!(waiting == 1 && (200.0..260.0).contains(&seconds), "{seconds}");
}
