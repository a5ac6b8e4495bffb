//! A tenant as one file: it comes back under another name, whole, and a file that was tampered with does not.

use std::cell::RefCell;
use std::fs::File;
use std::path::Path;

use esteira_engine::archive::ArchiveError;
use esteira_engine::artifact::NewFile;
use esteira_engine::id::{JobId, UploadId};
use esteira_engine::job::{Decision, JobState};
use esteira_engine::queue::{self, FinishedArtifact, Outcome, RetryError, Submission};
use esteira_engine::tenant::{LimitsChange, Tenant, TenantState};
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::harness::{Harness, outcome, submission};

/// A tenant with an upload, a job that made a file, and one that is not over; in an archive.
async fn exported(h: &Harness, path: &Path) -> (Tenant, UploadId, JobId) {
    let limits = LimitsChange { max_queued: Some(Some(7)), ..LimitsChange::default() };
    let acme = h.tenant_with("acme", limits).await;
    let file = NewFile { file_name: "a\tb.txt".into(), media_type: None, limit: 100 };
    let upload = h.engine.put_file(&acme, &file, &b"hello"[..]).await.unwrap().id;
    let asked = Submission { metadata: json!({"a": "x\ty\\"}).as_object().unwrap().clone(), ..submission() };
    let job = h.engine.submit(&acme, &asked).await.unwrap().job;
    let lease = h.claim_one(h.worker().await).await;
    let object_key = format!("tenants/{}/jobs/{job}/{}/x.txt", acme.id, lease.lease);
    h.store.put(&object_key, "text/plain", 100, &mut &b"made"[..]).await.unwrap();
    let artifact = FinishedArtifact {
        name: "x.txt".into(),
        media_type: "text/plain".into(),
        bytes: 4,
        sha256: vec![0; 32],
        object_key,
    };
    let done = Outcome { artifacts: vec![artifact], ..outcome(Decision::Succeed, "succeeded") };
    queue::settle(&h.db, &acme, &lease, &done).await.unwrap();
    h.submit(&acme).await;
    let manifest = h.engine.export_tenant(&acme, File::create(path).unwrap()).await.unwrap();
    assert_eq!(manifest.unfinished_jobs, 1);
    (acme, upload, job)
}

/// What lies under a key.
async fn content(h: &Harness, key: &str) -> String {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("x");
    h.store.fetch(None, key, &path, 100).await.unwrap();
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn an_exported_tenant_comes_back_under_another_name_with_all_that_was_over() {
    let h = Harness::new().await;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("acme.tar");
    let (acme, upload, job) = exported(&h, &path).await;
    let copy = h.engine.import_tenant(&path, &"copy".parse().unwrap()).await.unwrap();
    assert_eq!((copy.state, copy.limits.max_queued), (TenantState::Suspended, Some(7)));
    assert_ne!(copy.role, acme.role);
    let jobs = h.engine.jobs(&copy, &Default::default(), None, 10).await.unwrap().items;
    assert_eq!(jobs.len(), 1);
    let (was, is) =
        (h.engine.job(&acme, job).await.unwrap().unwrap(), &h.engine.job(&copy, job).await.unwrap().unwrap());
    assert_eq!((is.state, &is.metadata, &is.output), (JobState::Succeeded, &was.metadata, &was.output));
    assert_eq!((is.artifacts.clone(), is.finished_at), (was.artifacts, was.finished_at));
    let key = format!("tenants/{}/jobs/{job}/1/x.txt", copy.id);
    assert_eq!(content(&h, &key).await, "made");
    assert_eq!(content(&h, &format!("tenants/{}/uploads/{upload}", copy.id)).await, "hello");
    // Its own from now on: the original goes, and the copy stays, and works.
    h.engine.remove_tenant(&acme.slug).await.unwrap();
    assert_eq!(content(&h, &key).await, "made");
    let copy = h.engine.set_tenant_state(&copy.slug, TenantState::Active).await.unwrap().unwrap();
    let source = format!("upload://{upload}");
    let asked = Submission { input: json!({"n": 1, "source": source}), ..submission() };
    h.engine.submit(&copy, &asked).await.unwrap();
}

/// Names and contents of entries.
type Entries = Vec<(String, Vec<u8>)>;

/// The entries of an archive, changed, as another archive.
fn tampered(path: &Path, to: &Path, change: impl Fn(&str, Vec<u8>) -> Entries) {
    let mut builder = tar::Builder::new(File::create(to).unwrap());
    for entry in tar::Archive::new(File::open(path).unwrap()).entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        for (name, bytes) in change(&name, bytes) {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            // Past the checks of the library, as whoever means harm would write it.
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, bytes.as_slice()).unwrap();
        }
    }
    builder.finish().unwrap();
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

type Change = Box<dyn Fn(&str, Vec<u8>) -> Entries>;

/// Other rows of a table, and a manifest that fits them.
fn rows(table: &'static str, alter: fn(String) -> String) -> Change {
    let altered = RefCell::new(Vec::new());
    Box::new(move |name, bytes| {
        let bytes = if name == table {
            alter(text(&bytes)).into_bytes()
        } else if name == "manifest.json" {
            let mut manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let entries = manifest["entries"].as_array_mut().unwrap();
            let entry = entries.iter_mut().find(|entry| entry["name"] == table).unwrap();
            entry["bytes"] = altered.borrow().len().into();
            entry["sha256"] = hex::encode(Sha256::digest(&*altered.borrow())).into();
            serde_json::to_vec(&manifest).unwrap()
        } else {
            bytes
        };
        if name == table {
            altered.replace(bytes.clone());
        }
        vec![(name.to_owned(), bytes)]
    })
}

#[tokio::test]
async fn an_archive_that_was_tampered_with_makes_no_tenant() {
    let h = Harness::new().await;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("acme.tar");
    let (acme, upload, _) = exported(&h, &path).await;
    let acme_id = acme.id;
    let manifest: fn(&str, Vec<u8>, &str, &str) -> Entries = |name, bytes, from, to| {
        let bytes = if name == "manifest.json" { text(&bytes).replace(from, to).into_bytes() } else { bytes };
        vec![(name.to_owned(), bytes)]
    };
    // An announced upload names an object of its own, and whoever completes or forgets it reads or deletes that one.
    let smuggled = move |name: &str, bytes: Vec<u8>| {
        if name != "manifest.json" {
            return vec![(name.to_owned(), bytes)];
        }
        let row =
            format!("{upload}\ta.txt\ttext/plain\t5\t5\ttenants/{}/uploads/{upload}\t2126-01-01\n", acme_id);
        let mut manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        manifest["entries"].as_array_mut().unwrap().push(json!({
            "name": "tables/unfinished_uploads", "bytes": row.len(), "sha256": hex::encode(Sha256::digest(&row)),
            "columns": ["id", "file_name", "media_type", "bytes", "part_bytes", "object_key", "expires_at"],
        }));
        let manifest = serde_json::to_vec(&manifest).unwrap();
        vec![("tables/unfinished_uploads".to_owned(), row.into_bytes()), (name.to_owned(), manifest)]
    };
    let cases: [(&str, Change); 12] = [
        ("no table unfinished_uploads", Box::new(smuggled)),
        (
            "SHA-256",
            Box::new(|name, mut bytes| {
                if name == "objects/0" {
                    bytes[0] ^= 1;
                }
                vec![(name.to_owned(), bytes)]
            }),
        ),
        (
            "bytes",
            Box::new(|name, mut bytes| {
                if name == "objects/0" {
                    bytes.extend([0; 4096]);
                }
                vec![(name.to_owned(), bytes)]
            }),
        ),
        (
            "missing",
            Box::new(|name, bytes| if name == "objects/1" { vec![] } else { vec![(name.to_owned(), bytes)] }),
        ),
        ("twice", Box::new(|name, bytes| vec![(name.to_owned(), bytes.clone()), (name.to_owned(), bytes)])),
        (
            "no place",
            Box::new(|name, bytes| {
                let climbs = if name == "objects/0" { "../../evil" } else { name };
                vec![(climbs.to_owned(), bytes)]
            }),
        ),
        (
            "does not list",
            Box::new(|name, bytes| {
                vec![
                    (name.to_owned(), bytes),
                    (format!("objects/9{}", name.bytes().map(u64::from).sum::<u64>()), vec![1]),
                ]
            }),
        ),
        (
            "key",
            Box::new(move |name, bytes| {
                manifest(name, bytes, "\"key\": \"uploads/", "\"key\": \"../1/uploads/")
            }),
        ),
        // Whoever keeps less than nothing may bring more than the limit says.
        (
            "its ledger keeps",
            rows("tables/usage_ledger", |rows| {
                let nothing = "\\N\t".repeat(10);
                format!("{rows}2026-01-01\t\t{nothing}-1000000\t\\N\n")
            }),
        ),
        // And so may, once its files go, who is said to keep more than it has.
        ("no such object", rows("tables/uploads", |rows| rows.replace("\t5\t", "\t6\t"))),
        ("is of no file", rows("tables/uploads", |_| String::new())),
        (
            "no table",
            Box::new(move |name, bytes| {
                manifest(name, bytes, "\"file_name\"", "\"file_name) from stdin; drop table jobs; --\"")
            }),
        ),
    ];
    for (number, (why, change)) in cases.into_iter().enumerate() {
        let bad = dir.path().join(format!("{number}.tar"));
        tampered(&path, &bad, change);
        let refused = h.engine.import_tenant(&bad, &"copy".parse().unwrap()).await;
        assert!(
            matches!(&refused, Err(ArchiveError::Unfit(said)) if said.contains(why)),
            "{why}: {refused:?}"
        );
        assert!(h.engine.tenant("copy").await.unwrap().is_none(), "{why}");
    }
    let nonsense = dir.path().join("x.tar");
    std::fs::write(&nonsense, "no archive at all").unwrap();
    assert!(h.engine.import_tenant(&nonsense, &"copy".parse().unwrap()).await.is_err());
    let taken = h.engine.import_tenant(&path, &acme.slug).await;
    assert!(matches!(taken, Err(ArchiveError::Create(_))), "{taken:?}");
    assert_eq!(h.engine.jobs(&acme, &Default::default(), None, 10).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn a_job_and_its_copy_are_retried_one_after_the_other() {
    let h = Harness::new().await;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("acme.tar");
    let acme = h.tenant("acme").await;
    let job = h.submit(&acme).await;
    let lease = h.claim_one(h.worker().await).await;
    queue::settle(&h.db, &acme, &lease, &outcome(Decision::Fail, "failed")).await.unwrap();
    h.engine.export_tenant(&acme, File::create(&path).unwrap()).await.unwrap();
    let copy = h.engine.import_tenant(&path, &"copy".parse().unwrap()).await.unwrap();
    let copy = h.engine.set_tenant_state(&copy.slug, TenantState::Active).await.unwrap().unwrap();
    h.engine.retry(&copy, job).await.unwrap();
    let refused = h.engine.retry(&acme, job).await;
    assert!(matches!(refused, Err(RetryError::CopyIsLive)), "{refused:?}");
    h.engine.cancel(&copy, job).await.unwrap();
    assert_eq!(h.engine.job(&acme, job).await.unwrap().unwrap().state, JobState::Failed);
    h.engine.retry(&acme, job).await.unwrap();
}

#[tokio::test]
async fn schedules_come_along_and_are_due_once_the_copy_is_resumed() {
    let h = Harness::new().await;
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("acme.tar");
    let acme = h.tenant("acme").await;
    let made = h.engine.create_schedule(&acme, &crate::schedules::definition("@hourly"), 10).await.unwrap();
    h.engine.run_schedule(&acme, made.id, 100).await.unwrap();
    h.engine.export_tenant(&acme, File::create(&path).unwrap()).await.unwrap();
    let copy = h.engine.import_tenant(&path, &"copy".parse().unwrap()).await.unwrap();
    assert_eq!(h.engine.schedule(&copy, made.id).await.unwrap().next_runs, made.next_runs);
    assert_eq!(h.engine.schedule_runs(&copy, made.id, None, None, 9).await.unwrap().items.len(), 1);
    h.engine.remove_tenant(&acme.slug).await.unwrap();
    crate::schedules::it_is(&h, made.next_runs[0]).await;
    assert_eq!(crate::schedules::fire(&h).await, 0, "it is suspended");
    h.engine.set_tenant_state(&copy.slug, TenantState::Active).await.unwrap().unwrap();
    assert_eq!(crate::schedules::fire(&h).await, 1);
}
