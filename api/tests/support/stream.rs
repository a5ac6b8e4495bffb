//! A stream of events, as a client reads it.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Method;
use esteira_engine::id::JobId;
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::time::timeout;
use tower::ServiceExt;

use super::request;

/// Longer than anything is late here.
const LONG: Duration = Duration::from_secs(30);

/// An open stream.
pub struct Stream {
    body: Body,
    text: String,
    /// When the server wants to be asked again.
    pub again: Option<u64>,
    /// Whether there was a comment.
    pub commented: bool,
}

impl Stream {
    /// Opens it in one process, after the event of an id.
    pub async fn open(process: &Router, key: &str, job: JobId, after: Option<&str>) -> Self {
        let mut request = request(Method::GET, key, &format!("/v1/jobs/{job}/events"));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let response = process.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), text: String::new(), again: None, commented: false }
    }

    /// The next event: its name and its data, whose `id` is that of the event.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            let block = self.block().await?;
            let (mut id, mut name, mut data) = ("", "", "");
            for line in block.lines() {
                match line.split_once(':').unwrap() {
                    ("id", value) => id = value.trim(),
                    ("event", value) => name = value.trim(),
                    ("data", value) => data = value.trim(),
                    ("retry", value) => self.again = Some(value.trim().parse().unwrap()),
                    ("", _) => self.commented = true,
                    other => panic!("{other:?}"),
                }
            }
            if !data.is_empty() {
                let data: Value = serde_json::from_str(data).unwrap();
                assert_eq!((&data["id"], &data["event"]), (&Value::from(id), &Value::from(name)));
                return Some((name.to_owned(), data));
            }
        }
    }

    /// The next events up to one of this name.
    pub async fn until(&mut self, last: &str) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let (name, data) = self.next().await.expect("it goes on");
            events.push(data);
            if name == last {
                return events;
            }
        }
    }

    /// The text up to the next empty line.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                return Some(block);
            }
            let frame = timeout(LONG, self.body.frame()).await.expect("something comes")?.unwrap();
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }
}
