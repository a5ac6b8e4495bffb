//! Watching a job: as it happens, by one process after the other, by many at once, and to the end of the server.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use esteira_api::{ApiOptions, ApiState, app};
use esteira_engine::id::JobId;
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::serve::{LONG, start};
use crate::support::{Esteira, Hands, Reply, Stream, request};

/// The timeline so far.
async fn timeline(esteira: &Esteira, key: &str, job: JobId) -> Value {
    asked(esteira, key, job, "accept", "application/json").await.json()
}

/// What is answered to a request with one more header.
async fn asked(esteira: &Esteira, key: &str, job: JobId, name: &str, value: &str) -> Reply {
    let path = format!("/v1/jobs/{job}/events");
    esteira.send_to(&esteira.router, request(Method::GET, key, &path).header(name, value)).await
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_watcher_is_told_everything_in_order_and_then_that_it_was_all() {
    let esteira = Esteira::start().await;
    let (tenant, key) = esteira.tenant("acme").await;
    let hands = Hands::of(&esteira).await;
    let job = esteira.submit(&key, "x").await;
    let mut stream = Stream::open(&esteira.router, &key, job, None).await;
    let mut events = stream.until("state").await;
    assert_eq!(stream.again, Some(1000));
    let lease = hands.claim(1).await.remove(0);
    events.extend(stream.until("state").await);
    hands.report(&tenant, &lease, 1, 0.5).await;
    events.extend(stream.until("progress").await);
    hands.succeed(&tenant, &lease).await;
    events.extend(stream.until("state").await);
    assert_eq!(stream.next().await, None);

    assert_eq!(ids(&events), ["0.5.0", "1.0.0", "1.1.1", "1.1.2", "1.2.0"]);
    let states: Vec<_> = events.iter().filter_map(|event| event["state"].as_str()).collect();
    assert_eq!(states, ["queued", "running", "succeeded"]);
    let log = &events[2];
    assert_eq!(
        (&log["level"], &log["message"], &log["attempt"]),
        (&json!("warn"), &json!("line 1"), &json!(1))
    );
    let progress = &events[3];
    let wanted = (&json!(0.5), &json!("echo"), &json!("on and on"));
    assert_eq!((&progress["fraction"], &progress["stage"], &progress["message"]), wanted);
    let whole = json!({"job_id": job, "final": true, "events": events});
    assert_eq!(timeline(&esteira, &key, job).await, whole);
    // An `EventSource` comes again after every end, and stops at this answer.
    assert_eq!(asked(&esteira, &key, job, "last-event-id", "1.2.0").await.status, 204);
}

#[tokio::test]
async fn another_process_goes_on_after_the_last_event() {
    let esteira = Esteira::start().await;
    let (tenant, key) = esteira.tenant("acme").await;
    let other = app(ApiState::new(esteira.another_engine().await, ApiOptions::default()));
    let hands = Hands::of(&esteira).await;
    let job = esteira.submit(&key, "x").await;
    let lease = hands.claim(1).await.remove(0);
    let mut seen: Vec<Value> = Vec::new();
    for number in [1, 3, 5, 7] {
        // Half of the time one process is asked, and half of the time the other.
        let process = if number % 4 == 1 { &esteira.router } else { &other };
        let after = seen.last().map(|event| event["id"].as_str().unwrap().to_owned());
        let mut stream = Stream::open(process, &key, job, after.as_deref()).await;
        hands.report(&tenant, &lease, number, f64::from(number) / 8.0).await;
        seen.extend(stream.until("progress").await);
    }
    let all = ["0.5.0", "1.0.0", "1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5", "1.1.6", "1.1.7", "1.1.8"];
    assert_eq!(ids(&seen), all);
}

#[tokio::test]
async fn fifty_watchers_of_five_tenants_share_one_ear() {
    let esteira = Esteira::start().await;
    let hands = Hands::of(&esteira).await;
    let mut watched = Vec::new();
    for slug in ["one", "two", "three", "four", "five"] {
        let (tenant, key) = esteira.tenant(slug).await;
        for _ in 0..10 {
            let job = esteira.submit(&key, "x").await;
            let stream = Stream::open(&esteira.router, &key, job, None).await;
            watched.push((tenant.clone(), job, stream));
        }
    }
    let leases = hands.claim(50).await;
    let ears = "select count(*) from pg_stat_activity
                where datname = current_database() and query ilike 'listen%'";
    // The API's, and that of the worker's process.
    assert_eq!(esteira.sql(ears), "2");
    join_all(watched.iter_mut().map(async |(tenant, job, stream)| {
        let lease = leases.iter().find(|lease| lease.job == *job).unwrap();
        hands.report(tenant, lease, 1, 0.5).await;
        let events = stream.until("progress").await;
        assert!(events.last().unwrap()["fraction"] == 0.5 && events.len() == 4, "{events:?}");
    }))
    .await;
    assert_eq!(esteira.sql(ears), "2");
}

#[tokio::test]
async fn an_id_that_no_event_has_is_refused() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let job = esteira.submit(&key, "x").await;
    for id in ["x", "1", "1.2", "-1.0.0", "1.2.3.4", "99999999999.0.0", "\u{e9}"] {
        asked(&esteira, &key, job, "last-event-id", id).await.problem(400, "invalid_event_id");
    }
    let unknown = asked(&esteira, &key, JobId::new(), "last-event-id", "1.0.0").await;
    let (_, other) = esteira.tenant("other").await;
    let anothers = asked(&esteira, &other, job, "last-event-id", "1.0.0").await;
    unknown.problem(404, "not_found");
    assert_eq!(unknown.body, anothers.body);
}

#[tokio::test]
async fn a_tenant_and_a_process_have_only_so_many_streams_and_get_the_places_back() {
    let options = ApiOptions { max_streams: 2, max_streams_per_tenant: 1, ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let mut streams = Vec::new();
    for slug in ["one", "two"] {
        let (_, key) = esteira.tenant(slug).await;
        let job = esteira.submit(&key, "x").await;
        streams.push(Stream::open(&esteira.router, &key, job, None).await);
        let refused = asked(&esteira, &key, job, "accept", "text/event-stream").await;
        refused.problem(429, "too_many_at_once");
        assert_eq!(refused.header("retry-after"), "5");
        // A look costs no place.
        assert_eq!(timeline(&esteira, &key, job).await["final"], false);
    }
    let (_, key) = esteira.tenant("three").await;
    let job = esteira.submit(&key, "x").await;
    let refused = asked(&esteira, &key, job, "accept", "*/*").await;
    refused.problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "5");
    streams.pop();
    Stream::open(&esteira.router, &key, job, None).await;
}

#[tokio::test]
async fn a_tenant_reads_only_so_many_timelines_at_once_and_gets_the_place_back_once_one_is_sent() {
    let options = ApiOptions { max_timelines_per_tenant: 1, ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    let (job, theirs) = (esteira.submit(&key, "x").await, esteira.submit(&other, "x").await);
    // From here on its key is known, so that both of the next ones come to the timeline at once.
    assert_eq!(timeline(&esteira, &key, job).await["final"], false);
    let look = || asked(&esteira, &key, job, "accept", "application/json");
    let (answered, refused) = tokio::join!(look(), look());
    assert_eq!(answered.status, 200);
    refused.problem(429, "too_many_at_once");
    // One that is answered, and not read yet.
    let unread = request(Method::GET, &key, &format!("/v1/jobs/{job}/events"))
        .header("accept", "application/json")
        .body(Body::empty())
        .unwrap();
    let unread = esteira.router.clone().oneshot(unread).await.unwrap();
    assert_eq!(unread.status(), 200);
    look().await.problem(429, "too_many_at_once");
    assert_eq!(timeline(&esteira, &other, theirs).await["final"], false);
    drop(unread);
    assert_eq!(look().await.status, 200);
}

#[tokio::test]
async fn a_quiet_stream_says_that_it_is_there_and_after_a_while_to_come_again() {
    let options = ApiOptions {
        stream_keep_alive: Duration::from_millis(20),
        stream_time: Duration::from_millis(500),
        ..ApiOptions::default()
    };
    let esteira = Esteira::with(options).await;
    let (_, key) = esteira.tenant("acme").await;
    let job = esteira.submit(&key, "x").await;
    let mut stream = Stream::open(&esteira.router, &key, job, None).await;
    stream.until("state").await;
    stream.again = None;
    assert_eq!(stream.next().await, None);
    let again = stream.again.unwrap();
    assert!(stream.commented && (500..4_500).contains(&again), "{again}");
}

#[tokio::test]
async fn the_stop_sends_watchers_elsewhere() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let job = esteira.submit(&key, "x").await;
    let server = start(&esteira).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let head =
        format!("GET /v1/jobs/{job}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let first = async {
        while !String::from_utf8_lossy(&heard).contains("\"queued\"") {
            assert_ne!(socket.read_buf(&mut heard).await.unwrap(), 0);
        }
    };
    timeout(LONG, first).await.unwrap();
    server.stop.send(()).unwrap();
    let mut rest = String::new();
    timeout(LONG, socket.read_to_string(&mut rest)).await.unwrap().unwrap();
    // The last chunk is there: the stream has ended in order, not been cut off.
    assert!(rest.contains("retry: ") && rest.ends_with("\r\n0\r\n\r\n"), "{rest:?}");
    timeout(LONG, server.ended).await.unwrap().unwrap();
}
