//! Tenant A against tenant B, both ways: by the verbs, and by SQL under the tenant's own role.

use std::collections::BTreeSet;
use std::time::Duration;

use esteira_engine::artifact::NewFile;
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{
    self, CancelError, FinishedArtifact, Outcome, RetryError, Submission, SubmitError,
};
use esteira_engine::tenant::{LimitsChange, Tenant};
use serde_json::json;

use crate::harness::{Harness, outcome, submission};

/// The functions that the source calls, by the text of it.
fn called(folder: &std::path::Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            called(&path, found);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for rest in text.split("esteira.").skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if rest[name.len()..].starts_with('(') {
                found.insert(name);
            }
        }
    }
}

#[tokio::test]
async fn what_the_engine_calls_looks_for_functions_in_the_schema_of_postgres_alone() {
    let mut names = BTreeSet::new();
    called(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    let h = Harness::new().await;
    let functions: Vec<(String, bool)> = sqlx::query_as(
        "select p.proname::text,
                coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false) from pg_proc as p
         join pg_language as l on l.oid = p.prolang
         where p.pronamespace = 'esteira'::regnamespace and l.lanname = 'plpgsql' and p.proname::text = any ($1)
           -- What anybody may call has the rights of a tenant, and looks in the tenant's schema.
           and not has_function_privilege('public', p.oid, 'execute')
         order by 1",
    )
    .bind(names.into_iter().collect::<Vec<_>>())
    .fetch_all(&h.pool)
    .await
    .unwrap();
    assert!(functions.iter().any(|(name, _)| name == "keep_jobs"), "{functions:?}");
    let open: Vec<_> = functions.iter().filter(|(_, closed)| !closed).map(|(name, _)| name).collect();
    assert_eq!(open, [] as [&String; 0]);
}

/// Postgres prefers a function of another schema where that fits the arguments better than its own.
#[tokio::test]
async fn a_function_of_somebody_who_may_create_in_public_is_not_called_by_the_queue() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    esteira_embedded::TestCluster::shared().psql(
        &h.database.superuser_url,
        "create function public.format(text, text) returns text language plpgsql as
             $$ begin raise exception 'a stranger''s function'; end $$;
         create function public.cardinality(uuid[]) returns integer language plpgsql as
             $$ begin raise exception 'a stranger''s function'; end $$",
    );
    let job = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    let done = crate::harness::outcome(esteira_engine::job::Decision::Succeed, "succeeded");
    esteira_engine::queue::settle(&h.db, &acme, &lease, &done).await.unwrap();
    assert_eq!(
        h.engine.job(&acme, job).await.unwrap().unwrap().state,
        esteira_engine::job::JobState::Succeeded
    );
}

#[tokio::test]
async fn no_verb_shows_or_touches_anothers_job() {
    let h = Harness::new().await;
    let (a, b) = (h.tenant("aaa").await, h.tenant("bbb").await);
    for (own, foreign) in [(&a, &b), (&b, &a)] {
        let id = h.submit(foreign).await;
        assert!(h.engine.job(own, id).await.unwrap().is_none());
        assert!(h.engine.wait(own, id, Duration::from_secs(30)).await.unwrap().is_none());
        assert!(h.engine.jobs(own, &Default::default(), None, 10).await.unwrap().items.is_empty());
        assert!(matches!(h.engine.cancel(own, id).await, Err(CancelError::Unknown)));
        assert!(matches!(h.engine.retry(own, id).await, Err(RetryError::Unknown)));
        assert!(h.engine.artifact_link(own, id, "x").await.unwrap().is_none());
        assert!(h.engine.why(own, id).await.unwrap().is_none());
        assert_eq!(h.engine.job(foreign, id).await.unwrap().unwrap().state, JobState::Queued);
        h.engine.cancel(foreign, id).await.unwrap();
        assert!(matches!(h.engine.cancel(own, id).await, Err(CancelError::Unknown)));
        assert!(matches!(h.engine.retry(own, id).await, Err(RetryError::Unknown)));
        let mut tx = h.db.begin_as(foreign).await.unwrap();
        sqlx::query("delete from jobs").execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn anothers_files_cannot_be_named_in_an_input() {
    let h = Harness::new().await;
    let (a, b) = (h.tenant("aaa").await, h.tenant("bbb").await);
    let file = NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
    let upload = h.engine.put_file(&b, &file, &b"secret"[..]).await.unwrap();
    let job = h.submit(&b).await;
    let lease = h.claim_one(h.worker().await).await;
    let artifact = FinishedArtifact {
        name: "x.txt".into(),
        media_type: "text/plain".into(),
        bytes: 1,
        sha256: vec![0; 32],
        object_key: "k".into(),
    };
    let done = Outcome { artifacts: vec![artifact], ..outcome(Decision::Succeed, "succeeded") };
    queue::settle(&h.db, &b, &lease, &done).await.unwrap();
    for uri in
        [format!("upload://{}", upload.id), format!("artifact://{job}/x.txt"), "s3://esteira/tenants".into()]
    {
        let asked = |uri: &str| Submission { input: json!({"n": 1, "source": uri}), ..submission() };
        let refused = h.engine.submit(&a, &asked(&uri)).await;
        assert!(matches!(refused, Err(SubmitError::BadInput(_))), "{uri}: {refused:?}");
        let own = h.engine.submit(&b, &asked(&uri)).await;
        assert_eq!(own.is_ok(), !uri.starts_with("s3://"), "{uri}: {own:?}");
    }
}

async fn refused(h: &Harness, tenant: &Tenant, sql: &str) -> bool {
    let mut tx = h.db.begin_as(tenant).await.unwrap();
    let answer = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(tx.conn()).await;
    match answer {
        // 42501 insufficient_privilege
        Err(sqlx::Error::Database(error)) => error.code().as_deref() == Some("42501"),
        _ => false,
    }
}

#[tokio::test]
async fn even_a_wrong_query_under_a_tenants_role_reads_nothing_of_another() {
    let h = Harness::new().await;
    let (a, b) = (h.tenant("aaa").await, h.tenant("bbb").await);
    h.submit(&b).await;
    for sql in [
        "select * from tenant_bbb_schema.jobs",
        "insert into tenant_bbb_schema.jobs (id) values (gen_random_uuid())",
        "select * from esteira.queue",
        "select * from esteira.tenants",
        "select * from esteira.api_keys",
        "select * from esteira.lanes",
        "select * from esteira.pauses",
        "select * from esteira.schedules",
        "select * from esteira.read_schedules('{1}', '{}')",
        "select * from tenant_bbb_schema.schedules",
        "select * from esteira.workers",
        "select esteira.claim(gen_random_uuid(), 'test.noop', 1, 1, 1)",
        "select esteira.enqueue(1, '{}', '{}', '{}', '{}', '{}', '{}')",
        "create table esteira.mine (x int)",
        "create schema mine",
    ] {
        assert!(refused(&h, &a, sql).await, "{sql}");
    }
    let mut tx = h.db.begin_as(&a).await.unwrap();
    let seen: i64 =
        sqlx::query_scalar("select count(*) from esteira.live_jobs").fetch_one(tx.conn()).await.unwrap();
    assert_eq!(seen, 0);
    // By its id neither.
    let job: uuid::Uuid =
        sqlx::query_scalar("select job_id from esteira.queue").fetch_one(&h.pool).await.unwrap();
    let one = "select count(*) from esteira.live_job($1)";
    let seen: i64 = sqlx::query_scalar(one).bind(job).fetch_one(tx.conn()).await.unwrap();
    assert_eq!(seen, 0);
    let mut tx = h.db.begin_as(&b).await.unwrap();
    let seen: i64 = sqlx::query_scalar(one).bind(job).fetch_one(tx.conn()).await.unwrap();
    assert_eq!(seen, 1);
    let seen: i64 =
        sqlx::query_scalar("select count(*) from esteira.live_jobs").fetch_one(tx.conn()).await.unwrap();
    assert_eq!(seen, 1);
}

#[tokio::test]
async fn the_engines_own_role_reads_no_tenants_rows_without_taking_the_tenants_role() {
    let h = Harness::new().await;
    h.tenant("aaa").await;
    let answer = sqlx::query("select * from tenant_aaa_schema.jobs").fetch_all(&h.pool).await;
    assert!(matches!(answer, Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some("42501")));
}

#[tokio::test]
async fn the_role_ends_with_the_transaction() {
    let h = Harness::new().await;
    let a = h.tenant("aaa").await;
    let before: String = sqlx::query_scalar("select current_user::text").fetch_one(&h.pool).await.unwrap();
    let mut tx = h.db.begin_as(&a).await.unwrap();
    let inside: String = sqlx::query_scalar("select current_user::text").fetch_one(tx.conn()).await.unwrap();
    drop(tx);
    let mut tx = h.db.begin().await.unwrap();
    let after: String = sqlx::query_scalar("select current_user::text").fetch_one(tx.conn()).await.unwrap();
    assert_eq!((inside, after), (a.role, before));
}

#[tokio::test]
async fn everybody_may_execute_what_knows_no_tenant_or_the_callers_own_and_nothing_else_of_the_engine() {
    let h = Harness::new().await;
    let open: Vec<String> = sqlx::query_scalar(
        "select p.proname::text from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
         where n.nspname = 'esteira' and has_function_privilege('public', p.oid, 'execute') order by 1",
    )
    .fetch_all(&h.pool)
    .await
    .unwrap();
    // Those of the extension `unaccent` among them.
    assert_eq!(
        open,
        [
            "asked",
            "ids_by_metadata",
            "live_ids",
            "live_job",
            "new_id",
            "now",
            "rfc3339",
            "snippet",
            "unaccent",
            "unaccent",
            "unaccent_init",
            "unaccent_lexize",
            "waited_ms",
            "with_accents",
            "words"
        ]
    );
}

#[tokio::test]
async fn the_bucket_of_all_tenants_cannot_be_named_even_where_an_operator_lists_it() {
    let h = Harness::new().await;
    let listed =
        LimitsChange { s3_buckets: Some(vec!["esteira".into(), "other".into()]), ..LimitsChange::default() };
    let a = h.tenant_with("aaa", listed).await;
    let asked = |uri: &str| Submission { input: json!({"n": 1, "source": uri}), ..submission() };
    for uri in ["s3://esteira/tenants/1/x", "s3://other/../esteira/tenants/1/x", "s3://unlisted/x"] {
        let refused = h.engine.submit(&a, &asked(uri)).await;
        assert!(matches!(refused, Err(SubmitError::BadInput(_))), "{uri}: {refused:?}");
    }
    h.engine.submit(&a, &asked("s3://other/x")).await.unwrap();
}
