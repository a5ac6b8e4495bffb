//! How does a file of the web get onto the worker's disk? Asked for, followed where it moved to, and written as it comes.
//!
//! Every address on the way is held to the operator's rules, the first as the last. What is told of a failure names the
//! host that was asked and what it answered: never where it pointed to, and never an address.

use std::io;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{ACCEPT, ACCEPT_ENCODING, LOCATION, USER_AGENT};
use hyper::{Method, Response, StatusCode};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_rustls::rustls::RootCertStore;
use url::Url;

use super::connect::{ConnectError, Connector, Exchange, request};
use super::rules::{WebFault, WebRules};

const AGENT: &str = concat!("Esteira/", env!("CARGO_PKG_VERSION"));

/// The limits of one file.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// Its bytes at most.
    pub bytes: u64,
    /// How long it may take, from the look-up of the name to the last byte, redirects included.
    pub timeout: Duration,
    /// Redirects that are followed.
    pub redirects: usize,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self { bytes: 4 << 30, timeout: Duration::from_secs(900), redirects: 5 }
    }
}

/// Why a file was not fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The rules do not allow its address.
    #[error(transparent)]
    Refused(#[from] WebFault),
    /// The host has no address that may be connected to.
    #[error("{0} has no public address")]
    Private(String),
    /// A redirect is not followed.
    #[error("{host} {fault}")]
    Redirect { host: String, fault: RedirectFault },
    /// The host has no such file, or does not give it to us.
    #[error("{host} answered {status}")]
    Status { host: String, status: StatusCode },
    /// The file is larger than one may be.
    #[error("the file has more than {limit} bytes")]
    TooLarge { limit: u64 },
    /// There was no whole file in time.
    #[error("{0} did not send the file in time")]
    Late(String),
    /// There was no connection, or it broke.
    #[error("{host} {fault}")]
    Connection { host: String, fault: &'static str },
    /// Our own disk failed.
    #[error("failed to write the file")]
    Local(#[from] io::Error),
}

/// Why a redirect is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RedirectFault {
    /// To where the rules do not allow.
    #[error("redirects to where this server fetches no files from")]
    Refused,
    /// From a connection that nobody can read along to one that everybody on the way can.
    #[error("redirects from https to http")]
    Downgrade,
    /// Without an end.
    #[error("redirects too many times")]
    TooMany,
    /// To nothing that is an address.
    #[error("redirects to no address")]
    Nowhere,
}

impl FetchError {
    /// Whether another attempt could end otherwise.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Late(_) | Self::Connection { .. } | Self::Local(_) => true,
            Self::Status { status, .. } => is_passing(*status),
            Self::Refused(_) | Self::Private(_) | Self::Redirect { .. } | Self::TooLarge { .. } => false,
        }
    }

    /// Whether the host says that there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Status { status: StatusCode::NOT_FOUND | StatusCode::GONE, .. })
    }
}

/// Whether a host may answer otherwise when it is asked again: it failed, or says that it is too busy.
fn is_passing(status: StatusCode) -> bool {
    let busy = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    status.is_server_error() || busy.contains(&status)
}

/// What an answer means.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    /// Its body is the file.
    File,
    /// The file is there.
    Moved(Url),
}

/// What fetches.
pub(crate) struct Fetcher {
    rules: WebRules,
    options: FetchOptions,
    connector: Connector,
}

impl Fetcher {
    /// One that trusts the authorities that this machine trusts.
    pub fn new(rules: WebRules, options: FetchOptions) -> Self {
        // Where nothing is fetched, nobody needs to hear that a machine trusts no authority.
        let is_closed = rules.hosts.is_empty();
        let connector =
            if is_closed { Connector::trusting(RootCertStore::empty()) } else { Connector::of_machine() };
        Self { rules, options, connector }
    }

    /// Copies a file of the web into a new file, at most `limit` bytes of it; tells its size.
    pub async fn fetch(&self, address: &str, path: &Path, limit: u64) -> Result<u64, FetchError> {
        let mut url = self.rules.check(address)?;
        let limit = limit.min(self.options.bytes);
        match timeout(self.options.timeout, self.follow(&mut url, path, limit)).await {
            Ok(fetched) => fetched,
            Err(_) => Err(FetchError::Late(host(&url))),
        }
    }

    /// Asks for the file, there where it is at last. `url` is where it was asked for last.
    async fn follow(&self, url: &mut Url, path: &Path, limit: u64) -> Result<u64, FetchError> {
        for _ in 0..=self.options.redirects {
            // The connection lives as long as its driver, which reads the body.
            let (response, _driver) = self.ask(url).await?;
            match meaning(url, &response)? {
                Meaning::File => return save(url, response, path, limit).await,
                Meaning::Moved(next) => {
                    self.rules.check_url(&next).map_err(|_| redirect(url, RedirectFault::Refused))?;
                    *url = next;
                }
            }
        }
        Err(redirect(url, RedirectFault::TooMany))
    }

    async fn ask(&self, url: &Url) -> Result<Exchange, FetchError> {
        let request = request(Method::GET, url)
            .header(USER_AGENT, AGENT)
            .header(ACCEPT, "*/*")
            // What is kept is the file, and not a form of it that travels better.
            .header(ACCEPT_ENCODING, "identity")
            .body(Full::new(Bytes::new()))
            .map_err(|_| WebFault::NoAddress)?;
        let answer = self.connector.exchange(url, |address| self.rules.is_open(address), request).await;
        answer.map_err(|error| match error {
            ConnectError::NoOpenAddress => FetchError::Private(host(url)),
            ConnectError::NoAddress => connection(url, "was not found by its name"),
            ConnectError::Unreachable => connection(url, "could not be connected to"),
            ConnectError::Tls => connection(url, "agreed upon no TLS: is the certificate good for the host?"),
            ConnectError::BrokenAnswer => connection(url, "closed the connection without an answer"),
        })
    }
}

fn meaning(url: &Url, response: &Response<Incoming>) -> Result<Meaning, FetchError> {
    match response.status() {
        StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => Ok(Meaning::File),
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::SEE_OTHER
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => {
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            next(url, location.unwrap_or_default()).map(Meaning::Moved).map_err(|fault| redirect(url, fault))
        }
        status => Err(FetchError::Status { host: host(url), status }),
    }
}

/// Where a redirect leads.
fn next(url: &Url, location: &str) -> Result<Url, RedirectFault> {
    if location.is_empty() {
        return Err(RedirectFault::Nowhere);
    }
    let mut next = url.join(location).map_err(|_| RedirectFault::Nowhere)?;
    // Meant for whoever shows the file.
    next.set_fragment(None);
    if url.scheme() == "https" && next.scheme() == "http" {
        return Err(RedirectFault::Downgrade);
    }
    Ok(next)
}

/// Writes a body as it comes.
async fn save(url: &Url, response: Response<Incoming>, path: &Path, limit: u64) -> Result<u64, FetchError> {
    let mut body = response.into_body();
    // What its length says, where it says one.
    if body.size_hint().lower() > limit {
        return Err(FetchError::TooLarge { limit });
    }
    let mut file = File::create_new(path).await?;
    let mut bytes = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| connection(url, "closed the connection before the file's end"))?;
        let Ok(data) = frame.into_data() else { continue };
        bytes += data.len() as u64;
        if bytes > limit {
            return Err(FetchError::TooLarge { limit });
        }
        file.write_all(&data).await?;
    }
    file.flush().await?;
    Ok(bytes)
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn connection(url: &Url, fault: &'static str) -> FetchError {
    FetchError::Connection { host: host(url), fault }
}

fn redirect(url: &Url, fault: RedirectFault) -> FetchError {
    FetchError::Redirect { host: host(url), fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_elsewhere_and_never_from_https_to_http() {
        let url: Url = "https://example.org/a/b?c".parse().unwrap();
        let led = |location| next(&url, location).map(String::from);
        assert_eq!(led("d"), Ok("https://example.org/a/d".to_owned()));
        assert_eq!(led("//other.example/x#top"), Ok("https://other.example/x".to_owned()));
        assert_eq!(led("http://example.org/"), Err(RedirectFault::Downgrade));
        assert_eq!(led(""), Err(RedirectFault::Nowhere));
        assert_eq!(led("https://"), Err(RedirectFault::Nowhere));
        let plain: Url = "http://example.org/".parse().unwrap();
        assert!(next(&plain, "https://example.org/").is_ok());
    }

    #[test]
    fn a_host_that_is_busy_or_broken_is_asked_again_and_one_that_refuses_is_not() {
        for (status, passing) in [(404, false), (403, false), (410, false), (400, false), (204, false)]
            .into_iter()
            .chain([(408, true), (429, true), (500, true), (503, true)])
        {
            assert_eq!(is_passing(StatusCode::from_u16(status).unwrap()), passing, "{status}");
        }
    }
}
