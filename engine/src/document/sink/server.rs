//! How is the search server called? JSON there and back, within a time and a size.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring::default_provider;

use super::SinkOptions;

/// More than the answer to any of our calls.
const ANSWER_BYTES: usize = 32 << 20;
/// Characters of a refusal that are logged.
const REASON: usize = 500;

/// The search server did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The roots of trust of this machine cannot be read.
    #[error("the roots of trust of this machine cannot be read")]
    Roots(#[source] std::io::Error),
    /// The call cannot be made of the settings.
    #[error("the search server's address or login cannot be used")]
    Unusable(#[source] hyper::http::Error),
    /// It cannot be reached.
    #[error("the search server cannot be reached")]
    Unreachable(#[from] hyper_util::client::legacy::Error),
    /// Its answer broke off, or is too large.
    #[error("the search server's answer broke off, or is too large")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It took too long.
    #[error("the search server did not answer in time")]
    TooSlow,
    /// It refused.
    #[error("the search server answered {status}: {reason}")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// What it said, the beginning of it.
        reason: String,
    },
}

/// The search server.
pub(super) struct Server {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    options: SinkOptions,
}

impl Server {
    pub fn new(options: SinkOptions) -> Result<Self, ServerError> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(default_provider())
            .map_err(ServerError::Roots)?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self { client: Client::builder(TokioExecutor::new()).build(connector), options })
    }

    pub fn options(&self) -> &SinkOptions {
        &self.options
    }

    /// A call with a JSON body.
    pub async fn json(&self, method: Method, path: &str, body: &Value) -> Result<Value, ServerError> {
        self.call(method, path, "application/json", body.to_string()).await
    }

    /// A call without a body, of something that may not be there.
    pub async fn find(&self, method: Method, path: &str) -> Result<Option<Value>, ServerError> {
        match self.call(method, path, "application/json", String::new()).await {
            Err(ServerError::Refused { status: StatusCode::NOT_FOUND, .. }) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// A call with any body.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        media_type: &'static str,
        body: String,
    ) -> Result<Value, ServerError> {
        let base = self.options.url.as_str().trim_end_matches('/');
        let mut request = Request::builder().method(method).uri(format!("{base}/{path}"));
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, media_type);
        }
        if let Some((user, password)) = &self.options.login {
            let token = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
            let mut value =
                HeaderValue::try_from(token).map_err(|error| ServerError::Unusable(error.into()))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let request = request.body(Full::from(body)).map_err(ServerError::Unusable)?;
        timeout(self.options.timeout, self.send(request)).await.map_err(|_| ServerError::TooSlow)?
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Value, ServerError> {
        let answer = self.client.request(request).await?;
        let status = answer.status();
        let body =
            Limited::new(answer.into_body(), ANSWER_BYTES).collect().await.map_err(ServerError::Body)?;
        let body = body.to_bytes();
        if !status.is_success() {
            let reason = String::from_utf8_lossy(&body).chars().take(REASON).collect();
            return Err(ServerError::Refused { status, reason });
        }
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }
}
