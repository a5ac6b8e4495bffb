//! A host of the web that has files: an HTTP server that answers each path as its test says.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use esteira_engine::web::WebRules;
use futures::future::pending;
use futures::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// How a path is answered.
pub enum Reply {
    /// With a status and a body whose length is announced.
    Text(u16, &'static str),
    /// With a redirect to there.
    Redirect(String),
    /// With a body that never ends, and whose length nobody announced.
    Endless,
    /// With a body that breaks off.
    Broken,
    /// Never.
    Never,
}

type Body = UnsyncBoxBody<Bytes, io::Error>;
type Replies = dyn Fn(&str, usize) -> Reply + Send + Sync;

/// A server that has files.
pub struct Source {
    pub address: SocketAddr,
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

impl Source {
    /// One that answers a path, and how often it was asked before, like this.
    pub async fn start(replies: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<HashMap<String, usize>>>::default();
        tokio::spawn(serve(listener, Arc::new(replies), Arc::clone(&asked)));
        Self { address, asked }
    }

    /// A path as an input names it, by a name and not by an address.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.address.port())
    }

    /// How many requests have come, for whatever path.
    pub fn asked(&self) -> usize {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

/// Rules that allow these hosts, and the first of them although it is this machine.
pub fn allowing(sources: &[&Source]) -> WebRules {
    let name = |source: &&Source| format!("localhost:{}", source.address.port()).parse().unwrap();
    WebRules {
        hosts: sources.iter().map(name).collect(),
        opened: sources.first().iter().map(|source| source.address).collect(),
    }
}

async fn serve(listener: TcpListener, replies: Arc<Replies>, asked: Arc<Mutex<HashMap<String, usize>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (replies, asked) = (Arc::clone(&replies), Arc::clone(&asked));
        let service = service_fn(move |request: Request<Incoming>| {
            assert_eq!(
                (request.method().as_str(), &request.headers()["accept-encoding"] == "identity"),
                ("GET", true)
            );
            let path = request.uri().to_string();
            let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
            let before = asked.entry(path.clone()).or_default();
            let reply = replies(&path, *before);
            *before += 1;
            respond(reply)
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn respond(reply: Reply) -> Result<Response<Body>, io::Error> {
    let text = |text: &'static str| {
        Full::new(Bytes::from_static(text.as_bytes())).map_err(|never| match never {}).boxed_unsync()
    };
    let piece = || Ok(Frame::data(Bytes::from_static(b"more")));
    Ok(match reply {
        Reply::Text(status, body) => Response::builder().status(status).body(text(body)).unwrap(),
        Reply::Redirect(to) => Response::builder().status(302).header("location", to).body(text("")).unwrap(),
        Reply::Endless => Response::new(StreamBody::new(stream::repeat_with(piece)).boxed_unsync()),
        Reply::Broken => {
            let pieces = [piece(), Err(io::Error::other("broken"))];
            Response::new(StreamBody::new(stream::iter(pieces)).boxed_unsync())
        }
        Reply::Never => pending().await,
    })
}
