//! What is kept no longer goes, row and object; what somebody may still need stays.

use std::time::Duration;

use esteira_engine::artifact::{NewFile, Store, StoreOptions};
use esteira_engine::duty::{
    Leadership, PruneError, Pruned, RetentionOptions, SweepError, Swept, lead, prune_once, sweep_once,
};
use esteira_engine::id::{JobId, UploadId, WorkerId};
use esteira_engine::job::Decision;
use esteira_engine::queue::{self, FinishedArtifact, Lease, Outcome, Submission, Usage};
use esteira_engine::tenant::{LimitsChange, Retention, Tenant};
use esteira_engine::worker::{Worker, WorkerOptions};
use futures::future::join_all;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::harness::{Harness, KIND, outcome, submission};
use crate::uploads::checked;

const HOUR: Duration = Duration::from_secs(3600);

/// As if so many days had passed since the test began.
pub async fn days_pass(h: &Harness, days: u32) {
    let sql = format!(
        "create or replace function esteira.now() returns timestamptz language sql stable parallel safe
         return pg_catalog.now() + interval '{days} days'"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&h.pool).await.unwrap();
}

async fn leader(h: &Harness) -> Leadership {
    lead(&h.db, "test", WorkerId::new(), HOUR).await.unwrap().expect("nobody else leads")
}

pub async fn prune(h: &Harness) -> Option<Pruned> {
    let leadership = lead(&h.db, "test", WorkerId(uuid::Uuid::nil()), HOUR).await.unwrap().unwrap();
    prune_once(&h.db, &h.store, &RetentionOptions::default(), &leadership).await.unwrap()
}

async fn sweep(h: &Harness, orphan_age: Duration) -> Option<Swept> {
    let options = RetentionOptions { orphan_age, ..RetentionOptions::default() };
    let leadership = lead(&h.db, "test", WorkerId(uuid::Uuid::nil()), HOUR).await.unwrap().unwrap();
    sweep_once(&h.db, &h.store, &options, &leadership).await.unwrap()
}

fn key(lease: &Lease, name: &str) -> String {
    format!("tenants/{}/jobs/{}/{}/{name}", lease.tenant, lease.job, lease.lease)
}

async fn put(store: &Store, key: &str) {
    store.put(key, "text/plain", 100, &mut &b"hello"[..]).await.unwrap();
}

/// Ends a claimed job well, with a file.
async fn succeed(h: &Harness, tenant: &Tenant, lease: &Lease) {
    let object_key = key(lease, "x.txt");
    put(&h.store, &object_key).await;
    let artifact = FinishedArtifact {
        name: "x.txt".into(),
        media_type: "text/plain".into(),
        bytes: 5,
        sha256: vec![0; 32],
        object_key,
    };
    let usage = Usage { cpu_seconds: 1.0, peak_bytes: 1 };
    let done = Outcome { artifacts: vec![artifact], usage, ..outcome(Decision::Succeed, "succeeded") };
    queue::settle(&h.db, tenant, lease, &done).await.unwrap();
}

async fn succeeded(h: &Harness, tenant: &Tenant) -> Lease {
    let job = h.submit(tenant).await;
    let mut leases = h.claim(h.worker().await, 10).await;
    let lease = leases.remove(leases.iter().position(|lease| lease.job == job).expect("it is claimed"));
    succeed(h, tenant, &lease).await;
    lease
}

async fn upload(h: &Harness, tenant: &Tenant) -> UploadId {
    let file = NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
    h.engine.put_file(tenant, &file, &b"hello"[..]).await.unwrap().id
}

/// Whether there is such an object.
async fn is_kept(h: &Harness, key: &str) -> bool {
    let dir = tempfile::TempDir::new().unwrap();
    h.store.fetch(None, key, &dir.path().join("x"), 100).await.is_ok()
}

/// Rows of each table of a tenant.
async fn rows(h: &Harness, tenant: &Tenant) -> [i64; 5] {
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    let mut counts = [0; 5];
    for (count, sql) in counts.iter_mut().zip([
        "select count(*) from jobs",
        "select count(*) from outcomes",
        "select count(*) from attempts",
        "select count(*) from artifacts",
        "select count(*) from uploads",
    ]) {
        *count = sqlx::query_scalar(sql).fetch_one(tx.conn()).await.unwrap();
    }
    counts
}

#[tokio::test]
async fn old_finished_jobs_go_with_rows_and_objects_and_the_young_and_unfinished_stay() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let old = succeeded(&h, &acme).await;
    let cancelled = h.submit(&acme).await;
    h.engine.cancel(&acme, cancelled).await.unwrap();
    let running = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    put(&h.store, &key(&lease, "x.txt")).await;
    let queued = h.submit(&acme).await;
    days_pass(&h, 29).await;
    assert_eq!(prune(&h).await.unwrap().jobs, 0);
    days_pass(&h, 31).await;
    let young = succeeded(&h, &acme).await;
    let pruned = prune(&h).await.unwrap();
    assert_eq!((pruned.tenant, pruned.jobs, pruned.uploads), (acme.slug.clone(), 2, 0));

    for gone in [old.job, cancelled] {
        assert!(h.engine.job(&acme, gone).await.unwrap().is_none());
    }
    for kept in [running, queued, young.job] {
        assert!(h.engine.job(&acme, kept).await.unwrap().is_some());
    }
    assert_eq!(rows(&h, &acme).await, [3, 1, 1, 1, 0]);
    assert!(!is_kept(&h, &key(&old, "x.txt")).await);
    assert!(is_kept(&h, &key(&young, "x.txt")).await && is_kept(&h, &key(&lease, "x.txt")).await);
}

#[tokio::test]
async fn a_job_that_is_retried_is_not_finished_and_stays() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let job = h.submit(&acme).await;
    h.engine.cancel(&acme, job).await.unwrap();
    days_pass(&h, 31).await;
    h.engine.retry(&acme, job).await.unwrap();
    assert_eq!(prune(&h).await.unwrap().jobs, 0);
    assert!(h.engine.job(&acme, job).await.unwrap().is_some());
}

#[tokio::test]
async fn what_a_crash_left_half_pruned_is_pruned_by_the_next_round() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let old = succeeded(&h, &acme).await;
    days_pass(&h, 31).await;
    h.store.delete(&[key(&old, "x.txt")]).await.unwrap();
    assert_eq!(prune(&h).await.unwrap().jobs, 1);
    assert_eq!(rows(&h, &acme).await, [0; 5]);
}

#[tokio::test]
async fn rows_stay_as_long_as_their_objects_cannot_be_deleted() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    succeeded(&h, &acme).await;
    days_pass(&h, 31).await;
    let away = Store::open(&StoreOptions {
        bucket: "esteira".into(),
        region: "us-east-1".into(),
        endpoint: Some("http://127.0.0.1:1".into()),
        public_endpoint: None,
        path_style: true,
        credentials: Some(("test".into(), "testsecret".into())),
        prefix: String::new(),
    })
    .await;
    let refused = prune_once(&h.db, &away, &RetentionOptions::default(), &leader(&h).await).await;
    assert!(matches!(refused, Err(PruneError::Objects { .. })), "{refused:?}");
    assert_eq!(rows(&h, &acme).await, [1, 1, 1, 1, 0]);
}

/// Puts finished jobs into a tenant's tables as its past.
async fn past(h: &Harness, tenant: &Tenant, jobs: usize) {
    let ids: Vec<_> = (0..jobs).map(|_| JobId::new().0).collect();
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    sqlx::query(
        "insert into jobs (id, kind, input, input_bytes, priority, max_attempts, timeout_seconds, run_at)
         select id, 'test.noop', '{}', 2, 0, 5, 60, now() from unnest($1::uuid[]) as id",
    )
    .bind(&ids)
    .execute(tx.conn())
    .await
    .unwrap();
    sqlx::query(
        "insert into outcomes (job_id, state, attempt) select id, 'failed', 1 from unnest($1::uuid[]) as id",
    )
    .bind(&ids)
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_long_past_goes_in_steps_with_the_turns_of_others_in_between() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    past(&h, &acme, 1503).await;
    past(&h, &other, 1).await;
    days_pass(&h, 31).await;
    let mut steps = Vec::new();
    while let Some(pruned) = prune(&h).await {
        steps.push((pruned.tenant.to_string(), pruned.jobs));
    }
    assert_eq!(steps, [("acme".into(), 1000), ("other".into(), 1), ("acme".into(), 503)]);
    assert_eq!((rows(&h, &acme).await, rows(&h, &other).await), ([0; 5], [0; 5]));
}

#[tokio::test]
async fn each_tenant_keeps_for_as_long_as_it_says() {
    let h = Harness::new().await;
    let keep = |jobs, uploads| LimitsChange {
        retention_days: Some(jobs),
        upload_retention_days: Some(uploads),
        ..LimitsChange::default()
    };
    let brief = h.tenant_with("brief", keep(Some(Retention::Days(7)), Some(Retention::Forever))).await;
    let keeper = h.tenant_with("keeper", keep(Some(Retention::Forever), Some(Retention::Days(7)))).await;
    let usual = h.tenant("usual").await;
    assert_eq!(brief.limits.retention_days, Some(Retention::Days(7)));
    for tenant in [&brief, &keeper, &usual] {
        past(&h, tenant, 1).await;
        upload(&h, tenant).await;
    }
    let pruned_after = async |days| {
        days_pass(&h, days).await;
        let mut pruned = Vec::new();
        while let Some(step) = prune(&h).await {
            pruned.push((step.tenant.to_string(), step.jobs, step.uploads));
        }
        pruned
    };
    assert_eq!(
        pruned_after(10).await,
        [("brief".to_owned(), 1, 0), ("keeper".to_owned(), 0, 1), ("usual".to_owned(), 0, 0)]
    );
    assert_eq!(pruned_after(40).await[2], ("usual".to_owned(), 1, 1));
    // A change of mind counts from the next step on, without waiting for the tenant's turn.
    h.engine.change_limits(&keeper.slug, &keep(None, None)).await.unwrap();
    assert_eq!(pruned_after(40).await, [("keeper".to_owned(), 1, 0)]);
}

#[tokio::test]
async fn a_file_that_an_unfinished_job_names_stays_until_the_job_is_over() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let made = succeeded(&h, &acme).await;
    let (named, unnamed) = (upload(&h, &acme).await, upload(&h, &acme).await);
    let sources = [format!("upload://{}", named.0.simple()), format!("artifact://{}/x.txt", made.job)];
    let mut waiting = Vec::new();
    for source in sources {
        let asked = Submission { input: json!({"n": 1, "source": source}), ..submission() };
        waiting.push(h.engine.submit(&acme, &asked).await.unwrap().job);
    }
    days_pass(&h, 31).await;
    let pruned = prune(&h).await.unwrap();
    assert_eq!((pruned.jobs, pruned.uploads), (0, 1));
    assert!(is_kept(&h, &format!("tenants/{}/uploads/{named}", acme.id)).await);
    assert!(!is_kept(&h, &format!("tenants/{}/uploads/{unnamed}", acme.id)).await);
    assert!(is_kept(&h, &key(&made, "x.txt")).await);
    for job in waiting {
        h.engine.cancel(&acme, job).await.unwrap();
    }
    days_pass(&h, 32).await;
    let pruned = prune(&h).await.unwrap();
    assert_eq!((pruned.jobs, pruned.uploads), (1, 1));
}

#[tokio::test]
async fn a_file_of_a_finished_job_stays_while_a_submit_that_names_it_is_under_way() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let made = succeeded(&h, &acme).await;
    let source = format!("artifact://{}/x.txt", made.job);
    let asked = Submission { input: json!({"n": 1, "source": source}), ..submission() };
    days_pass(&h, 31).await;
    let job = checked(&h, &acme, &asked).await;
    // The submit has written its job, and has not committed, when the prune comes.
    let mut tx = h.db.begin().await.unwrap();
    let waiting = queue::write_jobs(tx.conn(), &acme, &[&job]).await.unwrap().remove(0).job;
    let (pruned, ()) = tokio::join!(prune(&h), async {
        h.until_waiting(1).await;
        tx.commit().await.unwrap();
    });
    assert_eq!(pruned.unwrap().jobs, 0);
    assert!(is_kept(&h, &key(&made, "x.txt")).await);
    // The other way round: what went between the check and the write is missed by the write.
    h.engine.cancel(&acme, waiting).await.unwrap();
    let late = checked(&h, &acme, &asked).await;
    days_pass(&h, 62).await;
    assert_eq!(prune(&h).await.unwrap().jobs, 2);
    let mut tx = h.db.begin().await.unwrap();
    let refused = queue::write_jobs(tx.conn(), &acme, &[&late]).await;
    assert!(matches!(refused, Err(queue::SubmitError::BadInput(_))), "{refused:?}");
}

#[tokio::test]
async fn one_process_leads_until_its_lease_runs_out_and_then_another_does() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    past(&h, &acme, 1).await;
    days_pass(&h, 31).await;
    let (first, second) = (WorkerId::new(), WorkerId::new());
    let old = lead(&h.db, "test", first, HOUR).await.unwrap().unwrap();
    assert!(lead(&h.db, "test", second, HOUR).await.unwrap().is_none());
    assert_eq!(lead(&h.db, "test", first, HOUR).await.unwrap().unwrap().term(), old.term());
    assert!(lead(&h.db, "other", second, HOUR).await.unwrap().is_some(), "each duty has a leader of its own");

    sqlx::query("update esteira.leaders set lease_until = esteira.now()").execute(&h.pool).await.unwrap();
    let new = lead(&h.db, "test", second, HOUR).await.unwrap().unwrap();
    assert_eq!(new.term(), old.term() + 1);
    assert!(lead(&h.db, "test", first, HOUR).await.unwrap().is_none());
    let late = prune_once(&h.db, &h.store, &RetentionOptions::default(), &old).await;
    assert!(matches!(late, Err(PruneError::Deposed)), "{late:?}");
    let late = sweep_once(&h.db, &h.store, &RetentionOptions::default(), &old).await;
    assert!(matches!(late, Err(SweepError::Deposed)), "{late:?}");
    assert_eq!(rows(&h, &acme).await, [1, 1, 0, 0, 0]);

    new.step_down(&h.db).await.unwrap();
    assert!(lead(&h.db, "test", first, HOUR).await.unwrap().is_some(), "nobody waits after a step down");
}

#[tokio::test]
async fn of_many_who_want_to_lead_at_once_one_does() {
    let h = Harness::new().await;
    for _ in 0..5 {
        let asked = join_all((0..8).map(|_| lead(&h.db, "test", WorkerId::new(), HOUR))).await;
        assert_eq!(asked.into_iter().filter_map(Result::unwrap).count(), 1);
        sqlx::query("update esteira.leaders set lease_until = esteira.now()").execute(&h.pool).await.unwrap();
    }
}

#[tokio::test]
async fn a_takeover_waits_for_what_the_leader_is_writing() {
    let h = Harness::new().await;
    let old = leader(&h).await;
    let mut tx = h.db.begin().await.unwrap();
    assert!(old.holds(&mut tx).await.unwrap());
    let mut conn = h.pool.acquire().await.unwrap();
    sqlx::query("set lock_timeout = '50ms'").execute(&mut *conn).await.unwrap();
    let taken = sqlx::query("update esteira.leaders set term = term + 1").execute(&mut *conn).await;
    // 55P03 lock_not_available
    let code = taken.unwrap_err().as_database_error().and_then(|error| error.code().map(|c| c.into_owned()));
    assert_eq!(code.as_deref(), Some("55P03"));
    tx.commit().await.unwrap();
    sqlx::query("update esteira.leaders set term = term + 1").execute(&mut *conn).await.unwrap();
    let mut tx = h.db.begin().await.unwrap();
    assert!(!old.holds(&mut tx).await.unwrap());
}

#[tokio::test]
async fn old_objects_that_no_row_names_go_and_those_of_a_running_attempt_stay() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let made = succeeded(&h, &acme).await;
    let kept_upload = upload(&h, &acme).await;
    h.submit(&acme).await;
    let running = h.claim_one(h.worker().await).await;
    let lost = format!("tenants/{}/jobs/{}/{}/x.txt", acme.id, running.job, running.lease - 1);
    let unfinished = format!("tenants/{}/uploads/{}", acme.id, UploadId::new());
    let foreign = format!("tenants/{}/backup.tar", acme.id);
    let elsewhere = format!("tenants/{}/uploads/{}", acme.id.0 + 1000, UploadId::new());
    let beside = "something/else".to_owned();
    for object in
        [&key(&running, "x.txt"), &key(&made, "other.txt"), &lost, &unfinished, &foreign, &elsewhere, &beside]
    {
        put(&h.store, object).await;
    }
    days_pass(&h, 3).await;
    let swept = sweep(&h, HOUR * 24 * 4).await.unwrap();
    assert_eq!(swept, Swept { seen: 8, deleted: 0, finished: true }, "none of them is old enough");
    assert!(sweep(&h, HOUR).await.is_none(), "the next round is not due");
    days_pass(&h, 5).await;
    let swept = sweep(&h, HOUR * 24 * 4).await.unwrap();
    assert_eq!(swept, Swept { seen: 8, deleted: 3, finished: true });
    for gone in [&lost, &unfinished, &key(&made, "other.txt")] {
        assert!(!is_kept(&h, gone).await, "{gone}");
    }
    let upload = format!("tenants/{}/uploads/{kept_upload}", acme.id);
    for kept in [&key(&running, "x.txt"), &key(&made, "x.txt"), &upload, &foreign, &elsewhere, &beside] {
        assert!(is_kept(&h, kept).await, "{kept}");
    }
}

#[tokio::test]
async fn what_a_removed_tenant_left_behind_is_swept() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.tenant("later").await;
    h.engine.remove_tenant(&acme.slug).await.unwrap();
    let late = format!("tenants/{}/uploads/{}", acme.id, UploadId::new());
    put(&h.store, &late).await;
    days_pass(&h, 3).await;
    assert_eq!(sweep(&h, HOUR * 48).await.unwrap().deleted, 1);
}

#[tokio::test]
async fn a_large_bucket_is_swept_a_page_at_a_time() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let keys: Vec<String> =
        (0..1003).map(|_| format!("tenants/{}/uploads/{}", acme.id, UploadId::new())).collect();
    for some in keys.chunks(64) {
        join_all(some.iter().map(|key| put(&h.store, key))).await;
    }
    days_pass(&h, 3).await;
    let (first, second) = (sweep(&h, HOUR * 48).await, sweep(&h, HOUR * 48).await);
    assert_eq!(first, Some(Swept { seen: 1000, deleted: 1000, finished: false }));
    assert_eq!(second, Some(Swept { seen: 3, deleted: 3, finished: true }));
    assert_eq!(sweep(&h, HOUR * 48).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_prunes_by_itself_and_hands_the_lead_on_at_its_end() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    past(&h, &acme, 3).await;
    let traced = "insert into esteira.job_traces (job_id, traceparent)
                  select gen_random_uuid(), '00-' || repeat('a', 32) || '-' || repeat('b', 16) || '-01'
                  from generate_series(1, 10001)";
    sqlx::query(traced).execute(&h.pool).await.unwrap();
    days_pass(&h, 31).await;
    let dir = tempfile::TempDir::new().unwrap();
    let mut options = WorkerOptions::new([(KIND.to_owned(), 1)].into(), dir.path().into());
    options.lease = Duration::from_millis(600);
    options.heartbeat = Duration::from_millis(200);
    let worker = Worker::start(h.engine.clone(), options).await.unwrap();
    let stop = CancellationToken::new();
    let worker = tokio::spawn(worker.run(stop.clone()));
    let emptied = async {
        while rows(&h, &acme).await != [0; 5] {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), emptied).await.unwrap();
    stop.cancel();
    worker.await.unwrap();
    assert_eq!(h.count("select count(*) from esteira.leaders where lease_until > esteira.now()").await, 0);
    assert_eq!(h.count("select count(*) from esteira.job_traces").await, 0);
}

#[tokio::test]
async fn finding_what_is_due_reads_the_primary_key_up_to_the_cutoff_alone() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    // A hundred days, a thousand jobs a day; the oldest first.
    for sql in [
        "create temp table past as
         select encode(int8send(((extract(epoch from at) * 1000)::bigint << 16) | x'7000'::bigint)
                       || substring(uuid_send(gen_random_uuid()) from 9), 'hex')::uuid as id, at
         from (select now() - interval '100 days' * n / 100000 as at from generate_series(1, 100000) as n) as days",
        "insert into jobs (id, kind, input, input_bytes, priority, max_attempts, timeout_seconds, run_at)
         select id, 'test.noop', '{}', 2, 0, 5, 60, at from past",
        "insert into outcomes (job_id, state, attempt, finished_at)
         select id, 'succeeded', 1, at + interval '1 minute' from past",
        "insert into uploads (id, file_name, media_type, bytes, sha256, object_key, created_at)
         select id, 'x', 'x', 1, '', 'x', at from past",
        "analyze jobs",
        "analyze outcomes",
        "analyze uploads",
    ] {
        sqlx::query(sql).execute(tx.conn()).await.unwrap();
    }
    // A tenth of them is older than 90 days, and nothing is looked at beyond.
    let bound = "encode(int8send((extract(epoch from now() - interval '90 days') * 1000)::bigint << 16)
                        || decode(repeat('00', 8), 'hex'), 'hex')::uuid";
    for (table, id, column) in [("outcomes", "job_id", "finished_at"), ("uploads", "id", "created_at")] {
        let sql = format!(
            "explain (analyze, costs off, timing off) select {id} from {table}
             where {id} > '00000000-0000-0000-0000-000000000000' and {id} < {bound}
               and {column} < now() - interval '90 days' order by {id} limit 20000"
        );
        let lines: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(tx.conn()).await.unwrap();
        let plan = lines.join("\n");
        assert!(plan.contains(&format!("{table}_pkey")) && !plan.contains("Sort"), "{plan}");
        // Those that began before the bound and ended after it are all that is read in vain.
        let passed_over = lines.iter().find_map(|line| line.split_once("Removed by Filter: "));
        assert!(passed_over.is_none_or(|(_, n)| n.parse::<u32>().unwrap() < 10), "{plan}");
    }
}
