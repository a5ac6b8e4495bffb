//! How is one message sent? Held against the rules, signed, sent over a connection of its own; a little is read back.
//!
//! No redirect is followed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use lettre::Address;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::claim::Claimed;
use super::delivery::{Attempt, SendError};
use super::mail::{Reply, address};
use super::not_now::asked_for;
use super::secret::SigningSecret;
use super::{DeliveryOptions, UrlRules};
use crate::web::{self, ConnectError, Connector, Exchange, is_public};

const USER_AGENT: &str = concat!("Esteira-Webhooks/", env!("CARGO_PKG_VERSION"));

/// What sends.
pub(super) struct Postman {
    urls: UrlRules,
    connector: Connector,
    timeout: Duration,
    answer_bytes: usize,
}

/// What came of a message.
pub(super) struct Sent {
    /// As it is listed.
    pub attempt: Attempt,
    /// How long its receiver wants to be left alone with it.
    pub not_for: Option<Duration>,
}

impl Sent {
    /// What came of a letter.
    pub fn letter(claimed: &Claimed, reply: Result<Reply, SendError>, after: Duration, most: usize) -> Self {
        let (status, words, error) = match reply {
            Ok(reply) => (reply.code, Some(reply.words), reply.error),
            Err(error) => (None, None, Some(error)),
        };
        let words = words.map(|words| as_text(words.as_bytes().get(..most).unwrap_or(words.as_bytes())));
        let attempt = Attempt {
            at: claimed.now,
            url: claimed.url.clone(),
            headers: BTreeMap::new(),
            status,
            excerpt: words,
            error,
            latency_ms: u64::try_from(after.as_millis()).unwrap_or(u64::MAX),
        };
        Self { attempt, not_for: None }
    }
}

/// What came back.
struct Answer {
    status: StatusCode,
    not_for: Option<Duration>,
    excerpt: String,
    after: Duration,
}

impl Postman {
    /// One who trusts the authorities that this machine trusts.
    pub fn new(options: &DeliveryOptions) -> Self {
        Self::over(options, Connector::of_machine())
    }

    /// One who sends over these connections.
    fn over(options: &DeliveryOptions, connector: Connector) -> Self {
        Self {
            urls: options.urls.clone(),
            connector,
            timeout: options.timeout,
            answer_bytes: options.answer_bytes,
        }
    }

    /// To whom a delivery is written, where it is to be a letter and the rules allow it.
    pub fn address(&self, claimed: &Claimed) -> Option<Address> {
        self.urls.check(&claimed.url).ok().and_then(|url| address(&url))
    }

    /// Sends a delivery, and tells what came of it.
    pub async fn send(&self, claimed: &Claimed) -> Sent {
        let headers = head(claimed);
        let begun = Instant::now();
        let answer = self.answer(claimed, &headers, begun).await;
        let mut attempt = Attempt {
            at: claimed.now,
            url: claimed.url.clone(),
            headers,
            status: None,
            excerpt: None,
            error: None,
            latency_ms: 0,
        };
        let mut not_for = None;
        let after = match answer {
            Ok(answer) => {
                not_for = answer.not_for;
                attempt.error = fault(answer.status);
                attempt.status = Some(answer.status.as_u16());
                attempt.excerpt = Some(answer.excerpt);
                answer.after
            }
            Err(error) => {
                attempt.error = Some(error);
                begun.elapsed()
            }
        };
        attempt.latency_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        Sent { attempt, not_for }
    }

    async fn answer(
        &self,
        claimed: &Claimed,
        headers: &BTreeMap<String, String>,
        begun: Instant,
    ) -> Result<Answer, SendError> {
        let url = self.urls.check(&claimed.url).map_err(|_| SendError::UrlRefused)?;
        let request = request(&url, headers, &claimed.payload).ok_or(SendError::UrlRefused)?;
        let deadline = begun + self.timeout;
        let exchange = timeout_at(deadline, self.exchange(&url, request)).await;
        // The connection lives as long as its driver, which reads the body.
        let (response, _driver) = exchange.map_err(|_| SendError::Timeout)??;
        let after = begun.elapsed();
        let status = response.status();
        let not_for = asked_for(status, response.headers(), claimed.now);
        // A body that never ends is no fault: the status has said it all.
        let mut kept = Vec::new();
        let _slow = timeout_at(deadline, read(response, &mut kept, self.answer_bytes)).await;
        Ok(Answer { status, not_for, excerpt: as_text(&kept), after })
    }

    /// Sends to an address of the host that is public, or to any where the operator trusts the host.
    async fn exchange(&self, url: &Url, request: Request<Full<Bytes>>) -> Result<Exchange, SendError> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(SendError::UrlRefused);
        };
        let trusted = self.urls.trusts(&host, port);
        let is_open = |address: SocketAddr| trusted || is_public(address.ip());
        Ok(self.connector.exchange(url, is_open, request).await?)
    }
}

impl From<ConnectError> for SendError {
    fn from(error: ConnectError) -> Self {
        match error {
            // Which of them it is would tell the names that the operator's network knows.
            ConnectError::NoAddress | ConnectError::NoOpenAddress => Self::NoPublicAddress,
            ConnectError::Unreachable => Self::Unreachable,
            ConnectError::Tls => Self::Tls,
            ConnectError::BrokenAnswer => Self::BrokenAnswer,
        }
    }
}

/// The head of the request, signed with each secret that is valid.
fn head(claimed: &Claimed) -> BTreeMap<String, String> {
    let id = claimed.id.to_string();
    let timestamp = claimed.now.timestamp();
    let secrets = [Some(&claimed.secret), claimed.old_secret.as_ref()];
    // A secret that cannot be read was written by nobody: the schema's owner is the tenant. It signs nothing.
    let signatures: Vec<String> = secrets
        .into_iter()
        .flatten()
        .filter_map(|text| text.parse::<SigningSecret>().ok())
        .map(|secret| secret.sign(&id, timestamp, &claimed.payload))
        .collect();
    [
        ("content-type", "application/json".to_owned()),
        ("user-agent", USER_AGENT.to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signatures.join(" ")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn request(url: &Url, headers: &BTreeMap<String, String>, body: &str) -> Option<Request<Full<Bytes>>> {
    let mut request = web::request(Method::POST, url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Full::new(Bytes::copy_from_slice(body.as_bytes()))).ok()
}

/// Reads the beginning of a body.
async fn read(response: Response<Incoming>, kept: &mut Vec<u8>, most: usize) {
    let mut body = response.into_body();
    while kept.len() < most {
        let Some(Ok(frame)) = body.frame().await else { return };
        let Some(data) = frame.data_ref() else { return };
        let room = most - kept.len();
        kept.extend_from_slice(data.get(..room).unwrap_or(data));
    }
}

/// What was read as text that Postgres can keep.
fn as_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}")
}

fn fault(status: StatusCode) -> Option<SendError> {
    match status {
        status if status.is_success() => None,
        status if status.is_redirection() => Some(SendError::Redirect),
        _ => Some(SendError::Status),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;
    use tokio_rustls::rustls::{RootCertStore, ServerConfig};

    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_not_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // Past the rules, which know this name: what counts is what the resolver says.
        let url: Url =
            format!("http://localhost:{}/", listener.local_addr().unwrap().port()).parse().unwrap();
        let request = || request(&url, &BTreeMap::new(), "{}").unwrap();
        let closed = Postman::new(&DeliveryOptions::default());
        assert_eq!(closed.exchange(&url, request()).await.err(), Some(SendError::NoPublicAddress));
        let hosts = vec!["localhost".parse().unwrap()];
        let urls = UrlRules { hosts, ..UrlRules::default() };
        let open = Postman::new(&DeliveryOptions { urls, ..DeliveryOptions::default() });
        let hang_up = async { drop(listener.accept().await.unwrap()) };
        let (answer, ()) = tokio::join!(open.exchange(&url, request()), hang_up);
        assert_eq!(answer.err(), Some(SendError::BrokenAnswer));
    }

    /// A server of TLS that answers 200 to one request, with a certificate for this name.
    async fn server(name: &str) -> (u16, RootCertStore) {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (tcp, _) = listener.accept().await.unwrap();
            let mut tls = TlsAcceptor::from(Arc::new(config)).accept(tcp).await.unwrap();
            tls.read_u8().await.unwrap();
            tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            tls.shutdown().await.unwrap();
        });
        (port, roots)
    }

    async fn told(port: u16, roots: RootCertStore) -> Result<u16, SendError> {
        let hosts = vec!["127.0.0.1".parse().unwrap()];
        let options =
            DeliveryOptions { urls: UrlRules { hosts, ..UrlRules::default() }, ..DeliveryOptions::default() };
        let url: Url = format!("https://127.0.0.1:{port}/").parse().unwrap();
        let request = request(&url, &BTreeMap::new(), "{}").unwrap();
        let (response, _driver) =
            Postman::over(&options, Connector::trusting(roots)).exchange(&url, request).await?;
        Ok(response.status().as_u16())
    }

    #[tokio::test]
    async fn a_host_is_told_over_tls_if_its_certificate_is_good_for_it_and_trusted() {
        let (port, roots) = server("127.0.0.1").await;
        assert_eq!(told(port, roots).await, Ok(200));
        let (port, roots) = server("example.com").await;
        assert_eq!(told(port, roots).await, Err(SendError::Tls), "good for another host");
        let (port, _) = server("127.0.0.1").await;
        assert_eq!(told(port, RootCertStore::empty()).await, Err(SendError::Tls), "trusted by nobody");
    }
}
