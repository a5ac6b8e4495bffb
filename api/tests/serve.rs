//! The server on a socket: slow clients, and the end.

use std::time::Duration;

use esteira_api::{ApiOptions, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::Esteira;

/// Longer than anything here takes; a test that reaches it has failed.
pub const LONG: Duration = Duration::from_secs(30);

pub struct Server {
    pub address: std::net::SocketAddr,
    pub stop: oneshot::Sender<()>,
    pub ended: JoinHandle<()>,
}

pub async fn start(esteira: &Esteira) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async move { stopped.await.unwrap_or_default() };
    let ended = tokio::spawn(serve(listener, esteira.state.clone(), shutdown));
    Server { address, stop, ended }
}

/// Sends a text and reads until the server closes.
async fn exchange(server: &Server, text: &str) -> String {
    exchange_at(server.address, text).await
}

async fn exchange_at(address: std::net::SocketAddr, text: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(LONG, socket.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

/// Asks on a connection that is kept, and reads the answer.
async fn ask(socket: &mut TcpStream) {
    socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"{\"status\":\"ok\"}") {
        let read = timeout(LONG, socket.read_buf(&mut answer)).await.unwrap().unwrap();
        assert_ne!(read, 0, "closed after {answer:?}");
    }
}

#[tokio::test]
async fn a_request_is_served_over_a_socket() {
    let esteira = Esteira::start().await;
    let server = start(&esteira).await;
    let answer = exchange(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
}

#[tokio::test]
async fn a_request_names_one_host() {
    let esteira = Esteira::start().await;
    let server = start(&esteira).await;
    for (version, hosts, status) in [
        ("1.1", "Host: x\r\n", 200),
        ("1.1", "", 400),
        ("1.1", "Host: x\r\nHost: y\r\n", 400),
        ("1.0", "", 200),
        ("1.0", "Host: x\r\nHost: y\r\n", 400),
    ] {
        let head = format!("GET /healthz HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n");
        let answer = exchange(&server, &head).await;
        assert!(answer.starts_with(&format!("HTTP/{version} {status} ")), "{head}{answer}");
    }
}

#[tokio::test]
async fn clients_that_dawdle_over_the_head_are_let_go() {
    let options = ApiOptions { head_timeout: Duration::from_millis(50), ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let server = start(&esteira).await;
    for dawdling in ["", "GET /healthz HTTP/1.1\r\nHos", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"] {
        exchange(&server, dawdling).await;
    }
}

#[tokio::test]
async fn who_connects_and_says_nothing_is_let_go_much_sooner_than_who_was_answered() {
    let options = ApiOptions { first_head_timeout: Duration::from_millis(50), ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let server = start(&esteira).await;
    let mut kept = TcpStream::connect(server.address).await.unwrap();
    ask(&mut kept).await;
    // Both of these come later than the answer, so that `kept` is older than 50 ms when they are let go.
    for dawdling in ["", "GET /healthz HTTP/1.1\r\nHos"] {
        assert_eq!(exchange(&server, dawdling).await, "");
    }
    ask(&mut kept).await;
}

#[tokio::test]
async fn one_peer_has_only_a_part_of_the_connections() {
    let options = ApiOptions { max_connections_per_peer: 1, ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let server = start(&esteira).await;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    ask(&mut first).await;
    let mut second = TcpStream::connect(server.address).await.unwrap();
    // Closed without a byte, or reset.
    let read = timeout(LONG, second.read(&mut [0])).await.unwrap();
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    ask(&mut first).await;
    // Another address of the loopback network is another peer.
    let other = TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    ask(&mut other.connect(server.address).await.unwrap()).await;
}

#[tokio::test]
async fn a_body_that_stops_coming_is_answered_and_let_go() {
    let options = ApiOptions { body_idle_timeout: Duration::from_millis(50), ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let (_, key) = esteira.tenant("acme").await;
    let server = start(&esteira).await;
    for (path, media_type) in [("/v1/jobs", "application/json"), ("/v1/files?file_name=a", "text/plain")] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {media_type}\r\n\
             Content-Length: 100\r\n\r\n{{"
        );
        let answer = exchange(&server, &head).await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"body_timeout\""), "{answer}");
    }
}

/// Reads one answer of a connection that is kept; gives its status.
async fn answered(socket: &mut TcpStream) -> String {
    let mut answer = String::new();
    let mut byte = [0];
    loop {
        let read = timeout(LONG, socket.read_exact(&mut byte)).await.unwrap();
        assert!(read.is_ok(), "closed after {answer:?}");
        answer.push(char::from(byte[0]));
        let Some((head, body)) = answer.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        if body.len() == length.parse::<usize>().unwrap() {
            return answer[9..12].to_owned();
        }
    }
}

/// Requests with bodies that nobody reads, up to where the length is said; and the status of their answers.
fn unread(key: &str) -> [(String, &'static str); 5] {
    let head = |target: &str, key: &str, media_type: &str| {
        format!(
            "{target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {media_type}\r\n"
        )
    };
    [
        (head("POST /v1/jobs", "wrong", "application/json"), "401"),
        (head("POST /v1/files?file_name=a", "wrong", "text/plain"), "401"),
        (head("POST /v1/jobs", key, "text/plain"), "415"),
        (head("POST /v1/nowhere", key, "application/json"), "404"),
        (head("GET /v1/jobs", key, "application/json"), "200"),
    ]
}

#[tokio::test]
async fn who_still_writes_what_nobody_reads_is_answered_and_keeps_the_connection() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let server = start(&esteira).await;
    for (head, status) in unread(&key) {
        for (length, body) in [
            ("Content-Length: 300000\r\n\r\n", "x".repeat(300_000)),
            ("Transfer-Encoding: chunked\r\n\r\n", format!("493E0\r\n{}\r\n0\r\n\r\n", "x".repeat(300_000))),
        ] {
            let mut socket = TcpStream::connect(server.address).await.unwrap();
            socket.write_all(format!("{head}{length}").as_bytes()).await.unwrap();
            // The answer is there before the first byte of the body is sent.
            assert_eq!(answered(&mut socket).await, status, "{head}");
            socket.write_all(body.as_bytes()).await.unwrap();
            ask(&mut socket).await;
        }
    }
}

#[tokio::test]
async fn what_nobody_reads_is_thrown_away_within_a_size_and_a_time() {
    let options = ApiOptions {
        json_bytes: 1000,
        batch_bytes: 1000,
        file_bytes: 1000,
        body_idle_timeout: Duration::from_millis(50),
        ..ApiOptions::default()
    };
    let esteira = Esteira::with(options).await;
    let (_, key) = esteira.tenant("acme").await;
    let server = start(&esteira).await;
    let too_much = format!("Transfer-Encoding: chunked\r\n\r\n7D0\r\n{}\r\n", "x".repeat(2000));
    for (head, status) in unread(&key) {
        for rest in ["Content-Length: 1001\r\n\r\n", "Content-Length: 1000\r\n\r\nx", &too_much] {
            // It ends, because the server closes.
            let answer = exchange(&server, &format!("{head}{rest}")).await;
            assert_eq!(&answer[9..12], status, "{head}{rest}");
        }
    }
}

#[tokio::test]
async fn who_waits_to_be_asked_for_a_body_is_not_asked_for_one_that_nobody_reads() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let server = start(&esteira).await;
    for (head, status) in unread(&key) {
        let waits = format!("{head}Expect: 100-continue\r\nContent-Length: 300000\r\n\r\n");
        let answer = exchange(&server, &waits).await;
        assert_eq!(&answer[9..12], status, "{head}");
    }
}

#[tokio::test]
async fn a_place_is_free_again_when_its_connection_ends() {
    let esteira = Esteira::with(ApiOptions { max_connections: 1, ..ApiOptions::default() }).await;
    let server = start(&esteira).await;
    for _ in 0..3 {
        let answer = exchange(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
}

#[tokio::test]
async fn the_stop_answers_who_waits_and_closes_who_idles() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let job = esteira.submit(&key, "x").await;
    let server = start(&esteira).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let mut waiting = TcpStream::connect(server.address).await.unwrap();
    let head =
        format!("GET /v1/jobs/{job}?wait=60 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n");
    waiting.write_all(head.as_bytes()).await.unwrap();

    // Connections are accepted in their order: once a later one has its answer, that request waits.
    exchange(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;

    server.stop.send(()).unwrap();
    let (mut rest, mut answer) = (String::new(), String::new());
    timeout(LONG, idle.read_to_string(&mut rest)).await.unwrap().unwrap();
    timeout(LONG, waiting.read_to_string(&mut answer)).await.unwrap().unwrap();
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["state"], "queued");
    timeout(LONG, server.ended).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_head_that_is_too_large_or_has_too_many_fields_is_refused() {
    let esteira = Esteira::with(ApiOptions { head_bytes: 8192, ..ApiOptions::default() }).await;
    let server = start(&esteira).await;
    let long = format!("X-Long: {}\r\n", "x".repeat(10_000));
    let many: String = (0..200).map(|number| format!("X-{number}: x\r\n")).collect();
    let target = format!("?{}", "x".repeat(10_000));
    for (target, fields) in [("", long.as_str()), ("", many.as_str()), (target.as_str(), "")] {
        let head = format!("GET /healthz{target} HTTP/1.1\r\nHost: x\r\n{fields}\r\n");
        let answer = exchange(&server, &head).await;
        assert!(answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 414"), "{answer}");
    }
    ask(&mut TcpStream::connect(server.address).await.unwrap()).await;
}

#[tokio::test]
async fn before_the_listener_closes_readiness_fails_and_everything_else_is_answered() {
    let options = ApiOptions { drain: Duration::from_secs(1), ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let (_, key) = esteira.tenant("acme").await;
    let server = start(&esteira).await;
    let ready = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(exchange(&server, ready).await.starts_with("HTTP/1.1 200"));
    let Server { address, stop, ended } = server;
    stop.send(()).unwrap();
    // New connections, all of them: the first that is accepted after the signal sees it.
    let answer = timeout(LONG, async {
        loop {
            let answer = exchange_at(address, ready).await;
            if answer.starts_with("HTTP/1.1 503") {
                return answer;
            }
        }
    });
    let answer = answer.await.unwrap();
    assert!(answer.contains("\"ready\":false,\"draining\":true,\"database\":\"ok\""), "{answer}");
    let list = format!(
        "GET /v1/jobs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
    );
    assert!(exchange_at(address, &list).await.starts_with("HTTP/1.1 200"));
    timeout(LONG, ended).await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn who_asks_again_and_again_and_reads_nothing_is_let_go() {
    let options = ApiOptions { answer_idle_timeout: Duration::from_millis(50), ..ApiOptions::default() };
    let esteira = Esteira::with(options).await;
    let server = start(&esteira).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut socket = socket.connect(server.address).await.unwrap();
    let endless =
        async { while socket.write_all(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n").await.is_ok() {} };
    timeout(LONG, endless).await.unwrap();
}
