//! How does a client of the API call it while it is shot at? Each answer is one that came, or one that is lost.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use ureq::Agent;
use ureq::http::{Method, Request};

use super::tally::Tally;

/// Longer than the API takes for any answer, held ones included.
const PATIENCE: Duration = Duration::from_secs(40);
const AGAIN: Duration = Duration::from_millis(300);

/// What came of a call.
#[derive(Debug)]
pub enum Answer {
    /// The API did it.
    Done(Value),
    /// The API refused it for a reason that another try does not mend.
    Refused(u16, Value),
    /// It may have been done or not: no answer came, or one that says that a part of the service is away.
    Lost,
}

/// A caller with one key.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    key: String,
    tally: Arc<Mutex<Tally>>,
}

impl Client {
    pub fn new(url: &str, key: &str, tally: Arc<Mutex<Tally>>) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(2)))
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .build();
        Self { agent: config.into(), url: url.to_owned(), key: key.to_owned(), tally }
    }

    /// One call, without another try.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .body(body.map(Value::to_string).unwrap_or_default())?;
        let agent = self.agent.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let mut response = agent.run(request).ok()?;
            let promised = response.headers().contains_key("retry-after");
            let body = response.body_mut().with_config().limit(64 << 20).read_to_vec().ok()?;
            Some((response.status().as_u16(), promised, serde_json::from_slice(&body).unwrap_or_default()))
        })
        .await?;
        let Some((status, promised, body)) = answer else {
            self.tally.lock().unanswered += 1;
            return Ok(Answer::Lost);
        };
        Ok(match status {
            200..300 => Answer::Done(body),
            503 => {
                self.tally.lock().note_unavailable(promised);
                Answer::Lost
            }
            500..600 => {
                self.tally.lock().note_broken(path, status, &body);
                Answer::Lost
            }
            _ => Answer::Refused(status, body),
        })
    }

    /// Calls until an answer comes, for calls that do no harm when they are made twice.
    pub async fn insist(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let until = Instant::now() + super::HEALING;
        while Instant::now() < until {
            match self.call(method.clone(), path, body).await? {
                Answer::Lost => sleep(AGAIN).await,
                answer => return Ok(answer),
            }
        }
        bail!("{path} was not answered within {} s", super::HEALING.as_secs())
    }

    /// `GET path` until it is answered well.
    pub async fn get(&self, path: &str) -> Result<Value> {
        match self.insist(Method::GET, path, None).await? {
            Answer::Done(body) => Ok(body),
            other => bail!("{path}: {other:?}"),
        }
    }

    /// `POST path` until it is answered well; only where twice is as good as once.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        match self.insist(Method::POST, path, Some(body)).await? {
            Answer::Done(body) => Ok(body),
            other => bail!("{path}: {other:?}"),
        }
    }

    /// Every item of a list.
    pub async fn all(&self, path: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut page = self.get(&format!("{path}?limit=200")).await?;
        loop {
            if let Some(Value::Array(more)) = page.get_mut("items").map(Value::take) {
                items.extend(more);
            }
            let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { return Ok(items) };
            page = self.get(&format!("{path}?limit=200&cursor={cursor}")).await?;
        }
    }

    /// The bytes behind a link, which is its own key.
    pub async fn download(&self, link: &str) -> Result<Vec<u8>> {
        let (agent, link) = (self.agent.clone(), link.to_owned());
        tokio::task::spawn_blocking(move || {
            let mut response = agent.get(&link).call().context("a link leads nowhere")?;
            let status = response.status();
            anyhow::ensure!(status.is_success(), "a link was answered {status}");
            Ok(response.body_mut().read_to_vec()?)
        })
        .await?
    }

    /// A caller with another key.
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }
}
