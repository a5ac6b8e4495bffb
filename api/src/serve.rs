//! How are requests taken from a socket, and how does that end?
//!
//! HTTP/1.1 only, as load balancers speak it to their targets. A connection that sends its head too
//! slowly, takes nothing of its answer, or is idle for too long, is closed; beyond `max_connections` new ones wait in the backlog,
//! and one peer gets only a part of them. TLS ends before us, or here where a certificate is given. Of a body that nobody
//! wanted the rest is thrown away, so that its client sees the answer.
//!
//! The end has an order: `/readyz` fails, so that a load balancer sends nobody new; after a while the listener
//! closes; then what is under way may finish.

use std::future::{Future, pending};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{StatusCode, Version, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::app;
use crate::limit::{Peer, Place, Places};
use crate::options::ApiOptions;
use crate::patience::Patient;
use crate::state::ApiState;
use crate::tls::Tls;
use crate::unread::Rest;

/// After a failed accept, e.g. because the process is out of descriptors, we wait this long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves the API until `shutdown` is there and `drain` is over, then lets requests under way finish.
///
/// Waits (`?wait=`) are answered at once then, streams tell their watchers to come again, kept-alive connections are closed, and what is not
/// finished within `shutdown_grace` is cut off.
pub async fn serve(listener: TcpListener, state: ApiState, shutdown: impl Future<Output = ()>) {
    let options = Arc::clone(&state.options);
    let (draining, closing) = (state.draining.clone(), state.closing.clone());
    let server = Server {
        http: http(&options),
        service: TowerToHyperService::new(app(state).layer(from_fn(addressed))),
        tls: options.tls.as_ref().map(Tls::acceptor),
        first_head: options.first_head_timeout,
        answer_idle: options.answer_idle_timeout,
        per_peer: options.max_connections_per_peer,
        rest: Rest::of(&options),
        closing,
    };
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(options.max_connections));
    tokio::select! {
        () = accept_all(listener, &server, &places, &connections) => {}
        () = watch_certificate(&options) => {}
        () = async {
            shutdown.await;
            draining.cancel();
            sleep(options.drain).await;
        } => {}
    }
    server.closing.cancel();
    connections.close();
    if timeout(options.shutdown_grace, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests were cut off by the shutdown");
    }
}

/// What a connection needs.
#[derive(Clone)]
struct Server {
    http: http1::Builder,
    service: TowerToHyperService<axum::Router>,
    tls: Option<TlsAcceptor>,
    first_head: Duration,
    answer_idle: Duration,
    per_peer: usize,
    rest: Rest,
    closing: CancellationToken,
}

fn http(options: &ApiOptions) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new());
    http.header_read_timeout(options.head_timeout);
    // hyper wants 8 KiB at least; it holds the head and what came with it of the body.
    http.max_buf_size(options.head_bytes.max(8192));
    http
}

/// Refuses what names no host, or more than one, as RFC 9112 wants (section 3.2): what is between a client and us could
/// take it for a request to somebody else. As with a head that is too large, the answer has no body.
async fn addressed(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let old = request.version() < Version::HTTP_11;
    if hosts == 1 || (old && hosts == 0) {
        next.run(request).await
    } else {
        StatusCode::BAD_REQUEST.into_response()
    }
}

/// Accepts for ever. A place is taken first, so that nobody is accepted who is not served.
async fn accept_all(
    listener: TcpListener,
    server: &Server,
    places: &Arc<Semaphore>,
    connections: &TaskTracker,
) {
    let peers = Places::default();
    while let Ok(place) = Arc::clone(places).acquire_owned().await {
        match listener.accept().await {
            Ok((socket, address)) => match peers.take(Peer::from(address.ip()), server.per_peer) {
                Some(of_peer) => {
                    connections.spawn(connection(socket, server.clone(), (place, of_peer)));
                }
                // Anybody can cause this, as often as they like: it is not worth a line of every log.
                None => tracing::debug!(peer = %address.ip(), "a peer has too many connections"),
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Never ends; without a certificate there is nothing to watch.
async fn watch_certificate(options: &ApiOptions) {
    match &options.tls {
        Some(tls) => tls.watch(options.tls_reload).await,
        None => pending().await,
    }
}

/// Serves one connection, after its handshake where TLS is spoken.
async fn connection(socket: TcpStream, server: Server, _places: (OwnedSemaphorePermit, Place<Peer>)) {
    // Small answers leave at once; an error here costs only speed.
    drop(socket.set_nodelay(true));
    let socket = Patient::new(socket, server.answer_idle);
    let Some(tls) = server.tls.clone() else { return requests(socket, server).await };
    let shaken = tokio::select! {
        shaken = timeout(server.first_head, tls.accept(socket)) => shaken,
        // Nobody was promised anything yet.
        () = server.closing.cancelled() => return,
    };
    match shaken {
        Ok(Ok(socket)) => requests(socket, server).await,
        Ok(Err(error)) => tracing::debug!(error = &error as &dyn std::error::Error, "a handshake failed"),
        // As with a head: who connects has something to say.
        Err(_) => {}
    }
}

/// Serves the requests of one connection, to its end or to ours.
async fn requests(socket: impl AsyncRead + AsyncWrite + Unpin, server: Server) {
    let heard = CancellationToken::new();
    let service = service_fn(|request| {
        heard.cancel();
        server.service.call(server.rest.taken_of(request))
    });
    let mut connection = std::pin::pin!(server.http.serve_connection(TokioIo::new(socket), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = silence(&heard, server.first_head) => return,
        () = server.closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients go away all the time; that is their business.
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke");
    }
}

/// Ends when the first head has not come within `longest`. hyper has one limit for all heads, and
/// that has to be as long as a kept-alive connection may idle.
async fn silence(heard: &CancellationToken, longest: Duration) {
    if timeout(longest, heard.cancelled()).await.is_ok() {
        pending::<()>().await;
    }
}
