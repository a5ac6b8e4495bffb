//! How is a call made and its answer understood?

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

use serde_json::Value;
use ureq::http::{Method, Request, Response};
use ureq::{Agent, Body, BodyReader, SendBody};

use super::events::Events;
use super::problem::Problem;

/// More than any JSON answer of the API.
const ANSWER_BYTES: u64 = 64 << 20;

/// A stream that is silent for so long is broken: a server that has nothing to tell says so every few seconds.
const SILENCE: Duration = Duration::from_secs(60);

/// A server and a key.
pub struct Client {
    agent: Agent,
    url: String,
    key: String,
}

/// A call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server cannot be reached.
    #[error("failed to reach {url}: {reason}")]
    Unreachable {
        /// Its address.
        url: String,
        /// Why.
        reason: String,
    },
    /// The server refused.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// The answer is none of this API.
    #[error("{url} answered {status} without a reason that this client understands: is it an Esteira?")]
    Strange {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// A link leads to nothing.
    #[error("the file is not in the object store any more ({url} answered {status})")]
    Gone {
        /// The link, without what makes it a key.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// A file on this side failed.
    #[error("failed to read or write a file")]
    File(#[from] io::Error),
}

impl ClientError {
    /// Whether the server is away for the moment, as while it starts again: the same call may do later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused(problem) => matches!(problem.status, 429 | 502..=504),
            Self::Strange { status, .. } => matches!(status, 429 | 502..=504),
            Self::Gone { .. } | Self::File(_) => false,
        }
    }
}

impl Client {
    /// A client for the server at `url`.
    pub fn new(url: &str, key: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(90)))
            // A refusal carries a body that says why.
            .http_status_as_error(false)
            .build();
        Self { agent: config.into(), url: url.trim_end_matches('/').to_owned(), key: key.to_owned() }
    }

    /// The same server, without the key.
    pub fn without_key(mut self) -> Self {
        self.key.clear();
        self
    }

    /// `GET path`, whatever the status: the answer tells its meaning itself.
    pub fn ask(&self, path: &str) -> Result<(u16, Value), ClientError> {
        let answer = self.agent.get(format!("{}{path}", self.url)).call();
        let mut answer = answer.map_err(|error| unreachable(&self.url, &error))?;
        let status = answer.status().as_u16();
        let said = read(&mut answer).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        said.map(|said| (status, said)).ok_or_else(|| ClientError::Strange { url: self.url.clone(), status })
    }

    /// `GET path?query`.
    pub fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Value, ClientError> {
        self.json(Method::GET, path, query, SendBody::none(), &[])
    }

    /// Every item of a list, page after page.
    pub fn all(&self, path: &str, query: &[(&str, String)]) -> Result<Vec<Value>, ClientError> {
        let mut items = Vec::new();
        let mut query = query.to_vec();
        loop {
            let mut page = self.get(path, &query)?;
            if let Some(Value::Array(more)) = page.get_mut("items").map(Value::take) {
                items.extend(more);
            }
            query.retain(|(name, _)| *name != "cursor");
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(cursor) => query.push(("cursor", cursor.to_owned())),
                None => return Ok(items),
            }
        }
    }

    /// `GET path` as a stream of events, from the one after `last` on; none when there will be no more.
    pub fn events(
        &self,
        path: &str,
        last: Option<&str>,
    ) -> Result<Option<Events<BodyReader<'static>>>, ClientError> {
        let mut request = Request::builder()
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.key))
            .header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(()).map_err(|error| unreachable(&self.url, &error))?;
        let request = self.agent.configure_request(request).timeout_per_read(Some(SILENCE)).build();
        let mut response = self.agent.run(request).map_err(|error| unreachable(&self.url, &error))?;
        match response.status().as_u16() {
            204 => Ok(None),
            200 => Ok(Some(Events::of(response.into_body().into_reader()))),
            _ => Err(refusal(&self.url, &mut response)),
        }
    }

    /// `POST path` without a body. (One that nobody reads could find the connection closed, before the answer is seen.)
    pub fn post_nothing(&self, path: &str) -> Result<Value, ClientError> {
        self.json(Method::POST, path, &[], SendBody::none(), &[])
    }

    /// `POST path` with a JSON body.
    pub fn post(&self, path: &str, query: &[(&str, String)], body: &Value) -> Result<Value, ClientError> {
        let bytes = io::Cursor::new(body.to_string().into_bytes());
        let fields = [("content-type", "application/json")];
        self.json(Method::POST, path, query, SendBody::from_owned_reader(bytes), &fields)
    }

    /// The same with a key, by which the server does it once however often it is sent.
    pub fn post_once(
        &self,
        path: &str,
        query: &[(&str, String)],
        body: &Value,
        key: Option<&str>,
    ) -> Result<Value, ClientError> {
        let Some(key) = key else { return self.post(path, query, body) };
        let bytes = io::Cursor::new(body.to_string().into_bytes());
        let fields = [("content-type", "application/json"), ("idempotency-key", key)];
        self.json(Method::POST, path, query, SendBody::from_owned_reader(bytes), &fields)
    }

    /// `PATCH path` with a JSON body.
    pub fn patch(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let bytes = io::Cursor::new(body.to_string().into_bytes());
        let fields = [("content-type", "application/json")];
        self.json(Method::PATCH, path, &[], SendBody::from_owned_reader(bytes), &fields)
    }

    /// `PUT path` without a body.
    pub fn put(&self, path: &str) -> Result<Value, ClientError> {
        self.json(Method::PUT, path, &[], SendBody::none(), &[])
    }

    /// `DELETE path`.
    pub fn delete(&self, path: &str, query: &[(&str, String)]) -> Result<Value, ClientError> {
        self.json(Method::DELETE, path, query, SendBody::none(), &[])
    }

    /// `POST path` with a file as body, which is streamed.
    pub fn post_file(&self, path: &str, query: &[(&str, String)], file: File) -> Result<Value, ClientError> {
        let length = file.metadata()?.len().to_string();
        let fields = [("content-type", "application/octet-stream"), ("content-length", length.as_str())];
        self.json(Method::POST, path, query, SendBody::from_owned_reader(file), &fields)
    }

    /// Sends a part of a file to its presigned link; gives the `ETag` that the store answers.
    pub fn put_part(
        &self,
        link: &str,
        piece: impl Read + Send + Sync + 'static,
        bytes: u64,
    ) -> Result<String, ClientError> {
        // Without our key, as for a download.
        let sent = self.agent.put(link).header("content-length", bytes.to_string());
        let response =
            sent.send(SendBody::from_owned_reader(piece)).map_err(|error| unreachable(link, &error))?;
        let status = response.status();
        let etag = response.headers().get("etag").and_then(|value| value.to_str().ok());
        match etag {
            Some(etag) if status.is_success() => Ok(etag.to_owned()),
            _ => Err(ClientError::Strange { url: without_query(link), status: status.as_u16() }),
        }
    }

    /// Fetches a presigned link into `to`; `progress` is told the bytes so far and in all.
    pub fn download(
        &self,
        link: &str,
        to: &mut impl Write,
        mut progress: impl FnMut(u64, Option<u64>),
    ) -> Result<u64, ClientError> {
        // Without our key: the link alone opens the door, and it may lead to another host.
        let mut response = self.agent.get(link).call().map_err(|error| unreachable(link, &error))?;
        if !response.status().is_success() {
            let (url, status) = (without_query(link), response.status().as_u16());
            return Err(if status == 404 {
                ClientError::Gone { url, status }
            } else {
                ClientError::Strange { url, status }
            });
        }
        let total = response.body().content_length();
        let mut body = response.body_mut().as_reader();
        let mut buffer = vec![0; 1 << 16];
        let mut done = 0_u64;
        loop {
            let count = body.read(&mut buffer)?;
            if count == 0 {
                return Ok(done);
            }
            to.write_all(buffer.get(..count).unwrap_or_default())?;
            done += u64::try_from(count).unwrap_or(u64::MAX);
            progress(done, total);
        }
    }

    /// Fetches what the API itself answers to `GET path` into `to`.
    pub fn print(&self, path: &str, to: &mut impl Write) -> Result<u64, ClientError> {
        let request = Request::builder()
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.key))
            .body(())
            .map_err(|error| unreachable(&self.url, &error))?;
        let mut response = self.agent.run(request).map_err(|error| unreachable(&self.url, &error))?;
        if !response.status().is_success() {
            return Err(refusal(&self.url, &mut response));
        }
        Ok(io::copy(&mut response.body_mut().as_reader(), to)?)
    }

    fn json(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: SendBody<'static>,
        headers: &[(&str, &str)],
    ) -> Result<Value, ClientError> {
        let url = format!("{}{path}{}", self.url, query_text(query));
        let mut request = Request::builder()
            .method(method)
            .uri(&url)
            .header("authorization", format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).map_err(|error| unreachable(&self.url, &error))?;
        let mut response = self.agent.run(request).map_err(|error| unreachable(&self.url, &error))?;
        if !response.status().is_success() {
            return Err(refusal(&self.url, &mut response));
        }
        if response.status().as_u16() == 204 {
            return Ok(Value::Null);
        }
        let status = response.status().as_u16();
        read(&mut response)
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| ClientError::Strange { url: self.url.clone(), status })
    }
}

fn refusal(url: &str, response: &mut Response<Body>) -> ClientError {
    let status = response.status().as_u16();
    let problem = read(response).and_then(|bytes| serde_json::from_slice(&bytes).ok());
    problem.map_or_else(
        || ClientError::Strange { url: url.to_owned(), status },
        |problem| ClientError::Refused(Box::new(problem)),
    )
}

fn read(response: &mut Response<Body>) -> Option<Vec<u8>> {
    response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec().ok()
}

fn unreachable(url: &str, error: &dyn std::fmt::Display) -> ClientError {
    ClientError::Unreachable { url: without_query(url), reason: error.to_string() }
}

/// A presigned link is a key; what makes it one stands behind the question mark, and is not shown.
fn without_query(url: &str) -> String {
    url.split('?').next().unwrap_or(url).to_owned()
}

fn query_text(query: &[(&str, String)]) -> String {
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// A text as it may stand in a path or a query: everything but RFC 3986's unreserved is encoded.
pub fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded() {
        let query = [("file_name", "são & 1.jpg".to_owned()), ("limit", "5".to_owned())];
        assert_eq!(query_text(&query), "?file_name=s%C3%A3o%20%26%201.jpg&limit=5");
    }

    #[test]
    fn a_link_to_nothing_is_not_shown() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let link = format!("http://{}/bucket/film.mp4?X-Amz-Signature=secret", server.local_addr().unwrap());
        let answer = std::thread::spawn(move || {
            let (mut socket, _) = server.accept().unwrap();
            let _request = socket.read(&mut [0; 4096]).unwrap();
            socket.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").unwrap();
        });
        let error =
            Client::new("http://unused", "est_x").download(&link, &mut Vec::new(), |_, _| {}).unwrap_err();
        answer.join().unwrap();
        assert!(matches!(error, ClientError::Gone { status: 404, .. }));
        assert!(
            error.to_string().contains("/bucket/film.mp4") && !error.to_string().contains("secret"),
            "{error}"
        );
    }

    #[test]
    fn a_server_that_is_not_there_is_told_by_its_address() {
        let error = Client::new("http://127.0.0.1:1/", "est_x").get("/v1/jobs", &[]).unwrap_err();
        assert!(error.to_string().starts_with("failed to reach http://127.0.0.1:1: "), "{error}");
    }
}
