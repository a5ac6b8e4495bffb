//! How does the embedded S3 server start and stop?

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError, HttpResponse};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::mended::Mended;
use super::unsigned;
use super::unverified::{Signed, Verified};

/// Transfers under way at the stop may go on for this long.
const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// After a failed accept (out of descriptors) we wait this long before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a client signs its requests with.
#[derive(Clone)]
pub struct S3Credentials {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
}

/// The embedded S3 server could not start.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// The folder of the objects cannot be used.
    #[error("failed to use {} as an object store: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The address cannot be listened on.
    #[error("failed to listen on {address} for the embedded S3 server")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

/// A running S3 server in this process; objects are files below its folder.
pub struct EmbeddedS3 {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl EmbeddedS3 {
    /// Serves `dir` on `listen` (port 0 for any free one), with `bucket` made if it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made or the address is taken.
    pub async fn start(
        dir: &Path,
        credentials: &S3Credentials,
        bucket: &str,
        listen: SocketAddr,
    ) -> Result<Self, S3Error> {
        let folder = |error: &dyn std::fmt::Display| S3Error::Folder {
            path: dir.to_owned(),
            reason: error.to_string(),
        };
        super::folder::prepare(dir, bucket, SystemTime::now()).map_err(|error| folder(&error))?;
        let root = std::fs::canonicalize(dir).map_err(|error| folder(&error))?;
        let store = Mended::new(root).map_err(|error| folder(&format_args!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(store);
        builder.set_auth(SimpleAuth::from_single(
            credentials.access_key.as_str(),
            credentials.secret_key.as_str(),
        ));
        builder.set_access(Signed);
        let service = builder.build();

        let failed = |source| S3Error::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, service, stopped));
        Ok(Self { address, stop: Some(stop), server })
    }

    /// `http://127.0.0.1:PORT`, to be used with path-style addressing.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more requests and waits for those under way, ten seconds at most.
    pub async fn stop(mut self) {
        // A receiver that is gone means that the server ended already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the embedded S3 server broke");
        }
    }
}

async fn answer(service: S3Service, mut request: Request<Incoming>) -> Result<HttpResponse, HttpError> {
    if let Some(refusal) = unsigned::refusal(&request) {
        return Ok(refusal);
    }
    let verified = Verified::of(&mut request);
    let answer = verified.heard(service.call(request.map(Body::from))).await;
    if let (false, Ok(answer)) = (verified.is_set(), &answer) {
        let status = answer.status().as_u16();
        tracing::debug!(status, "a request to the embedded S3 server was not verified");
    }
    answer
}

async fn serve(listener: TcpListener, service: S3Service, mut stopped: oneshot::Receiver<()>) {
    let http = Builder::new(TokioExecutor::new());
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => break,
        };
        match accepted {
            Ok((socket, _)) => {
                // Small answers leave at once; an error here costs only speed.
                drop(socket.set_nodelay(true));
                let service = service.clone();
                let answered = service_fn(move |request| answer(service.clone(), request));
                let connection = http.serve_connection(TokioIo::new(socket), answered).into_owned();
                let watched = graceful.watch(connection);
                tokio::spawn(async move {
                    if let Err(error) = watched.await {
                        tracing::debug!(%error, "a connection to the embedded S3 server broke");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the embedded S3 server cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_PATIENCE, graceful.shutdown()).await.is_err() {
        tracing::warn!("transfers from the embedded S3 server were cut off");
    }
}
