//! Uploads that are announced: what becomes of those that nobody completes, and of files that are named as they go.

use std::time::Duration;

use esteira_engine::artifact::{Announcement, CompleteError, NewFile, Reserved, UploadTerms};
use esteira_engine::duty::{Pruned, RetentionOptions, lead, prune_once, sweep_once};
use esteira_engine::id::{UploadId, WorkerId};
use esteira_engine::queue::{self, NewJob, Submission, SubmitError};
use esteira_engine::tenant::Tenant;
use serde_json::json;

use crate::harness::{Harness, submission};
use crate::retention::days_pass;

const HOUR: Duration = Duration::from_secs(3600);

async fn reserve(h: &Harness, tenant: &Tenant) -> Reserved {
    let file =
        Announcement { file_name: "a.txt".into(), media_type: "text/plain".into(), bytes: 5, sha256: None };
    let terms = UploadTerms { good_for: 24 * HOUR, most: 0 };
    h.engine.reserve_upload(tenant, &file, terms).await.unwrap()
}

async fn upload(h: &Harness, tenant: &Tenant) -> UploadId {
    let file = NewFile { file_name: "a.txt".into(), media_type: None, limit: 100 };
    h.engine.put_file(tenant, &file, &b"hello"[..]).await.unwrap().id
}

async fn prune(h: &Harness) -> Pruned {
    let leadership = lead(&h.db, "test", WorkerId(uuid::Uuid::nil()), HOUR).await.unwrap().unwrap();
    prune_once(&h.db, &h.store, &RetentionOptions::default(), &leadership).await.unwrap().unwrap()
}

fn naming(upload: UploadId) -> Submission {
    Submission { input: json!({"n": 1, "source": format!("upload://{upload}")}), ..submission() }
}

/// A job that has passed every check before it is written.
pub async fn checked(h: &Harness, tenant: &Tenant, submission: &Submission) -> NewJob {
    let catalog = h.engine.catalog();
    let checked = queue::preflight(&h.db, &h.store, catalog, tenant, submission).await.unwrap();
    NewJob::new(checked.entry, submission, checked.needs).reading(checked.input.files)
}

#[tokio::test]
async fn an_upload_that_nobody_completes_is_given_up_an_hour_after_its_time() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (late, parts) = (reserve(&h, &acme).await, []);
    days_pass(&h, 1).await;
    assert_eq!(prune(&h).await.unfinished, 0, "a PUT that began in time may still be under way");
    days_pass(&h, 2).await;
    let fresh = reserve(&h, &acme).await;
    assert!(matches!(
        h.engine.complete_upload(&acme, late.id, &parts, HOUR).await,
        Err(CompleteError::Expired)
    ));
    assert_eq!(prune(&h).await.unfinished, 1);
    let refused = h.engine.complete_upload(&acme, late.id, &parts, HOUR).await;
    assert!(matches!(refused, Err(CompleteError::Unknown)), "{refused:?}");
    let refused = h.engine.complete_upload(&acme, fresh.id, &parts, HOUR).await;
    assert!(matches!(refused, Err(CompleteError::BadParts(_))), "{refused:?}");
}

#[tokio::test]
async fn what_a_crash_left_half_given_up_is_given_up_by_the_next_round() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    reserve(&h, &acme).await;
    let mut tx = h.db.begin_as(&acme).await.unwrap();
    let marked = "update unfinished_uploads set given_up = true";
    sqlx::query(marked).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    days_pass(&h, 2).await;
    assert_eq!(prune(&h).await.unfinished, 1);
}

#[tokio::test]
async fn an_upload_that_is_looked_at_does_not_expire_meanwhile() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let upload = reserve(&h, &acme).await;
    // The look begins, and its call ends for want of parts.
    let part = esteira_engine::artifact::BroughtPart { number: 1, etag: "x".into() };
    let refused = h.engine.complete_upload(&acme, upload.id, &[part], 72 * HOUR).await;
    assert!(matches!(refused, Err(CompleteError::Incomplete(_))), "{refused:?}");
    days_pass(&h, 2).await;
    assert_eq!(prune(&h).await.unfinished, 0);
}

#[tokio::test]
async fn the_sweep_leaves_an_object_that_is_announced_alone() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let upload = reserve(&h, &acme).await;
    // As if a process had died between the join and the row of `uploads`.
    let key = format!("tenants/{}/uploads/{}", acme.id, upload.id);
    h.store.put(&key, "text/plain", 100, &mut &b"hello"[..]).await.unwrap();
    days_pass(&h, 3).await;
    let options = RetentionOptions { orphan_age: HOUR, ..RetentionOptions::default() };
    let leadership = lead(&h.db, "test", WorkerId(uuid::Uuid::nil()), HOUR).await.unwrap().unwrap();
    let swept = sweep_once(&h.db, &h.store, &options, &leadership).await.unwrap().unwrap();
    assert_eq!((swept.seen, swept.deleted), (1, 0));
    assert_eq!(prune(&h).await.unfinished, 1);
    let gone = h.store.fetch(None, &key, &std::env::temp_dir().join(upload.id.to_string()), 100).await;
    assert!(gone.is_err(), "given up with its object");
}

#[tokio::test]
async fn a_file_that_a_job_comes_to_name_as_it_expires_stays_for_that_job() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let named = upload(&h, &acme).await;
    days_pass(&h, 31).await;
    let job = checked(&h, &acme, &naming(named)).await;
    // The submit has written its job, and has not committed, when the prune comes.
    let mut tx = h.db.begin().await.unwrap();
    queue::write_jobs(tx.conn(), &acme, &[&job]).await.unwrap();
    let (pruned, ()) = tokio::join!(prune(&h), async {
        h.until_waiting(1).await;
        tx.commit().await.unwrap();
    });
    assert_eq!(pruned.uploads, 0);
    h.engine.submit(&acme, &naming(named)).await.unwrap();
}

#[tokio::test]
async fn a_job_that_names_a_file_which_has_just_expired_is_refused_rather_than_failed_later() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let named = upload(&h, &acme).await;
    days_pass(&h, 31).await;
    let job = checked(&h, &acme, &naming(named)).await;
    assert_eq!(prune(&h).await.uploads, 1);
    let mut tx = h.db.begin().await.unwrap();
    let refused = queue::write_jobs(tx.conn(), &acme, &[&job]).await;
    assert!(
        matches!(&refused, Err(SubmitError::BadInput(faults)) if faults[0].pointer == "/source"),
        "{refused:?}"
    );
}
