//! Somebody who is told: a server that keeps what it was sent, and answers 200.

use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than a delivery takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the receiver answers, with a character that Postgres keeps in no text.
pub const ANSWER: &str = "heard\0 you";

/// A message that was received.
pub struct Got {
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A server that is told.
pub struct Receiver {
    pub url: String,
    got: mpsc::UnboundedReceiver<Got>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let (sender, got) = mpsc::unbounded_channel();
        let keep = async move |headers: HeaderMap, body: Bytes| {
            sender.send(Got { headers, body }).unwrap();
            ANSWER
        };
        let router = Router::new().route("/hooks", post(keep));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { url, got }
    }

    /// The next message.
    pub async fn next(&mut self) -> Got {
        timeout(PATIENCE, self.got.recv()).await.expect("it is told").unwrap()
    }
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}
