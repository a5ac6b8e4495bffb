//! Files of the web: fetched from hosts that the operator allows, at public addresses, and wherever those redirect to
//! by the same rules.

use std::time::Duration;

use chrono::NaiveDate;
use esteira_engine::job::{Job, JobState};
use esteira_engine::queue::{Submission, SubmitError};
use esteira_engine::tenant::Tenant;
use esteira_engine::worker::WorkerOptions;
use serde_json::json;

use crate::harness::{HOSTILE, Harness};
use crate::source::{Reply, Source, allowing};
use crate::worker::{Running, end};

fn naming(url: &str) -> Submission {
    let input = json!({"mode": "read_staged", "source": url});
    Submission { kind: HOSTILE.into(), input, ..Submission::default() }
}

async fn run(h: &Harness, tenant: &Tenant, url: &str) -> Job {
    let submission = Submission { max_attempts: Some(2), ..naming(url) };
    let id = h.engine.submit(tenant, &submission).await.unwrap().job;
    end(h, tenant, id).await
}

/// Limits that a test can pass.
fn narrow(options: &mut WorkerOptions) {
    options.web.bytes = 10;
    options.web.redirects = 2;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_an_allowed_host_is_staged_wherever_it_moved_to_and_counts_as_moved() {
    let source = Source::start(|path, _| match path {
        "/film.mp4?token=x" => Reply::Redirect("../here#top".into()),
        "/here" => Reply::Redirect("/hello".into()),
        "/hello" => Reply::Text(200, "hello"),
        _ => Reply::Text(404, ""),
    })
    .await;
    let h = Harness::with_web(allowing(&[&source])).await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, narrow).await;
    let job = run(&h, &acme, &source.url("/film.mp4?token=x")).await;
    assert_eq!(job.output, Some(json!({"text": "hello"})), "{:?}", job.error);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let usage = h.engine.usage(&acme, day("2000-01-01"), day("9999-01-01")).await.unwrap();
    let artifacts: i64 = usage.days.iter().map(|day| day.used.bytes_stored).sum();
    let moved: i64 = usage.days.iter().map(|day| day.used.bytes_moved).sum();
    assert_eq!(moved - artifacts, 5);
    worker.stop().await;
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_refused_at_the_submit_with_the_place_of_its_name() {
    let source = Source::start(|_, _| Reply::Text(200, "hello")).await;
    let closed = Harness::new().await;
    let open = Harness::with_web(allowing(&[&source])).await;
    let mine = source.url("/hello");
    for (h, url, message) in [
        (&closed, mine.as_str(), "files are not fetched from the web: upload it first"),
        (&open, "https://example.org/a", "this server fetches no files from example.org: upload it first"),
        (&open, "http://localhost:1/", "this server fetches no files from port 1 of localhost"),
        (&open, "http://169.254.169.254/latest", "must not lead to an address that is not public"),
        (&open, "http://[::ffff:127.0.0.1]/", "must not lead to an address that is not public"),
        (&open, "https://me@example.org/a", "must carry no user name and no password"),
    ] {
        let acme = h.tenant(&format!("t{}", h.count("select count(*) from esteira.tenants").await)).await;
        let Err(SubmitError::BadInput(faults)) = h.engine.submit(&acme, &naming(url)).await else {
            panic!("{url} is taken");
        };
        let told: Vec<_> =
            faults.iter().map(|fault| (fault.pointer.as_str(), fault.message.as_str())).collect();
        assert_eq!(told, [("/source", message)], "{url}");
    }
    let acme = open.tenant("acme").await;
    open.engine.submit(&acme, &naming(&mine)).await.unwrap();
    assert_eq!(source.asked(), 0, "it is asked when the job runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_be_otherwise_tomorrow_ends_the_job_and_names_no_address() {
    let inner = Source::start(|_, _| Reply::Text(200, "secret")).await;
    let (by_name, by_address) = (inner.url("/"), format!("http://{}/", inner.address));
    let source = Source::start(move |path, _| match path {
        "/forbidden" => Reply::Text(403, ""),
        "/empty" => Reply::Text(204, ""),
        "/away" => Reply::Redirect("https://example.org/".into()),
        "/metadata" => Reply::Redirect("http://169.254.169.254/latest".into()),
        "/by-address" => Reply::Redirect(by_address.clone()),
        "/by-name" => Reply::Redirect(by_name.clone()),
        "/file" => Reply::Redirect("file:///etc/passwd".into()),
        "/nowhere" => Reply::Redirect(String::new()),
        "/round" => Reply::Redirect("/round".into()),
        "/large" => Reply::Text(200, "eleven bytes"),
        "/endless" => Reply::Endless,
        _ => Reply::Text(404, ""),
    })
    .await;
    // The inner host may be named, and is not at a public address.
    let h = Harness::with_web(allowing(&[&source, &inner])).await;
    let acme = h.tenant("acme").await;
    let worker = Running::start(&h, narrow).await;
    for (path, code, message) in [
        ("/missing", "file_not_found", "localhost answered 404 Not Found"),
        ("/forbidden", "source_refused", "localhost answered 403 Forbidden"),
        ("/empty", "source_refused", "localhost answered 204 No Content"),
        ("/away", "source_refused", "localhost redirects to where this server fetches no files from"),
        ("/metadata", "source_refused", "localhost redirects to where this server fetches no files from"),
        ("/by-address", "source_refused", "localhost redirects to where this server fetches no files from"),
        ("/by-name", "source_refused", "localhost has no public address"),
        ("/file", "source_refused", "localhost redirects to where this server fetches no files from"),
        ("/nowhere", "source_refused", "localhost redirects to no address"),
        ("/round", "source_refused", "localhost redirects too many times"),
        ("/large", "file_too_large", "the file has more than 10 bytes"),
        ("/endless", "file_too_large", "the file has more than 10 bytes"),
    ] {
        let job = run(&h, &acme, &source.url(path)).await;
        let error = job.error.unwrap();
        assert_eq!((error.code.as_str(), job.attempt), (code, 1), "{path}: {}", error.message);
        assert_eq!(error.message, format!("/input/source: {message}"), "{path}");
    }
    let job = run(&h, &acme, &inner.url("/")).await;
    assert_eq!(job.error.unwrap().message, "/input/source: localhost has no public address");
    assert_eq!(inner.asked(), 0);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_otherwise_soon_is_tried_again() {
    let source = Source::start(|path, before| match (path, before) {
        ("/failed", 0) => Reply::Text(500, ""),
        ("/busy", 0) => Reply::Text(429, ""),
        ("/broken", 0) => Reply::Broken,
        ("/slow", 0) | ("/never", _) => Reply::Never,
        _ => Reply::Text(200, "hello"),
    })
    .await;
    let h = Harness::with_web(allowing(&[&source])).await;
    let acme = h.tenant("acme").await;
    let impatient = |options: &mut WorkerOptions| options.web.timeout = Duration::from_secs(1);
    let worker = Running::start(&h, impatient).await;
    for path in ["/failed", "/busy", "/broken", "/slow"] {
        let job = run(&h, &acme, &source.url(path)).await;
        assert_eq!((job.state, job.attempt), (JobState::Succeeded, 2), "{path}: {:?}", job.error);
    }
    let job = run(&h, &acme, &source.url("/never")).await;
    let error = job.error.unwrap();
    assert_eq!((error.code.as_str(), job.attempt), ("source_unavailable", 2));
    assert_eq!(error.message, "/input/source: localhost did not send the file in time");
    worker.stop().await;
}
