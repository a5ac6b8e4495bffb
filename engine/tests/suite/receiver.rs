//! Somebody who is told: an HTTP server that keeps what it was sent, and answers as its test says.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use esteira_engine::webhook::SigningSecret;
use futures::future::pending;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::timeout;

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a receiver answers.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With a status.
    Status(u16),
    /// With a 503, and a wish in seconds.
    NotFor(u32),
    /// With a redirect to there.
    Redirect(String),
    /// Never.
    Never,
    /// Not at all: the connection breaks after the request has come.
    Break,
    /// With a status, and a body that never ends.
    Endless(u16),
}

/// A message that was received.
#[derive(Debug)]
pub struct Got {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Whether one of its signatures is by this secret, whatever time it is.
    pub fn is_signed_by(&self, secret: &SigningSecret) -> bool {
        let verifier = standardwebhooks::Webhook::new(&secret.expose()).unwrap();
        let timestamp = self.header("webhook-timestamp").parse().unwrap();
        let expected = verifier.sign(self.header("webhook-id"), timestamp, &self.body).unwrap();
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

/// A server that is told.
pub struct Receiver {
    pub url: String,
    got: Mutex<mpsc::UnboundedReceiver<Got>>,
    answer: watch::Sender<Answer>,
}

impl Receiver {
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks?from=esteira", listener.local_addr().unwrap());
        let (sender, got) = mpsc::unbounded_channel();
        let (answer, answers) = watch::channel(answer);
        tokio::spawn(serve(listener, sender, answers));
        Self { url, got: Mutex::new(got), answer }
    }

    pub fn answer(&self, answer: Answer) {
        self.answer.send_replace(answer);
    }

    /// The next message.
    pub async fn next(&self) -> Got {
        timeout(PATIENCE, async { self.got.lock().await.recv().await }).await.expect("it is told").unwrap()
    }

    /// How many more messages have come already.
    pub async fn waiting(&self) -> usize {
        self.got.lock().await.len()
    }
}

async fn serve(listener: TcpListener, got: mpsc::UnboundedSender<Got>, answers: watch::Receiver<Answer>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (got, answers) = (got.clone(), answers.clone());
        let service = service_fn(move |request| {
            let answer = answers.borrow().clone();
            respond(request, got.clone(), answer)
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn respond(
    request: Request<Incoming>,
    got: mpsc::UnboundedSender<Got>,
    answer: Answer,
) -> Result<Response<UnsyncBoxBody<Bytes, Infallible>>, io::Error> {
    let (parts, body) = request.into_parts();
    assert_eq!((parts.method.as_str(), parts.uri.to_string().as_str()), ("POST", "/hooks?from=esteira"));
    let body = body.collect().await.unwrap().to_bytes();
    // A test that has seen enough listens no more.
    let _ = got.send(Got { headers: parts.headers, body });
    let text = |text: &'static str| Full::new(Bytes::from_static(text.as_bytes())).boxed_unsync();
    Ok(match answer {
        Answer::Status(status) => Response::builder().status(status).body(text("heard\0 you")).unwrap(),
        Answer::NotFor(seconds) => {
            Response::builder().status(503).header("retry-after", seconds).body(text("")).unwrap()
        }
        Answer::Redirect(to) => {
            Response::builder().status(302).header("location", to).body(text("")).unwrap()
        }
        Answer::Never => pending().await,
        Answer::Break => return Err(io::Error::other("no answer")),
        Answer::Endless(status) => {
            let frames = futures::stream::repeat_with(|| Ok(Frame::data(Bytes::from_static(&[b'x'; 4096]))));
            Response::builder().status(status).body(StreamBody::new(frames).boxed_unsync()).unwrap()
        }
    })
}
