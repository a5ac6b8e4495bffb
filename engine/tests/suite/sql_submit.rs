//! Submitting by SQL, by roles that may and roles that may not.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use esteira_embedded::TestCluster;
use esteira_engine::id::JobId;
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue;
use esteira_engine::tenant::{LimitsChange, Tenant, TenantState};
use esteira_engine::worker::{Worker, WorkerOptions};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::harness::{Harness, KIND, OTHER_KIND, outcome, submission};

const SUBMIT: &str = "select esteira.submit('acme', 'test.noop', '{\"n\": 1}')";

/// The login role of an application, with a connection of its own.
struct App {
    role: String,
    conn: PgConnection,
}

impl App {
    /// Roles are the whole server's, so each test has names of its own.
    async fn new(h: &Harness) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let role = format!("app_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        as_superuser(h, &format!("create role {role} login password 'app'"));
        let conn = connect(h, &role).await;
        Self { role, conn }
    }

    async fn may_submit_for(h: &Harness, tenant: Option<&Tenant>) -> Self {
        let app = Self::new(h).await;
        assert!(h.engine.grant_submit(&app.role, tenant).await.unwrap());
        app
    }

    async fn id(&mut self, sql: &str) -> JobId {
        let id: Uuid =
            sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.conn).await.unwrap();
        JobId(id)
    }

    /// What the refusal says: its SQLSTATE and its message.
    async fn refusal(&mut self, sql: &str) -> (String, String) {
        match sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut self.conn).await {
            Err(sqlx::Error::Database(error)) => {
                (error.code().unwrap_or_default().into_owned(), error.message().to_owned())
            }
            other => panic!("{sql} was not refused: {other:?}"),
        }
    }

    async fn run(&mut self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.conn).await.unwrap();
    }
}

async fn connect(h: &Harness, role: &str) -> PgConnection {
    let options: PgConnectOptions = h.database.superuser_url.parse().unwrap();
    PgConnection::connect_with(&options.username(role).password("app")).await.unwrap()
}

fn as_superuser(h: &Harness, sql: &str) {
    TestCluster::shared().psql(&h.database.superuser_url, sql);
}

/// A tenant called acme, on an Esteira that knows its kinds.
async fn acme(h: &Harness) -> Tenant {
    assert!(h.engine.migrate().await.unwrap().is_empty());
    h.tenant("acme").await
}

#[tokio::test]
async fn a_job_submitted_by_sql_is_like_any_other_and_can_be_claimed() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    let plain = app.id(SUBMIT).await;
    let job = h.engine.job(&acme, plain).await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.priority, job.max_attempts, job.timeout_seconds),
        (JobState::Scheduled, 0, 5, 60)
    );
    assert_eq!((job.kind.as_str(), job.input, job.metadata), (KIND, json!({"n": 1}), json!({})));

    let full = app
        .id("select esteira.submit('acme', 'test.noop', '{}', priority => 7, max_attempts => 2,
             run_at => now() + interval '1 hour', timeout_seconds => 9, metadata => '{\"customer\": \"77\"}')")
        .await;
    let job = h.engine.job(&acme, full).await.unwrap().unwrap();
    assert_eq!(
        (job.state, job.priority, job.max_attempts, job.timeout_seconds),
        (JobState::Scheduled, 7, 2, 9)
    );
    assert_eq!(job.metadata, json!({"customer": "77"}));
    queue::promote(&h.db).await.unwrap();
    assert_eq!(h.claim_one(h.worker().await).await.job, plain);
}

#[tokio::test]
async fn ids_are_of_version_7_and_sort_by_time_among_those_of_the_engine() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    let before = JobId::new();
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(app.id(SUBMIT).await);
    }
    assert!(ids.iter().all(|id| id.0.get_version_num() == 7 && id.0.get_variant() == uuid::Variant::RFC4122));
    assert!(ids.is_sorted() && ids.iter().all(|id| *id > before), "{ids:?}");
}

/// What is done here must not wait for a transaction that stays open.
async fn at_once<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("somebody waited")
}

#[tokio::test]
async fn a_transaction_that_stays_open_after_a_submit_holds_up_nobody() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    app.run("begin").await;
    let open = app.id(SUBMIT).await;
    // The first jobs of its lane, and of one that rests.
    let worker = h.worker().await;
    for _ in 0..2 {
        let job = at_once(h.submit(&acme)).await;
        let lease = at_once(h.claim_one(worker)).await;
        assert_eq!(lease.job, job);
        let done = outcome(Decision::Succeed, "succeeded");
        at_once(queue::settle(&h.db, &acme, &lease, &done)).await.unwrap();
    }
    at_once(queue::promote(&h.db)).await.unwrap();
    app.run("commit").await;
    queue::promote(&h.db).await.unwrap();
    assert_eq!(h.claim_one(worker).await.job, open);
}

#[tokio::test]
async fn a_job_of_a_transaction_with_an_old_snapshot_is_not_forgotten() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    let worker = h.worker().await;
    h.submit(&acme).await;
    for isolation in ["repeatable read", "serializable"] {
        app.run(&format!("begin isolation level {isolation}; select 1")).await;
        // The lane goes to rest, which that snapshot cannot see.
        h.claim(worker, 10).await;
        let job = app.id(SUBMIT).await;
        app.run("commit").await;
        queue::promote(&h.db).await.unwrap();
        assert_eq!(h.claim_one(worker).await.job, job);
        h.submit(&acme).await;
    }
}

#[tokio::test]
async fn waiting_jobs_up_to_a_limit_are_counted_in_read_committed_only() {
    let h = Harness::new().await;
    acme(&h).await;
    let limits = LimitsChange { max_queued: Some(Some(1)), ..LimitsChange::default() };
    let acme = h.engine.change_limits(&"acme".parse().unwrap(), &limits).await.unwrap().unwrap();
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    app.run("begin isolation level repeatable read").await;
    let (code, message) = app.refusal(SUBMIT).await;
    assert_eq!(code, "0A000", "{message}");
    assert!(message.starts_with("tenant: "), "{message}");
}

#[tokio::test]
async fn whoever_counts_up_to_a_tenants_limit_for_long_holds_up_that_tenant_alone() {
    let h = Harness::new().await;
    let limits = LimitsChange { max_queued: Some(Some(10)), ..LimitsChange::default() };
    acme(&h).await;
    let acme = h.engine.change_limits(&"acme".parse().unwrap(), &limits).await.unwrap().unwrap();
    let other = h.tenant("other").await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    app.run("begin").await;
    app.id(SUBMIT).await;
    let submission = submission();
    let mut waits = std::pin::pin!(h.engine.submit(&acme, &submission));
    for _ in 0..3 {
        tokio::select! {
            biased;
            submitted = at_once(h.engine.submit(&other, &submission)) => drop(submitted.unwrap()),
            submitted = &mut waits => panic!("it did not wait: {submitted:?}"),
        }
    }
    app.run("commit").await;
    waits.await.unwrap();
    assert_eq!(h.count("select count(*) from esteira.queue").await, 5);
}

#[tokio::test]
async fn json_that_only_postgres_can_read_is_refused_with_the_field() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    for json in [
        "{\"x\": 1e400}",
        "[[{\"x\": -1e309}]]",
        &format!("{}{}", "[".repeat(101), "]".repeat(101)),
        &format!("{{\"x\": \"{}\"}}", "y".repeat(2 << 20)),
    ] {
        let (code, message) =
            app.refusal(&format!("select esteira.submit('acme', 'test.noop', '{json}')")).await;
        assert_eq!((code.as_str(), message.starts_with("input: ")), ("22023", true), "{message}");
    }
    let (code, message) =
        app.refusal("select esteira.submit('acme', 'test.noop', '{}', metadata => '{\"x\": [1e400]}')").await;
    assert_eq!((code.as_str(), message.starts_with("metadata: ")), ("22023", true), "{message}");
    app.id("select esteira.submit('acme', 'test.noop', '{\"x\": [1e308, -1.5, \"1e400\"]}')").await;
}

#[tokio::test]
async fn the_job_comes_with_the_callers_commit_and_goes_with_its_rollback() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    as_superuser(&h, "create schema shop; grant all on schema shop to public");
    app.run("create table shop.orders (id integer)").await;
    app.run("begin; insert into shop.orders values (1)").await;
    let rolled_back = app.id(SUBMIT).await;
    app.run("rollback").await;
    app.run("begin; insert into shop.orders values (2)").await;
    let committed = app.id(SUBMIT).await;
    assert!(h.engine.job(&acme, committed).await.unwrap().is_none());
    app.run("commit").await;
    assert!(h.engine.job(&acme, rolled_back).await.unwrap().is_none());
    assert!(h.engine.job(&acme, committed).await.unwrap().is_some());
    assert_eq!(h.count("select count(*) from esteira.queue").await, 1);
}

#[tokio::test]
async fn without_a_grant_nobody_submits_and_a_revoked_grant_is_none() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::new(&h).await;
    assert_eq!(app.refusal(SUBMIT).await.0, "42501");
    // The right to call the function is not yet the right to submit.
    as_superuser(&h, &format!("grant execute on function esteira.submit to {}", app.role));
    let (code, message) = app.refusal(SUBMIT).await;
    assert_eq!((code.as_str(), message.contains(&app.role)), ("42501", true), "{message}");

    assert!(h.engine.grant_submit(&app.role, Some(&acme)).await.unwrap());
    app.id(SUBMIT).await;
    assert!(h.engine.revoke_submit(&app.role, Some(&acme)).await.unwrap());
    assert!(app.refusal(SUBMIT).await.1.contains("permission denied for function submit"));
    assert!(!h.engine.revoke_submit(&app.role, Some(&acme)).await.unwrap());
    assert!(!h.engine.grant_submit("nobody_of_that_name", Some(&acme)).await.unwrap());
}

#[tokio::test]
async fn one_tenants_submitter_submits_for_no_other_and_learns_nothing_of_it() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    h.tenant("other").await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    let (code, foreign) = app.refusal("select esteira.submit('other', 'test.noop', '{}')").await;
    let (_, unknown) = app.refusal("select esteira.submit('nobody', 'test.noop', '{}')").await;
    assert_eq!((code.as_str(), &foreign), ("42501", &unknown));

    let mut all = App::may_submit_for(&h, None).await;
    all.id(SUBMIT).await;
    all.id("select esteira.submit('other', 'test.noop', '{}')").await;
    let (code, message) = all.refusal("select esteira.submit('nobody', 'test.noop', '{}')").await;
    assert_eq!((code.as_str(), message.as_str()), ("42704", "tenant: there is no tenant \"nobody\""));
}

#[tokio::test]
async fn a_submitter_reads_and_writes_nothing_else() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    app.id(SUBMIT).await;
    for sql in [
        "select * from tenant_acme_schema.jobs",
        "select * from esteira.queue",
        "select * from esteira.tenants",
        "select * from esteira.kinds",
        "select * from esteira.submitters",
        "select tenant_acme_schema.keep_jobs_acme('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
        "select esteira.enqueue(1, '{}', '{}', '{}', '{}', '{}', '{}')",
        "select esteira.grant_submit(current_user::text, null)",
    ] {
        assert_eq!(app.refusal(sql).await.0, "42501", "{sql}");
    }
    let seen: i64 =
        sqlx::query_scalar("select count(*) from esteira.live_jobs").fetch_one(&mut app.conn).await.unwrap();
    assert_eq!(seen, 0);
}

#[tokio::test]
async fn the_right_goes_by_the_role_in_force_and_is_borrowed_from_nobody() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let group = App::may_submit_for(&h, Some(&acme)).await;
    let mut member = App::new(&h).await;
    as_superuser(&h, &format!("grant {} to {}", group.role, member.role));
    member.id(SUBMIT).await;
    // As a role that may submit for another tenant only.
    let other = h.tenant("other").await;
    let elsewhere = App::may_submit_for(&h, Some(&other)).await;
    as_superuser(&h, &format!("grant {} to {}", elsewhere.role, member.role));
    member.run(&format!("set role {}", elsewhere.role)).await;
    let (code, message) = member.refusal(SUBMIT).await;
    assert_eq!((code.as_str(), message.contains(&elsewhere.role)), ("42501", true), "{message}");

    // A function of a submitter's does not hand its right on.
    let definer = format!(
        "create schema lent; grant usage on schema lent to public;
         create function lent.submit() returns uuid language sql security definer
             set search_path = pg_catalog, pg_temp as $f$ {SUBMIT} $f$;
         alter function lent.submit() owner to {}",
        group.role
    );
    as_superuser(&h, &definer);
    let mut stranger = App::new(&h).await;
    let (code, message) = stranger.refusal("select lent.submit()").await;
    assert_eq!((code.as_str(), message.contains(&stranger.role)), ("42501", true), "{message}");
}

#[tokio::test]
async fn each_fault_is_named_by_its_argument_and_nothing_is_written() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    let many = format!("metadata => (select jsonb_object_agg(n, n) from generate_series(1, {}) as n)", 51);
    for (arguments, code, argument) in [
        ("'no.such', '{}'", "42704", "kind"),
        ("null, '{}'", "42704", "kind"),
        ("'test.noop', null", "22004", "input"),
        ("'test.noop', '{}', priority => 101", "22023", "priority"),
        ("'test.noop', '{}', max_attempts => 0", "22023", "max_attempts"),
        ("'test.noop', '{}', max_attempts => 100000", "22023", "max_attempts"),
        ("'test.noop', '{}', timeout_seconds => 86401", "22023", "timeout_seconds"),
        ("'test.noop', '{}', run_at => 'infinity'", "22023", "run_at"),
        ("'test.noop', '{}', run_at => '-infinity'", "22023", "run_at"),
        ("'test.noop', '{}', metadata => '[]'", "22023", "metadata"),
        (&format!("'test.noop', '{{}}', {many}"), "22023", "metadata"),
    ] {
        let (found, message) = app.refusal(&format!("select esteira.submit('acme', {arguments})")).await;
        assert_eq!(found, code, "{arguments}: {message}");
        assert!(message.starts_with(&format!("{argument}: ")), "{arguments}: {message}");
    }
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
    assert!(h.engine.jobs(&acme, &Default::default(), None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn the_tenants_state_and_limits_hold_at_this_door_too() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    let limits = LimitsChange {
        max_queued: Some(Some(2)),
        kinds: Some(Some(vec![KIND.into()])),
        ..LimitsChange::default()
    };
    h.engine.change_limits(&acme.slug, &limits).await.unwrap().unwrap();
    let other = format!("select esteira.submit('acme', '{OTHER_KIND}', '{{}}')");
    assert_eq!(app.refusal(&other).await.0, "42501");
    app.id(SUBMIT).await;
    app.id(SUBMIT).await;
    assert_eq!(app.refusal(SUBMIT).await.0, "53400");
    h.engine.set_tenant_state(&acme.slug, TenantState::Suspended).await.unwrap();
    let (code, message) = app.refusal(SUBMIT).await;
    assert_eq!((code.as_str(), message.as_str()), ("55000", "tenant: the tenant is suspended"));
    assert_eq!(h.count("select count(*) from esteira.queue").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_nobody_checked_at_the_door_is_checked_by_the_worker() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    let bad = app.id("select esteira.submit('acme', 'test.noop', '{\"n\": \"not a number\"}')").await;
    let dir = tempfile::TempDir::new().unwrap();
    let options = WorkerOptions::new([(KIND.to_owned(), 1)].into(), dir.path().into());
    let stop = CancellationToken::new();
    let worker = Worker::start(h.engine.clone(), options).await.unwrap();
    let worker = tokio::spawn(worker.run(stop.clone()));
    let job = h.engine.wait(&acme, bad, Duration::from_secs(60)).await.unwrap().unwrap();
    stop.cancel();
    worker.await.unwrap();
    let error = job.error.unwrap();
    assert_eq!((job.state, job.attempt, error.code.as_str()), (JobState::Failed, 1, "bad_input"));
    assert_eq!(error.message, "/input/n: must be a number");
}

#[tokio::test]
async fn a_removed_tenant_takes_its_submitters_along() {
    let h = Harness::new().await;
    let acme = acme(&h).await;
    let mut app = App::may_submit_for(&h, Some(&acme)).await;
    app.id(SUBMIT).await;
    h.engine.remove_tenant(&acme.slug).await.unwrap();
    assert_eq!(h.count("select count(*) from esteira.submitters").await, 0);
    h.tenant("acme").await;
    assert_eq!(app.refusal(SUBMIT).await.0, "42501");
}
