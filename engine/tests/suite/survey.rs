//! What a kind's trusted half reads: one tenant's rows, as they stood at one moment, staged for the child.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use esteira_engine::Engine;
use esteira_engine::artifact::NewFile;
use esteira_engine::child::WorkDir;
use esteira_engine::db::Db;
use esteira_engine::id::JobId;
use esteira_engine::job::{
    Catalog, CheckedInput, Decision, FileUri, InputError, JobError, JobState, Kind, KindError, KindInfo,
    Survey, Surveyed,
};
use esteira_engine::queue::{self, FinishedArtifact, Outcome, Submission};
use esteira_engine::snapshot::{Between, Days, Snapshot};
use esteira_engine::tenant::Tenant;
use serde_json::{Map, Value, json};

use crate::harness::{HOSTILE, Harness, KIND, info, outcome};
use crate::worker::{Running, end, until};

/// By which the child finds what was read.
const ROWS: &str = "survey://rows.json";

/// The kind of `examples/hostile.rs`, with a trusted half that does what its input says.
struct Surveying {
    db: Db,
    tenant: Tenant,
}

#[async_trait]
impl Survey for Surveying {
    async fn survey(
        &self,
        input: &Value,
        _: &Value,
        rows: &mut Snapshot,
    ) -> Result<Vec<Surveyed>, KindError> {
        let all = Between { from: DateTime::UNIX_EPOCH, to: rows.now() + TimeDelta::days(1) };
        let told = match input["do"].as_str() {
            Some("refuse") => return Err(KindError::fail("no_such_days", "the calendar has no such days")),
            Some("hang") => std::future::pending().await,
            Some("twice") => {
                let first = rows.made(all, 10).await?.rows.len();
                let mut tx = self.db.begin_as(&self.tenant).await?;
                sqlx::query("delete from outcomes").execute(tx.conn()).await.unwrap();
                tx.commit().await?;
                json!([first, rows.made(all, 10).await?.rows.len()])
            }
            Some("times") => json!([rows.now(), rows.due(), rows.kept_since()]),
            Some("pages") => {
                let read = rows.documents(all, KIND, 10).await?.rows;
                read.iter()
                    .map(|row| json!([row.empty, row.empty_pages.len(), row.empty_pages.last()]))
                    .collect()
            }
            Some("long") => {
                let (made, slowest) = (rows.made(all, 10).await?, rows.slowest(all, 10).await?);
                let (warned, failed) = (rows.warnings(all, KIND, 1).await?, rows.failed(all, 10).await?);
                let read = rows.documents(all, KIND, 10).await?;
                let heard = rows.transcripts(all, KIND, 10).await?;
                let length = |text: &str| text.chars().count();
                let of_warning = warned
                    .rows
                    .first()
                    .map(|warned| [length(&warned.name), length(&warned.code), length(&warned.message)]);
                json!({
                    "names": [made.rows.iter().map(|row| length(&row.name)).max(),
                              slowest.iter().map(|row| length(&row.name)).max(),
                              read.rows.iter().map(|row| length(&row.name)).max(),
                              heard.rows.iter().map(|row| length(&row.name)).max()],
                    "warning": of_warning, "warnings": warned.all,
                    "failed": failed.rows.iter().map(|row| [length(&row.code), length(&row.message)]).collect::<Vec<_>>(),
                    "pages": read.rows.iter().map(|row| (row.pages, row.ocr_pages)).collect::<Vec<_>>(),
                })
            }
            _ => everything(rows, all).await?,
        };
        Ok(vec![Surveyed { name: ROWS, bytes: told.to_string().into_bytes() }])
    }
}

/// What each verb gives.
async fn everything(rows: &mut Snapshot, all: Between) -> Result<Value, KindError> {
    let made = rows.made(all, 1).await?;
    let failed = rows.failed(all, 10).await?;
    let documents = rows.documents(all, KIND, 10).await?;
    let transcripts = rows.transcripts(all, KIND, 10).await?;
    let warnings = rows.warnings(all, KIND, 10).await?;
    let today = rows.now().date_naive();
    let midnight = today.and_time(chrono::NaiveTime::MIN).and_utc();
    // Days of a zone that is half an hour ahead.
    let beginnings = [-1_470, -30, 1_410].map(|minutes| midnight + TimeDelta::minutes(minutes));
    let days =
        Days::new(today - TimeDelta::days(1), beginnings.into(), midnight + TimeDelta::days(2)).unwrap();
    let used = rows.used(&days).await?;
    let slowest = rows.slowest(all, 10).await?;
    let waited = rows.waited(all).await?;
    Ok(json!({
        "tenant": rows.tenant(),
        "made": [made.all, made.rows.iter().map(|made| {
            json!([made.name, made.artifact, made.bytes, made.media_seconds, made.pages])
        }).collect::<Vec<_>>()],
        "failed": failed.rows.iter().map(|way| json!([way.kind, way.code, way.jobs, way.message])).collect::<Vec<_>>(),
        "documents": documents.rows.iter().map(|document| {
            json!([document.name, document.pages, document.ocr_pages, document.confidence])
        }).collect::<Vec<_>>(),
        "transcripts": transcripts.rows.iter().map(|heard| {
            json!([heard.language, heard.seconds, heard.confidence])
        }).collect::<Vec<_>>(),
        "warnings": warnings.rows.iter().map(|warned| json!([warned.code, warned.message])).collect::<Vec<_>>(),
        "totals": [failed.all, documents.all, transcripts.all, warnings.all],
        "used": used.iter().map(|day| json!([day.kind, day.used.succeeded, day.used.failed, day.used.bytes_stored]))
            .collect::<Vec<_>>(),
        "kept": rows.bytes_kept().await?,
        "slowest": slowest.len(),
        "waited": waited.iter().map(|waited| json!([waited.kind, waited.jobs])).collect::<Vec<_>>(),
        "unfinished": rows.unfinished(all.to).await?.map(|(jobs, _)| jobs),
    }))
}

impl Kind for Surveying {
    fn info(&self) -> KindInfo {
        info(HOSTILE)
    }

    fn check(&self, _: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
        Ok(CheckedInput::default())
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn survey(&self) -> Option<&dyn Survey> {
        Some(self)
    }

    fn run(&self, _: &Value, _: &Value, _: &mut WorkDir) -> Result<Value, KindError> {
        Ok(Value::Null)
    }
}

/// A worker of that kind. The tenant is the one whose rows change meanwhile.
async fn start(h: &Harness, tenant: &Tenant) -> Running {
    let kinds: Vec<Box<dyn Kind>> = vec![Box::new(Surveying { db: h.db.clone(), tenant: tenant.clone() })];
    let catalog = Catalog::new(kinds, &BTreeMap::new()).unwrap();
    Running::start_on(Engine::new(h.db.clone(), h.store.clone(), catalog), |_| {}).await
}

async fn submit(h: &Harness, tenant: &Tenant, what: &str) -> JobId {
    let input = json!({"mode": "read_named", "name": ROWS, "do": what});
    h.engine
        .submit(tenant, &Submission { kind: HOSTILE.into(), input, ..Submission::default() })
        .await
        .unwrap()
        .job
}

/// What the child was given.
fn given(output: Option<&Value>) -> Value {
    serde_json::from_str(output.unwrap()["text"].as_str().unwrap()).unwrap()
}

/// A job that was named, with what it came to.
async fn finished(h: &Harness, tenant: &Tenant, input: Value, ended: impl FnOnce(Outcome) -> Outcome) {
    let metadata = Map::from_iter([("name".to_owned(), json!("Contrato 77"))]);
    let asked = Submission { kind: KIND.into(), input, metadata, ..Submission::default() };
    h.engine.submit(tenant, &asked).await.unwrap();
    let lease = h.claim_one(h.worker().await).await;
    let done = ended(outcome(Decision::Succeed, "succeeded"));
    queue::settle(&h.db, tenant, &lease, &done).await.unwrap();
}

fn file(name: &str, bytes: u64) -> FinishedArtifact {
    FinishedArtifact {
        name: name.into(),
        media_type: "text/plain".into(),
        bytes,
        sha256: vec![0; 32],
        object_key: format!("k/{name}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_tells_of_the_tenants_own_jobs_and_of_no_others() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    for tenant in [&acme, &other] {
        let upload = NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
        h.engine.put_file(tenant, &upload, &b"hello"[..]).await.unwrap();
    }
    let output = json!({
        "language": "pt", "confidence": 0.875, "usage": {"media_seconds": 2.5, "pages": 3},
        "counts": {"pages": 3, "ocr_pages": 2}, "warnings": ["quiet", {"code": "loud", "message": "too loud"}],
    });
    finished(&h, &acme, json!({"n": 1}), |done| Outcome {
        output: Some(output),
        artifacts: vec![file("a.md", 30), file("b.md", 12)],
        ..done
    })
    .await;
    finished(&h, &acme, json!({"n": 2}), |done| done).await;
    for _ in 0..2 {
        finished(&h, &acme, json!({"n": 3}), |_| {
            let error =
                JobError { code: "bad_page".into(), message: "page 7".into(), retryable: false, attempt: 1 };
            Outcome { error: Some(error), ..Outcome::new(Decision::Fail, "failed") }
        })
        .await;
    }
    finished(&h, &other, json!({"n": 4}), |done| done).await;
    h.submit(&other).await;

    let worker = start(&h, &acme).await;
    let job = end(&h, &acme, submit(&h, &acme, "everything").await).await;
    assert_eq!(job.state, JobState::Succeeded, "{:?}", job.error);
    let told = given(job.output.as_ref());
    assert_eq!(told["tenant"], "acme");
    // Two were made, of which the newest was asked for.
    assert_eq!(told["made"], json!([2, [["Contrato 77", "", 0, null, null]]]));
    assert_eq!(told["failed"], json!([[KIND, "bad_page", 2, "page 7"]]));
    assert_eq!(told["documents"], json!([["Contrato 77", 0, 0, null], ["Contrato 77", 3, 2, 0.875]]));
    assert_eq!(told["transcripts"], json!([["", 0.0, null], ["pt", 2.5, 0.875]]));
    assert_eq!(told["warnings"], json!([["warning", "quiet"], ["loud", "too loud"]]));
    assert_eq!(told["totals"], json!([1, 2, 2, 2]));
    assert_eq!(told["used"], json!([["", 0, 0, 5], [KIND, 2, 2, 42]]));
    assert_eq!((&told["kept"], &told["slowest"]), (&json!(47), &json!(4)));
    assert_eq!(told["waited"], json!([[KIND, 4]]));
    // The job that reads is not over, which is no news.
    assert_eq!(told["unfinished"], Value::Null);

    h.submit(&acme).await;
    let job = end(&h, &acme, submit(&h, &acme, "everything").await).await;
    assert_eq!(given(job.output.as_ref())["unfinished"], json!(1));
    let foreign = end(&h, &other, submit(&h, &other, "everything").await).await;
    let told = given(foreign.output.as_ref());
    assert_eq!((&told["tenant"], &told["made"][0]), (&json!("other"), &json!(1)));
    assert_eq!((&told["failed"], &told["unfinished"]), (&json!([]), &json!(1)));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tenants_and_kinds_write_without_an_end_is_cut_and_counted() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let output = json!({
        "warnings": [{"code": "c".repeat(500), "message": "m".repeat(5_000)}, "second"],
        // Neither is a number of pages.
        "counts": {"pages": "many", "ocr_pages": 1e300},
    });
    finished(&h, &acme, json!({"n": 1}), |done| Outcome { output: Some(output), ..done }).await;
    finished(&h, &acme, json!({"n": 2}), |_| {
        let (code, message) = ("c".repeat(500), "m".repeat(5_000));
        let error = JobError { code, message, retryable: false, attempt: 1 };
        Outcome { error: Some(error), ..Outcome::new(Decision::Fail, "failed") }
    })
    .await;
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    sqlx::query("update jobs set metadata = jsonb_build_object('name', repeat('n', 5000))")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let worker = start(&h, &acme).await;
    let told = given(end(&h, &acme, submit(&h, &acme, "long").await).await.output.as_ref());
    assert_eq!(told["names"], json!([300, 300, 300, 300]));
    assert_eq!((&told["warning"], &told["warnings"]), (&json!([300, 100, 1_000]), &json!(2)));
    assert_eq!(told["failed"], json!([[100, 1_000]]));
    assert_eq!(told["pages"], json!([[0, 1_000_000_000_000_000_i64]]));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_text_are_counted_and_those_that_the_search_does_not_keep_are_none() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    for n in [1, 2] {
        finished(&h, &acme, json!({"n": n}), |done| done).await;
    }
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    // Of each every second page up to the 39th; of the second no more was kept.
    sqlx::raw_sql(
        "insert into documents (id, job_id, lease, kind, title, pages, truncated)
         select j.id, j.id, o.lease, j.kind, 'Carta', 300, j.input ->> 'n' = '2'
         from jobs as j join outcomes as o on o.job_id = j.id;
         insert into passages (document_id, number, page, dictionary, text)
         select d.id, page, page, 'simple', 'x' from documents as d, generate_series(1, 39, 2) as page",
    )
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let worker = start(&h, &acme).await;
    let told = given(end(&h, &acme, submit(&h, &acme, "pages").await).await.output.as_ref());
    assert_eq!(told, json!([[19, 19, 38], [280, 200, 220]]));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_schedule_knows_its_due_time_and_each_since_when_jobs_are_kept() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = start(&h, &acme).await;
    let due = "2026-01-02T05:00:00Z";
    for (metadata, is_due) in [
        (json!({"schedule_id": "a", "due_at": due}), true),
        // What a tenant has written for itself, no instant, and one that has not come.
        (json!({"due_at": due}), false),
        (json!({"schedule_id": "a", "due_at": "soon"}), false),
        (json!({"schedule_id": "a", "due_at": "9999-01-01T00:00:00Z"}), false),
    ] {
        let input = json!({"mode": "read_named", "name": ROWS, "do": "times"});
        let metadata = metadata.as_object().unwrap().clone();
        let asked = Submission { kind: HOSTILE.into(), input, metadata, ..Submission::default() };
        let job = h.engine.submit(&acme, &asked).await.unwrap().job;
        let [now, read, kept_since]: [DateTime<chrono::Utc>; 3] =
            serde_json::from_value(given(end(&h, &acme, job).await.output.as_ref())).unwrap();
        assert_eq!(read, if is_due { due.parse().unwrap() } else { now }, "{:?}", asked.metadata);
        assert_eq!(now - kept_since, TimeDelta::days(30));
    }
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_twice_is_the_same_though_the_rows_are_gone_meanwhile() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    finished(&h, &acme, json!({"n": 1}), |done| done).await;
    let worker = start(&h, &acme).await;
    let job = end(&h, &acme, submit(&h, &acme, "twice").await).await;
    assert_eq!(given(job.output.as_ref()), json!([1, 1]));
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_half_that_refuses_ends_the_job_and_one_that_hangs_can_be_cancelled() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = start(&h, &acme).await;
    let job = end(&h, &acme, submit(&h, &acme, "refuse").await).await;
    let error = job.error.unwrap();
    assert_eq!((job.state, error.code.as_str(), error.attempt), (JobState::Failed, "no_such_days", 1));
    let hanging = submit(&h, &acme, "hang").await;
    until(&h, &acme, hanging, |job| job.state == JobState::Running).await;
    h.engine.cancel(&acme, hanging).await.unwrap();
    assert_eq!(end(&h, &acme, hanging).await.state, JobState::Cancelled);
    // The snapshot has gone with it.
    let open = "select count(*) from pg_stat_activity where datname = current_database()
                and state like 'idle in transaction%'";
    let closed = async {
        while h.count(open).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), closed).await.expect("no transaction is left open");
    worker.stop().await;
}

#[test]
fn no_input_can_name_what_is_prepared() {
    assert!(ROWS.parse::<FileUri>().is_err());
}
