//! How is one request made of a host that a tenant chose? Resolve, look at every address, connect to exactly one of
//! them, ask.
//!
//! A connection of its own for each request: what a name led to a minute ago says nothing about now. No proxy of the
//! environment, no cookie, no second request; a redirect is an answer like any other.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, http};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_util::task::AbortOnDropHandle;
use url::{Host, Url};

/// The most bytes of an answer's head.
const HEAD_BYTES: usize = 32 * 1024;
/// Addresses of a name that are tried.
const ADDRESSES: usize = 4;

/// There is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectError {
    /// The name leads nowhere, as far as the resolver knows at this moment.
    NoAddress,
    /// The host has addresses, and none that may be connected to.
    NoOpenAddress,
    /// Nobody listens there.
    Unreachable,
    /// TLS was not agreed upon, or the certificate is not good.
    Tls,
    /// The connection broke, or the answer is no HTTP.
    BrokenAnswer,
}

/// The head of an answer, and what keeps its connection going for as long as the body is read.
pub(crate) type Exchange = (Response<Incoming>, AbortOnDropHandle<()>);

/// What makes connections.
pub(crate) struct Connector {
    tls: TlsConnector,
}

impl Connector {
    /// One that trusts the authorities that this machine trusts.
    pub fn of_machine() -> Self {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(error = error as &dyn std::error::Error, "a certificate authority cannot be read");
        }
        let mut roots = RootCertStore::empty();
        let (known, _unfit) = roots.add_parsable_certificates(found.certs);
        if known == 0 {
            tracing::warn!("this machine trusts no certificate authority: nothing of https can be reached");
        }
        Self::trusting(roots)
    }

    /// One that trusts these authorities.
    pub fn trusting(roots: RootCertStore) -> Self {
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Self { tls: TlsConnector::from(Arc::new(config)) }
    }

    /// Makes a request of an address of the URL's host that `is_open`, up to the head of the answer.
    pub async fn exchange(
        &self,
        url: &Url,
        is_open: impl Fn(SocketAddr) -> bool,
        request: Request<Full<Bytes>>,
    ) -> Result<Exchange, ConnectError> {
        let tcp = connect(url, is_open).await?;
        if url.scheme() == "http" {
            return talk(tcp, request).await;
        }
        let name = match url.host() {
            Some(Host::Domain(name)) => {
                ServerName::try_from(name.to_owned()).map_err(|_| ConnectError::Tls)?
            }
            Some(Host::Ipv4(address)) => ServerName::IpAddress(IpAddr::V4(address).into()),
            Some(Host::Ipv6(address)) => ServerName::IpAddress(IpAddr::V6(address).into()),
            None => return Err(ConnectError::NoAddress),
        };
        let tls = self.tls.connect(name, tcp).await.map_err(|_| ConnectError::Tls)?;
        talk(tls, request).await
    }
}

/// A request of a URL, with the head that a connection of its own wants.
pub(crate) fn request(method: Method, url: &Url) -> http::request::Builder {
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    Request::builder().method(method).uri(path).header("host", host).header("connection", "close")
}

/// A connection to an address that was looked at. Whoever owns the name may answer differently each time it is
/// asked, so it is asked once, and what it said is what is connected to.
async fn connect(url: &Url, is_open: impl Fn(SocketAddr) -> bool) -> Result<TcpStream, ConnectError> {
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(ConnectError::NoAddress);
    };
    let found: Vec<SocketAddr> = match host {
        Host::Ipv4(address) => vec![(address, port).into()],
        Host::Ipv6(address) => vec![(address, port).into()],
        Host::Domain(name) => lookup_host((name, port)).await.map_err(|_| ConnectError::NoAddress)?.collect(),
    };
    let mut error = if found.is_empty() { ConnectError::NoAddress } else { ConnectError::NoOpenAddress };
    for address in found.into_iter().filter(|address| is_open(*address)).take(ADDRESSES) {
        match TcpStream::connect(address).await {
            Ok(tcp) => return Ok(tcp),
            Err(_) => error = ConnectError::Unreachable,
        }
    }
    Err(error)
}

/// One request over a fresh connection, up to the head of the answer.
async fn talk(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Exchange, ConnectError> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| ConnectError::BrokenAnswer)?;
    let driver = AbortOnDropHandle::new(tokio::spawn(async {
        // Its failure reaches whoever waits for the answer.
        let _told_there = connection.await;
    }));
    let response = sender.send_request(request).await.map_err(|_| ConnectError::BrokenAnswer)?;
    Ok((response, driver))
}
