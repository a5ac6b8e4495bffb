//! How are an issuer's keys fetched? One GET without redirects, within a time and a size.

use std::time::Duration;

use axum::http::{StatusCode, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring::default_provider;
use tokio::time::timeout;

use super::keys::{KeySet, KeySetError};

/// More than any key set.
const MOST_BYTES: usize = 256 * 1024;

/// The keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the address of the key set is no URL")]
    Url(#[from] axum::http::uri::InvalidUri),
    #[error("the roots of trust of this machine cannot be read")]
    Roots(#[source] std::io::Error),
    #[error("the issuer cannot be reached")]
    Unreachable(#[from] hyper_util::client::legacy::Error),
    #[error("the issuer answered {0}")]
    Status(StatusCode),
    #[error("the answer broke off, or is larger than a key set")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the issuer did not answer within {0:?}")]
    TooSlow(Duration),
    #[error(transparent)]
    NoKeys(#[from] KeySetError),
}

/// Fetches a key set.
pub(super) async fn fetch(url: &str, longest: Duration) -> Result<KeySet, FetchError> {
    timeout(longest, get(url)).await.map_err(|_| FetchError::TooSlow(longest))?
}

async fn get(url: &str) -> Result<KeySet, FetchError> {
    let uri: Uri = url.parse()?;
    // Made for each fetch: they are far apart, and roots that the machine learnt since are trusted.
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(default_provider())
        .map_err(FetchError::Roots)?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build::<_, Empty<Bytes>>(connector);
    let answer = client.get(uri).await?;
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Status(answer.status()));
    }
    let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await.map_err(FetchError::Body)?;
    Ok(KeySet::parse(&body.to_bytes())?)
}
