//! The server on a socket: slow clients, and the end.

use std::time::Duration;

use esteira_api::{ApiOptions, serve};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::Esteira;

/// Longer than anything here takes; a test that reaches it has failed.
const LONG: Duration = Duration::from_secs(30);

struct Server {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn start(esteira: &Esteira) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let shutdown = async move { stopped.await.unwrap_or_default() };
    let ended = tokio::spawn(serve(listener, esteira.state.clone(), shutdown));
    Server { address, stop, ended }
}

/// Sends a text and reads until the server closes.
async fn exchange(server: &Server, text: &str) -> String {
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(LONG, socket.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn a_request_is_served_over_a_socket() {
    let esteira = Esteira::start().await;
    let server = start(&esteira).await;
    let answer = exchange(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
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
