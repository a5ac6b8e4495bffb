//! A search server outside is told of documents: what comes, what goes, and everything anew. `osmem-server` plays it.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use esteira_engine::document::sink::{Sink, SinkOptions, alias, rebuilds};
use esteira_engine::id::WorkerId;
use esteira_engine::tenant::Tenant;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::documents::{contract, done};
use crate::harness::Harness;
use crate::retention::{days_pass, prune};
use crate::worker::Running;

const LEASE: Duration = Duration::from_secs(60);

/// A running osmem-server; it ends with the test.
struct SearchServer {
    url: String,
    _process: Child,
}

impl SearchServer {
    async fn start() -> Self {
        Self::listening("127.0.0.1:0").await
    }

    async fn listening(address: &str) -> Self {
        let mut process = Command::new(program())
            .args(["-addr", address, "-no-stdin-watch", "-no-ja"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = timeout(Duration::from_secs(60), lines.next_line()).await.unwrap().unwrap().unwrap();
        let ready: Value = serde_json::from_str(&ready).unwrap();
        Self { url: ready["url"].as_str().unwrap().to_owned(), _process: process }
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let request = Request::builder().method(method).uri(format!("{}/{path}", self.url));
        let request = request.header("content-type", "application/json");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = client.request(request.body(Full::from(body)).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// What a tenant's alias finds, in the order of the passages.
    async fn found(&self, alias: &str, query: &str) -> Vec<Value> {
        self.call(Method::POST, &format!("{alias}/_refresh"), Value::Null).await;
        let fields = json!(["text", "text.pt", "text.en"]);
        let query = json!({"query": {"multi_match": {"query": query, "fields": fields}}, "size": 100});
        let (_, answer) = self.call(Method::POST, &format!("{alias}/_search"), query).await;
        let hits = answer["hits"]["hits"].as_array().cloned().unwrap_or_default();
        let mut found: Vec<Value> = hits.into_iter().map(|hit| hit["_source"].clone()).collect();
        found.sort_by_key(|passage| passage["number"].as_i64());
        found
    }

    /// The indices behind an alias.
    async fn behind(&self, alias: &str) -> Vec<String> {
        let (_, answer) = self.call(Method::GET, &format!("_alias/{alias}"), Value::Null).await;
        let found = answer.as_object().filter(|found| !found.contains_key("error"));
        found.map(|found| found.keys().cloned().collect()).unwrap_or_default()
    }
}

fn program() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    let lib = cache.join("esteira/test-tools/lib");
    let pythons = std::fs::read_dir(&lib).into_iter().flatten().flatten();
    let programs = pythons.map(|python| python.path().join("site-packages/osmem_server/bin/osmem-server"));
    programs.into_iter().find(|program| program.exists()).unwrap_or_else(|| {
        panic!("there is no osmem-server below {}; ops/test.sh installs it", lib.display())
    })
}

fn options(url: &str) -> SinkOptions {
    SinkOptions { bulk_bytes: 300, ..SinkOptions::new(url.parse().unwrap()) }
}

fn sink(h: &Harness, server: &SearchServer) -> Sink {
    Sink::new(h.db.clone(), options(&server.url)).unwrap()
}

fn alias_of(tenant: &Tenant) -> String {
    alias("esteira-", &tenant.slug, tenant.id)
}

/// Follows the notes until there is nothing to do.
async fn follow(sink: &Sink) {
    let holder = WorkerId(uuid::Uuid::nil());
    while sink.step(holder, LEASE).await.unwrap() == Some(true) {}
}

async fn noted(h: &Harness) -> i64 {
    h.count("select count(*) from esteira.search_changes").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_is_told_once_and_what_goes_is_gone_there_too() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let server = SearchServer::start().await;
    let sink = sink(&h, &server);
    follow(&sink).await;
    let worker = Running::start(&h, |_| {}).await;
    let job = done(&h, &acme, contract()).await;
    done(&h, &other, contract()).await;
    let mut failing = contract();
    failing["fail"] = json!("no");
    done(&h, &acme, failing).await;
    worker.stop().await;
    follow(&sink).await;
    assert_eq!(noted(&h).await, 0);
    let found = server.found(&alias_of(&acme), "informacoes").await;
    assert_eq!(found.len(), 1, "{found:?}");
    let first = &found[0];
    assert_eq!(
        (&first["job_id"], &first["page"], &first["language"]),
        (&json!(job.id), &json!(1), &json!("pt-BR"))
    );
    assert_eq!(server.behind(&alias_of(&acme)).await.len(), 1);
    assert_ne!(server.behind(&alias_of(&acme)).await, server.behind(&alias_of(&other)).await);

    days_pass(&h, 31).await;
    while prune(&h).await.is_some() {}
    follow(&sink).await;
    assert_eq!(server.found(&alias_of(&acme), "informacoes").await, Vec::<Value>::new());
    h.engine.remove_tenant(&other.slug).await.unwrap();
    follow(&sink).await;
    assert!(server.behind(&alias_of(&other)).await.is_empty());
    assert_eq!(noted(&h).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_the_server_is_away() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let away = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sink = Sink::new(h.db.clone(), options(&format!("http://{away}"))).unwrap();
    let holder = WorkerId(uuid::Uuid::nil());
    assert!(sink.step(holder, LEASE).await.is_err());
    let worker = Running::start(&h, |_| {}).await;
    done(&h, &acme, contract()).await;
    worker.stop().await;
    assert_eq!(
        (noted(&h).await, rebuilds(&h.db).await.unwrap().len()),
        (1, 1),
        "the note waits until the index is built"
    );
    assert!(rebuilds(&h.db).await.unwrap()[0].failure.is_some());
    let server = SearchServer::listening(&away.to_string()).await;
    days_pass(&h, 1).await;
    follow(&sink).await;
    assert_eq!(server.found(&alias_of(&acme), "informacao").await.len(), 1);
    assert_eq!((noted(&h).await, rebuilds(&h.db).await.unwrap().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_moves_the_alias_to_a_new_index_that_holds_the_same() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let worker = Running::start(&h, |_| {}).await;
    done(&h, &acme, contract()).await;
    worker.stop().await;
    assert_eq!(noted(&h).await, 0, "without a search server nobody notes anything");
    let server = SearchServer::start().await;
    let sink = sink(&h, &server);
    follow(&sink).await;
    let alias = alias_of(&acme);
    let (before, old) = (server.found(&alias, "contrato").await, server.behind(&alias).await);
    assert_eq!((before.len(), old.len()), (2, 1), "what was there before the server is there too");
    // Somebody else's hands.
    server
        .call(Method::POST, &format!("{alias}/_delete_by_query"), json!({"query": {"match_all": {}}}))
        .await;
    let kept = server.behind(&alias_of(&other)).await;
    assert_eq!(h.engine.ask_search_rebuild(Some(&acme)).await.unwrap(), 1);
    follow(&sink).await;
    assert_eq!(server.found(&alias, "contrato").await, before);
    assert_ne!(server.behind(&alias).await, old);
    assert_eq!(server.call(Method::GET, &old[0], Value::Null).await.0, 404, "the old index is gone");
    assert_eq!(server.behind(&alias_of(&other)).await, kept);
    h.engine.stop_search_sink().await.unwrap();
    let worker = Running::start(&h, |_| {}).await;
    done(&h, &acme, contract()).await;
    worker.stop().await;
    assert_eq!(noted(&h).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_tells_and_a_worker_does_it_by_itself() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let server = SearchServer::start().await;
    let worker = Running::start(&h, |worker| {
        worker.search = Some(SinkOptions { poll: Duration::from_millis(20), ..options(&server.url) });
    })
    .await;
    done(&h, &acme, contract()).await;
    let told = async {
        while server.found(&alias_of(&acme), "informacao").await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(60), told).await.expect("it is told");
    let second = sink(&h, &server);
    assert_eq!(second.step(WorkerId::new(), LEASE).await.unwrap(), None, "another process leads");
    worker.stop().await;
    assert!(second.step(WorkerId::new(), LEASE).await.unwrap().is_some(), "it stepped down at its end");
}
