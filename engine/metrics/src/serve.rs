//! Where does Prometheus ask? At `/metrics` of a listener that serves nothing else.
//!
//! It is for the operator's network: it asks for no key and names tenants.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::exposition::Format;

/// Connections at the same moment. A Prometheus keeps one; more than a few ask for trouble.
const MOST_CONNECTIONS: usize = 16;
/// A connection is closed that has not asked after so long, the pause between two scrapes with it: whoever scrapes more seldom
/// connects anew, and who says nothing keeps no place from others.
const SILENCE: Duration = Duration::from_secs(10);
/// However much is asked on it, a connection ends some time, so that one that takes nothing of its answer gives its place up.
const LONGEST: Duration = Duration::from_secs(3600);
/// After a failed accept, e.g. because the process is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What writes the numbers.
type Write = Arc<dyn Fn(Format) -> String + Send + Sync>;

/// Serves until `stop`. `write` is called once a scrape, on a thread that may wait.
pub async fn serve(
    listener: TcpListener,
    write: impl Fn(Format) -> String + Send + Sync + 'static,
    stop: CancellationToken,
) {
    let write: Write = Arc::new(write);
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((socket, _)) => {
                // Who comes beyond that is let go: it is asked again in some seconds.
                if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
                    let (write, stop) = (Arc::clone(&write), stop.clone());
                    tokio::spawn(async move {
                        tokio::select! {
                            _ = timeout(LONGEST, connection(socket, write)) => {}
                            () = stop.cancelled() => {}
                        }
                        drop(place);
                    });
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a connection for metrics could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection(socket: TcpStream, write: Write) {
    let service = service_fn(|request: Request<_>| {
        let write = Arc::clone(&write);
        async move { Ok::<_, Infallible>(answer(&request, write).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(SILENCE);
    if let Err(error) = http.serve_connection(TokioIo::new(socket), service).await {
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection for metrics broke");
    }
}

async fn answer<B>(request: &Request<B>, write: Write) -> Response<Full<Bytes>> {
    if request.uri().path() != "/metrics" {
        return short(StatusCode::NOT_FOUND, "There is only GET /metrics here.\n");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = short(StatusCode::METHOD_NOT_ALLOWED, "There is only GET /metrics here.\n");
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let format = Format::accepted(accept);
    // The disk is asked as well, which may take its time.
    match tokio::task::spawn_blocking(move || write(format)).await {
        Ok(text) => {
            let mut answer = Response::new(Full::from(text));
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
            answer
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the metrics were not written");
            short(StatusCode::INTERNAL_SERVER_ERROR, "The metrics could not be written.\n")
        }
    }
}

fn short(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}
