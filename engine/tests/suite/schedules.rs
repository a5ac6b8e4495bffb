//! Schedules: each due instant is fired once, whoever leads, dies or sets the clock; what is not fired says why.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use esteira_engine::Engine;
use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::duty::{Leadership, RetentionOptions, lead, prune_once};
use esteira_engine::id::{JobId, ScheduleId, WorkerId};
use esteira_engine::job::Decision;
use esteira_engine::queue::{self, JobFilter};
use esteira_engine::schedule::{
    self, CatchUp, Definition, FireError, Overlap, Run, RunState, ScheduleChange, ScheduleError,
    ScheduleOptions, fire_once,
};
use esteira_engine::tenant::{LimitsChange, Tenant, TenantState};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::harness::{Harness, KIND, outcome};

const LEASE: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(60);

pub fn definition(cron: &str) -> Definition {
    Definition {
        name: "nightly".into(),
        cron: cron.into(),
        timezone: "UTC".into(),
        kind: KIND.into(),
        input: json!({"n": 1}),
        priority: 0,
        max_attempts: None,
        timeout: None,
        metadata: serde_json::Map::new(),
        overlap: Overlap::Skip,
        catch_up: CatchUp::Latest,
        jitter_seconds: 0,
        enabled: true,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// From now on it is this instant, and stays it.
pub async fn it_is(h: &Harness, instant: DateTime<Utc>) {
    let sql = format!(
        "create or replace function esteira.now() returns timestamptz language sql stable parallel safe
         return timestamptz '{}'",
        instant.to_rfc3339()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&h.pool).await.unwrap();
}

/// A leader who lets nobody else be one of this name.
async fn leader(h: &Harness, name: &'static str) -> Leadership {
    lead(&h.db, name, WorkerId(uuid::Uuid::nil()), LEASE).await.unwrap().expect("nobody else leads")
}

pub async fn fire(h: &Harness) -> usize {
    let leadership = leader(h, "test").await;
    fire_once(&h.engine, &ScheduleOptions::default(), &leadership).await.unwrap().jobs
}

async fn make(h: &Harness, tenant: &Tenant, new: &Definition) -> ScheduleId {
    h.engine.create_schedule(tenant, new, 10_000).await.unwrap().id
}

/// The history, the oldest first.
async fn history(h: &Harness, tenant: &Tenant, id: ScheduleId) -> Vec<Run> {
    let mut runs = h.engine.schedule_runs(tenant, id, None, None, 200).await.unwrap().items;
    runs.reverse();
    runs
}

/// What became of each due instant, in words.
async fn told(h: &Harness, tenant: &Tenant, id: ScheduleId) -> Vec<String> {
    let word = |run: Run| match run.reason {
        Some(reason) => reason,
        None => run.state.as_str().to_owned(),
    };
    history(h, tenant, id).await.into_iter().map(word).collect()
}

async fn jobs(h: &Harness, tenant: &Tenant) -> usize {
    h.engine.jobs(tenant, &JobFilter::default(), None, 200).await.unwrap().items.len()
}

/// Ends the one job that can be claimed.
async fn finish(h: &Harness, tenant: &Tenant) -> JobId {
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, tenant, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
    lease.job
}

#[tokio::test]
async fn a_due_schedule_submits_its_job_once_and_says_so() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2026-03-28T20:00:00Z")).await;
    let new = Definition {
        timezone: "Europe/Berlin".into(),
        metadata: json!({"who": "x"}).as_object().unwrap().clone(),
        ..definition("30 2 * * *")
    };
    let made = h.engine.create_schedule(&acme, &new, 10).await.unwrap();
    // 29 March has no 02:30 in Berlin.
    let next: Vec<String> = made.next_runs.iter().map(|at| at.to_rfc3339()).collect();
    assert_eq!(next[..2], ["2026-03-29T01:00:00+00:00", "2026-03-30T00:30:00+00:00"]);
    assert_eq!((next.len(), fire(&h).await), (5, 0));
    it_is(&h, at("2026-03-29T01:00:00Z")).await;
    assert_eq!((fire(&h).await, fire(&h).await), (1, 0));
    let runs = history(&h, &acme, made.id).await;
    assert_eq!((runs.len(), runs[0].state, runs[0].due_at), (1, RunState::Fired, at("2026-03-29T01:00:00Z")));
    let job = h.engine.job(&acme, runs[0].job.unwrap()).await.unwrap().unwrap();
    let metadata = json!({"who": "x", "schedule_id": made.id, "due_at": "2026-03-29T01:00:00Z"});
    assert_eq!((job.kind.as_str(), &job.metadata), (KIND, &metadata));
}

#[tokio::test]
async fn of_several_who_believe_to_lead_one_fires() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2026-01-01T00:00:00Z")).await;
    for _ in 0..20 {
        make(&h, &acme, &definition("@hourly")).await;
    }
    it_is(&h, at("2026-01-01T01:00:00Z")).await;
    let names = ["a", "b", "c", "d"];
    let mut tasks = Vec::new();
    for name in names {
        let (leadership, engine) = (leader(&h, name).await, h.engine.clone());
        tasks.push(tokio::spawn(async move {
            fire_once(&engine, &ScheduleOptions::default(), &leadership).await.unwrap().jobs
        }));
    }
    let mut fired = 0;
    for task in tasks {
        fired += task.await.unwrap();
    }
    assert_eq!((fired, jobs(&h, &acme).await), (20, 20));
}

#[tokio::test]
async fn several_schedulers_fire_what_is_due_once_and_the_next_takes_over_at_once_from_one_that_ends() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let options = ScheduleOptions {
        poll: Duration::from_millis(20),
        lease: Duration::from_millis(600),
        ..ScheduleOptions::default()
    };
    it_is(&h, at("2026-01-01T00:30:00Z")).await;
    let id = make(&h, &acme, &Definition { overlap: Overlap::Replace, ..definition("@hourly") }).await;
    let start = || {
        let ended = CancellationToken::new();
        let task = tokio::spawn(schedule::run(h.engine.clone(), options.clone(), ended.clone()));
        (ended, task)
    };
    let mut schedulers = [start(), start(), start()].into_iter();
    // Each hour one of them ends, in the end the last.
    for (fired, hour) in (1..=3).enumerate() {
        it_is(&h, at("2026-01-01T00:00:00Z") + TimeDelta::hours(hour)).await;
        let wait = async {
            while history(&h, &acme, id).await.len() == fired {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("it is fired");
        let (ended, task) = schedulers.next().unwrap();
        ended.cancel();
        task.await.unwrap();
    }
    assert_eq!(told(&h, &acme, id).await, ["fired", "fired", "fired"]);
}

/// Keeps whoever fires from writing its history, which comes after its jobs, until it is dropped.
async fn blocked<'p>(h: &'p Harness, tenant: &Tenant) -> sqlx::Transaction<'p, sqlx::Postgres> {
    let mut tx = h.pool.begin().await.unwrap();
    let sql = format!(
        "set local role {}; lock table {}.schedule_runs in exclusive mode",
        tenant.role,
        tenant.slug.schema()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
    tx
}

#[tokio::test]
async fn a_leader_changes_in_the_middle_of_a_fire_and_the_instant_is_fired_once() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2026-01-01T00:00:00Z")).await;
    let id = make(&h, &acme, &definition("@hourly")).await;
    it_is(&h, at("2026-01-01T01:00:00Z")).await;
    let old = leader(&h, "schedules").await;
    let block = blocked(&h, &acme).await;
    let (engine, term) = (h.engine.clone(), old.term());
    let firing =
        tokio::spawn(
            async move { fire_once(&engine, &ScheduleOptions::default(), &old).await.map(|f| f.jobs) },
        );
    h.until_waiting(1).await;
    // Its lease has run out, and somebody wants to take over: that waits for what is being written.
    it_is(&h, at("2026-01-01T01:00:30Z")).await;
    let db = h.db.clone();
    let taking = tokio::spawn(async move { lead(&db, "schedules", WorkerId::new(), LEASE).await.unwrap() });
    h.until_waiting(2).await;
    block.rollback().await.unwrap();
    let new = taking.await.unwrap().expect("the lease has run out");
    assert_eq!((firing.await.unwrap().unwrap(), new.term()), (1, term + 1));
    let again = fire_once(&h.engine, &ScheduleOptions::default(), &new).await.unwrap().jobs;
    assert_eq!((again, jobs(&h, &acme).await), (0, 1));
    assert_eq!(told(&h, &acme, id).await, ["fired"]);
}

#[tokio::test]
async fn who_leads_no_more_fires_nothing() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2026-01-01T00:00:00Z")).await;
    make(&h, &acme, &definition("@hourly")).await;
    let old = leader(&h, "schedules").await;
    it_is(&h, at("2026-01-01T01:00:00Z")).await;
    lead(&h.db, "schedules", WorkerId::new(), LEASE).await.unwrap().expect("the lease has run out");
    let refused = fire_once(&h.engine, &ScheduleOptions::default(), &old).await;
    assert!(matches!(refused, Err(FireError::Deposed)), "{refused:?}");
    assert_eq!(jobs(&h, &acme).await, 0);
}

/// What a process that is killed is told.
const OF_KILLED: &str = "ESTEIRA_TEST_KILLED_SCHEDULER";

/// No test, but the process that the next one kills: it starts this program again with this name.
#[test]
fn the_scheduler_that_is_killed() {
    let Ok(url) = std::env::var(OF_KILLED) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let h = Harness::new().await;
        let db = Db::open(&DatabaseOptions::new(url)).unwrap();
        let engine = Engine::new(db, h.store.clone(), h.engine.catalog().clone());
        schedule::run(engine, ScheduleOptions::default(), CancellationToken::new()).await;
    });
}

#[tokio::test]
async fn a_scheduler_that_is_killed_between_submit_and_mark_has_done_nothing_and_the_next_fires() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2026-01-01T00:00:00Z")).await;
    let id = make(&h, &acme, &definition("@hourly")).await;
    it_is(&h, at("2026-01-01T01:00:00Z")).await;
    let block = blocked(&h, &acme).await;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "schedules::the_scheduler_that_is_killed"])
        .env(OF_KILLED, &h.database.url)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // It has written its jobs, and waits to write that it has.
    h.until_waiting(1).await;
    child.kill().unwrap();
    child.wait().unwrap();
    block.rollback().await.unwrap();
    let gone = async {
        while h.count("select count(*) from pg_locks where relation = 'esteira.schedules'::regclass").await
            > 0
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("Postgres has noticed");
    assert_eq!((jobs(&h, &acme).await, told(&h, &acme, id).await.len()), (0, 0));
    it_is(&h, at("2026-01-01T01:00:20Z")).await;
    let next =
        lead(&h.db, "schedules", WorkerId::new(), LEASE).await.unwrap().expect("the lease has run out");
    assert_eq!(fire_once(&h.engine, &ScheduleOptions::default(), &next).await.unwrap().jobs, 1);
    assert_eq!((jobs(&h, &acme).await, told(&h, &acme, id).await), (1, vec!["fired".to_owned()]));
}

#[tokio::test]
async fn a_clock_that_is_set_back_ten_minutes_fires_nothing_twice() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2026-01-01T00:55:00Z")).await;
    let id = make(&h, &acme, &Definition { overlap: Overlap::Replace, ..definition("*/5 * * * *") }).await;
    for minute in [0, 5] {
        it_is(&h, at("2026-01-01T01:00:00Z") + TimeDelta::minutes(minute)).await;
        assert_eq!(fire(&h).await, 1);
    }
    it_is(&h, at("2026-01-01T00:55:00Z")).await;
    assert_eq!(fire(&h).await, 0);
    // A change computes anew when it is due, and knows what was decided already.
    let pause = |enabled| ScheduleChange { enabled: Some(enabled), ..ScheduleChange::default() };
    h.engine.change_schedule(&acme, id, &pause(false)).await.unwrap();
    h.engine.change_schedule(&acme, id, &pause(true)).await.unwrap();
    for (minute, jobs) in [(0, 0), (5, 0), (10, 1)] {
        it_is(&h, at("2026-01-01T01:00:00Z") + TimeDelta::minutes(minute)).await;
        assert_eq!(fire(&h).await, jobs, "{minute}");
    }
}

#[tokio::test]
async fn after_ten_hours_of_outage_none_the_latest_or_all_are_run() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2025-12-31T23:30:00Z")).await;
    let mut ids = BTreeMap::new();
    for catch_up in CatchUp::ALL {
        let new = Definition { catch_up, ..definition("@hourly") };
        ids.insert(catch_up.as_str(), make(&h, &acme, &new).await);
    }
    // 00:00 to 09:00.
    it_is(&h, at("2026-01-01T09:30:00Z")).await;
    assert_eq!(fire(&h).await, 2);
    assert_eq!(told(&h, &acme, ids["none"]).await, ["missed"; 10]);
    assert_eq!(told(&h, &acme, ids["latest"]).await, [["missed"; 9].as_slice(), &["fired"]].concat());
    assert_eq!(told(&h, &acme, ids["all"]).await, [["fired"].as_slice(), &["waiting"; 9]].concat());
    // One after the other, as each ends.
    let mut caught_up = 0;
    while caught_up < 9 {
        finish(&h, &acme).await;
        caught_up += fire(&h).await;
    }
    assert_eq!(told(&h, &acme, ids["all"]).await, ["fired"; 10]);
    let dues: Vec<_> = history(&h, &acme, ids["all"]).await.iter().map(|run| run.due_at).collect();
    assert!(dues.windows(2).all(|pair| pair[1] - pair[0] == TimeDelta::hours(1)), "{dues:?}");
    it_is(&h, at("2026-01-01T10:00:00Z")).await;
    finish(&h, &acme).await;
    assert_eq!(fire(&h).await, 3);
}

#[tokio::test]
async fn a_year_of_outage_of_a_schedule_of_each_second_is_a_hundred_runs_and_a_line() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2025-01-01T00:00:00Z")).await;
    let id = make(&h, &acme, &Definition { catch_up: CatchUp::All, ..definition("* * * * * *") }).await;
    it_is(&h, at("2026-01-01T00:00:00Z")).await;
    fire(&h).await;
    let runs = history(&h, &acme, id).await;
    assert_eq!((runs.len(), runs[0].reason.as_deref()), (101, Some("missed")));
    assert_eq!(runs[0].through, Some(at("2025-12-31T23:58:20Z")));
    assert_eq!((runs[0].due_at, runs[100].due_at), (at("2025-01-01T00:00:01Z"), at("2026-01-01T00:00:00Z")));
}

#[tokio::test]
async fn while_the_run_before_is_not_over_the_next_is_skipped_waits_or_replaces_it() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2025-12-31T23:30:00Z")).await;
    let mut ids = BTreeMap::new();
    for overlap in Overlap::ALL {
        ids.insert(overlap.as_str(), make(&h, &acme, &Definition { overlap, ..definition("@hourly") }).await);
    }
    for (hour, fired) in [(0, 3), (1, 1)] {
        it_is(&h, at("2026-01-01T00:00:00Z") + TimeDelta::hours(hour)).await;
        assert_eq!(fire(&h).await, fired);
    }
    assert_eq!(told(&h, &acme, ids["skip"]).await, ["fired", "overlap"]);
    assert_eq!(told(&h, &acme, ids["queue"]).await, ["fired", "waiting"]);
    assert_eq!(told(&h, &acme, ids["replace"]).await, ["fired", "fired"]);
    let replaced = history(&h, &acme, ids["replace"]).await[0].job.unwrap();
    let state = h.engine.job(&acme, replaced).await.unwrap().unwrap().state;
    assert_eq!(state.as_str(), "cancelled");
    // Three are left: of each schedule one.
    for _ in 0..3 {
        finish(&h, &acme).await;
    }
    assert_eq!(fire(&h).await, 1);
    assert_eq!(told(&h, &acme, ids["queue"]).await, ["fired", "fired"]);
}

#[tokio::test]
async fn a_thousand_schedules_of_the_same_second_are_fired_within_five_seconds() {
    let h = Harness::new().await;
    it_is(&h, at("2026-01-01T00:30:00Z")).await;
    let mut tenants = Vec::new();
    for number in 0..10 {
        let tenant = h.tenant(&format!("t{number}")).await;
        for _ in 0..100 {
            make(&h, &tenant, &definition("@hourly")).await;
        }
        tenants.push(tenant);
    }
    it_is(&h, at("2026-01-01T01:00:00Z")).await;
    let began = Instant::now();
    assert_eq!(fire(&h).await, 1000);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(fire(&h).await, 0);
    for tenant in &tenants {
        assert_eq!(jobs(&h, tenant).await, 100);
    }
}

#[tokio::test]
async fn a_tenant_with_hundreds_that_are_due_leaves_room_for_others_in_a_look() {
    let h = Harness::new().await;
    let (crowd, acme) = (h.tenant("crowd").await, h.tenant("acme").await);
    it_is(&h, at("2026-01-01T00:30:00Z")).await;
    for _ in 0..205 {
        make(&h, &crowd, &definition("@hourly")).await;
    }
    let last = make(&h, &acme, &Definition { jitter_seconds: 1, ..definition("@hourly") }).await;
    let leadership = leader(&h, "test").await;
    it_is(&h, at("2026-01-01T01:00:05Z")).await;
    // Its lease has run out meanwhile, and nobody else leads: it is renewed before each transaction.
    let options = ScheduleOptions { lease: Duration::from_micros(3), ..ScheduleOptions::default() };
    let first = fire_once(&h.engine, &options, &leadership).await.unwrap();
    assert_eq!((first.jobs, first.more), (201, true));
    assert_eq!(told(&h, &acme, last).await, ["fired"]);
    let second = fire_once(&h.engine, &options, &leadership).await.unwrap();
    assert_eq!((second.jobs, second.more), (5, false));
    // Somebody else has taken over: nothing more is written.
    it_is(&h, at("2026-01-01T02:00:05Z")).await;
    lead(&h.db, "test", WorkerId::new(), LEASE).await.unwrap().unwrap();
    let deposed = fire_once(&h.engine, &options, &leadership).await;
    assert!(matches!(deposed, Err(FireError::Deposed)), "{deposed:?}");
}

#[tokio::test]
async fn jitter_spreads_schedules_of_the_same_second_and_history_keeps_their_instant() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2026-01-01T00:30:00Z")).await;
    let mut ids = Vec::new();
    for _ in 0..40 {
        ids.push(make(&h, &acme, &Definition { jitter_seconds: 600, ..definition("@hourly") }).await);
    }
    let mut fired = Vec::new();
    for minute in 0..=10 {
        it_is(&h, at("2026-01-01T01:00:00Z") + TimeDelta::minutes(minute)).await;
        fired.push(fire(&h).await);
    }
    assert!(fired.iter().sum::<usize>() == 40 && fired.iter().all(|jobs| *jobs < 20), "{fired:?}");
    assert_eq!(history(&h, &acme, ids[0]).await[0].due_at, at("2026-01-01T01:00:00Z"));
}

#[tokio::test]
async fn a_schedule_is_run_by_hand_by_the_rules_of_its_overlap() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    for (overlap, second) in [
        (Overlap::Skip, None),
        (Overlap::Queue, Some(RunState::Waiting)),
        (Overlap::Replace, Some(RunState::Fired)),
    ] {
        let id = make(&h, &acme, &Definition { overlap, ..definition("@yearly") }).await;
        let run = h.engine.run_schedule(&acme, id, 100).await.unwrap();
        assert!(run.by_hand && run.job.is_some());
        let again = h.engine.run_schedule(&acme, id, 100).await;
        match second {
            None => assert!(matches!(again, Err(ScheduleError::Busy)), "{again:?}"),
            Some(state) => assert_eq!(again.unwrap().state, state),
        }
    }
    assert_eq!(jobs(&h, &acme).await, 4);
    for _ in 0..3 {
        finish(&h, &acme).await;
    }
    assert_eq!(fire(&h).await, 1, "the one that waited");
}

#[tokio::test]
async fn a_run_that_is_refused_replaces_nothing() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2025-12-31T23:30:00Z")).await;
    let id = make(&h, &acme, &Definition { overlap: Overlap::Replace, ..definition("@hourly") }).await;
    let running = h.engine.run_schedule(&acme, id, 100).await.unwrap().job.unwrap();
    h.claim_one(h.worker().await).await;
    // From now on the tenant may not have jobs of the kind.
    let change = LimitsChange { kinds: Some(Some(vec!["another.kind".into()])), ..LimitsChange::default() };
    let acme = h.engine.change_limits(&acme.slug, &change).await.unwrap().unwrap();
    let refused = h.engine.run_schedule(&acme, id, 100).await;
    assert!(matches!(refused, Err(ScheduleError::Submit(_))), "{refused:?}");
    it_is(&h, at("2026-01-01T00:00:00Z")).await;
    assert_eq!(fire(&h).await, 0);
    assert_eq!(told(&h, &acme, id).await, ["fired", "refused"]);
    let asked = "select count(*) from esteira.queue where cancel_requested_at is not null";
    assert_eq!(h.count(asked).await, 0);
    assert_eq!(h.engine.job(&acme, running).await.unwrap().unwrap().state.as_str(), "running");
}

#[tokio::test]
async fn what_is_paused_is_not_due_and_what_waited_for_it_is_skipped() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2025-12-31T23:30:00Z")).await;
    let id = make(&h, &acme, &Definition { overlap: Overlap::Queue, ..definition("@hourly") }).await;
    for hour in 0..2 {
        it_is(&h, at("2026-01-01T00:00:00Z") + TimeDelta::hours(hour)).await;
        fire(&h).await;
    }
    let pause = |enabled| ScheduleChange { enabled: Some(enabled), ..ScheduleChange::default() };
    let paused = h.engine.change_schedule(&acme, id, &pause(false)).await.unwrap();
    assert!(paused.next_runs.is_empty());
    finish(&h, &acme).await;
    it_is(&h, at("2026-01-01T05:30:00Z")).await;
    assert_eq!(fire(&h).await, 0);
    h.engine.change_schedule(&acme, id, &pause(true)).await.unwrap();
    assert_eq!(fire(&h).await, 0, "what was due meanwhile is not caught up");
    it_is(&h, at("2026-01-01T06:00:00Z")).await;
    assert_eq!(fire(&h).await, 1);
    assert_eq!(told(&h, &acme, id).await, ["fired", "paused", "fired"]);
}

#[tokio::test]
async fn a_job_that_would_not_be_taken_is_skipped_with_the_reason_and_others_are_fired() {
    let h = Harness::new().await;
    let full =
        h.tenant_with("full", LimitsChange { max_queued: Some(Some(1)), ..LimitsChange::default() }).await;
    let free = h.tenant("free").await;
    it_is(&h, at("2025-12-31T23:30:00Z")).await;
    let (a, b) =
        (make(&h, &full, &definition("@hourly")).await, make(&h, &free, &definition("@hourly")).await);
    h.submit(&full).await;
    it_is(&h, at("2026-01-01T00:00:00Z")).await;
    assert_eq!(fire(&h).await, 1);
    let run = &history(&h, &full, a).await[0];
    assert_eq!(run.reason.as_deref(), Some("refused"));
    assert!(run.message.as_ref().unwrap().contains("1 jobs wait already"), "{run:?}");
    assert_eq!(told(&h, &free, b).await, ["fired"]);
    assert_eq!(fire(&h).await, 0);
}

#[tokio::test]
async fn a_tenant_whose_schema_is_broken_or_that_is_suspended_holds_up_nobody() {
    let h = Harness::new().await;
    let (broken, asleep, well) = (h.tenant("broken").await, h.tenant("asleep").await, h.tenant("well").await);
    it_is(&h, at("2025-12-31T23:30:00Z")).await;
    for tenant in [&broken, &asleep, &well] {
        make(&h, tenant, &definition("@hourly")).await;
    }
    sqlx::raw_sql("drop table tenant_broken_schema.schedule_runs").execute(&h.pool).await.unwrap_err();
    let mut tx = h.db.begin_as(&broken).await.unwrap();
    sqlx::raw_sql("drop table schedule_runs").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    h.engine.set_tenant_state(&asleep.slug, TenantState::Suspended).await.unwrap();
    it_is(&h, at("2026-01-01T00:00:00Z")).await;
    assert_eq!(fire(&h).await, 1);
    assert_eq!((jobs(&h, &well).await, jobs(&h, &asleep).await), (1, 0));
    // Resumed long after, as after an outage: the latest.
    h.engine.set_tenant_state(&asleep.slug, TenantState::Active).await.unwrap();
    it_is(&h, at("2026-01-01T05:30:00Z")).await;
    fire(&h).await;
    assert_eq!(jobs(&h, &asleep).await, 1);
}

#[tokio::test]
async fn a_run_that_waits_in_a_broken_schema_is_put_off() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    it_is(&h, at("2025-12-31T23:30:00Z")).await;
    let id = make(&h, &acme, &Definition { overlap: Overlap::Queue, ..definition("@hourly") }).await;
    for state in [RunState::Fired, RunState::Waiting] {
        assert_eq!(h.engine.run_schedule(&acme, id, 100).await.unwrap().state, state);
    }
    finish(&h, &acme).await;
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    sqlx::raw_sql("alter table schedule_runs rename to elsewhere").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(fire(&h).await, 0);
    let put_off = "select count(*) from esteira.schedules where waiting = 1 and revision = 3";
    assert_eq!(h.count(put_off).await, 1);
    // The next look does not see it, and one after half a minute does.
    assert_eq!((fire(&h).await, h.count(put_off).await), (0, 1));
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    sqlx::raw_sql("alter table elsewhere rename to schedule_runs").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    it_is(&h, at("2025-12-31T23:30:31Z")).await;
    assert_eq!(fire(&h).await, 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_its_field() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let refused = async |new: Definition| h.engine.create_schedule(&acme, &new, 1).await.unwrap_err();
    assert!(matches!(refused(definition("61 * * * *")).await, ScheduleError::Cron(_)));
    let unknown = Definition { timezone: "Mars/Base".into(), ..definition("@daily") };
    assert!(matches!(refused(unknown).await, ScheduleError::Cron(_)));
    let nameless = Definition { name: String::new(), ..definition("@daily") };
    assert!(matches!(refused(nameless).await, ScheduleError::BadField { field: "name", .. }));
    let unfit = Definition { input: json!({"n": "x"}), ..definition("@daily") };
    assert!(matches!(refused(unfit).await, ScheduleError::Submit(_)));
    let id = make(&h, &acme, &definition("@daily")).await;
    assert!(matches!(refused(definition("@daily")).await, ScheduleError::TooMany { limit: 1 }));
    // A limit that is taken back is the kind's again.
    let timeout = Some(Duration::from_secs(60));
    let limited =
        ScheduleChange { max_attempts: Some(Some(2)), timeout: Some(timeout), ..ScheduleChange::default() };
    let limits = |definition: Definition| (definition.max_attempts, definition.timeout);
    let of = |change: ScheduleChange| {
        let (engine, acme) = (h.engine.clone(), acme.clone());
        async move { limits(engine.change_schedule(&acme, id, &change).await.unwrap().definition) }
    };
    assert_eq!(of(limited).await, (Some(2), timeout));
    assert_eq!(
        of(ScheduleChange { max_attempts: Some(None), ..ScheduleChange::default() }).await,
        (None, timeout)
    );
    assert_eq!(of(ScheduleChange { timeout: Some(None), ..ScheduleChange::default() }).await, (None, None));
    let bad = ScheduleChange { cron: Some("x".into()), ..ScheduleChange::default() };
    assert!(matches!(h.engine.change_schedule(&acme, id, &bad).await, Err(ScheduleError::Cron(_))));
}

#[tokio::test]
async fn no_verb_shows_or_touches_anothers_schedule() {
    let h = Harness::new().await;
    let (a, b) = (h.tenant("aaa").await, h.tenant("bbb").await);
    for (own, foreign) in [(&a, &b), (&b, &a)] {
        let id = make(&h, foreign, &definition("@daily")).await;
        let unknown = |error: ScheduleError| matches!(error, ScheduleError::Unknown);
        assert!(unknown(h.engine.schedule(own, id).await.unwrap_err()));
        assert!(unknown(h.engine.change_schedule(own, id, &ScheduleChange::default()).await.unwrap_err()));
        assert!(unknown(h.engine.run_schedule(own, id, 100).await.unwrap_err()));
        assert!(unknown(h.engine.schedule_runs(own, id, None, None, 10).await.unwrap_err()));
        assert!(unknown(h.engine.remove_schedule(own, id).await.unwrap_err()));
        assert!(h.engine.schedules(own, None, 10).await.unwrap().items.is_empty());
        assert_eq!(h.engine.schedule(foreign, id).await.unwrap().next_runs.len(), 5);
        h.engine.remove_schedule(foreign, id).await.unwrap();
        assert_eq!(h.count("select count(*) from esteira.schedules").await, 0);
    }
}

#[tokio::test]
async fn history_goes_with_the_jobs_that_it_names_and_files_that_a_schedule_names_stay() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let file = esteira_engine::artifact::NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
    let mut uploads = Vec::new();
    for _ in 0..2 {
        uploads.push(h.engine.put_file(&acme, &file, &b"hello"[..]).await.unwrap().id);
    }
    let input = json!({"n": 1, "source": format!("upload://{}", uploads[0])});
    let id = make(&h, &acme, &Definition { input, ..definition("@yearly") }).await;
    h.engine.run_schedule(&acme, id, 100).await.unwrap();
    finish(&h, &acme).await;
    crate::retention::days_pass(&h, 40).await;
    let leadership = leader(&h, "retention").await;
    let pruned =
        prune_once(&h.db, &h.store, &RetentionOptions::default(), &leadership).await.unwrap().unwrap();
    assert_eq!((pruned.jobs, pruned.runs, pruned.uploads), (1, 1, 1));
    h.engine.run_schedule(&acme, id, 100).await.unwrap();
}

/// Zones of the fleet: with changes in both seasons, at several hours and by half an hour, and without any.
const ZONES: [&str; 12] = [
    "America/Sao_Paulo",
    "America/New_York",
    "America/Los_Angeles",
    "America/Havana",
    "America/Santiago",
    "Europe/Lisbon",
    "Europe/Berlin",
    "Europe/Helsinki",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
];

#[tokio::test]
async fn a_fleet_of_tenants_gets_one_run_each_local_night_over_two_weeks_with_clock_changes() {
    let h = Harness::new().await;
    // ESTEIRA_TEST_FLEET=1000 is the whole of it, which takes minutes.
    let fleet: usize = std::env::var("ESTEIRA_TEST_FLEET").map_or(24, |text| text.parse().unwrap());
    let windows = [at("2027-03-13T12:00:00Z"), at("2027-10-24T12:00:00Z")];
    let mut tenants = Vec::new();
    it_is(&h, windows[0] - TimeDelta::days(1)).await;
    for number in 0..fleet {
        let tenant = h.tenant(&format!("t{number}")).await;
        let timezone = ZONES[number % ZONES.len()];
        let new = Definition { timezone: timezone.into(), enabled: false, ..definition("0 2 * * *") };
        let id = make(&h, &tenant, &new).await;
        tenants.push((tenant, id, timezone));
    }
    let enable = |enabled| ScheduleChange { enabled: Some(enabled), ..ScheduleChange::default() };
    for begin in windows {
        it_is(&h, begin).await;
        for (tenant, id, _) in &tenants {
            h.engine.change_schedule(tenant, *id, &enable(true)).await.unwrap();
        }
        let mut fired = 0;
        // Half an hour at a time, which meets every due instant of these zones in its moment.
        for step in 1..=15 * 48 {
            it_is(&h, begin + TimeDelta::minutes(30 * step)).await;
            fired += fire(&h).await;
            // As if workers had done them.
            sqlx::query("delete from esteira.queue").execute(&h.pool).await.unwrap();
        }
        assert_eq!(fired, 15 * fleet);
        for (tenant, id, timezone) in &tenants {
            h.engine.change_schedule(tenant, *id, &enable(false)).await.unwrap();
            let zone: chrono_tz::Tz = timezone.parse().unwrap();
            let runs = history(&h, tenant, *id).await;
            let runs: Vec<_> = runs.iter().filter(|run| run.due_at > begin).collect();
            let nights: Vec<_> = runs.iter().map(|run| run.due_at.with_timezone(&zone)).collect();
            assert_eq!(nights.len(), 15, "{timezone}");
            for (night, run) in nights.iter().zip(&runs) {
                assert_eq!(run.state, RunState::Fired, "{timezone} {night}");
                // Two o'clock, or three where there is no two.
                let hour = night.format("%H:%M").to_string();
                assert!(["02:00", "02:30", "03:00"].contains(&hour.as_str()), "{timezone} {night}");
            }
            let next = |pair: &[DateTime<chrono_tz::Tz>]| {
                pair[1].date_naive() == pair[0].date_naive().succ_opt().unwrap()
            };
            assert!(nights.windows(2).all(next), "{timezone} {nights:?}");
        }
    }
}
