//! What is learnt about a request on its way, for the head of the answer and for the log?

use std::sync::{Arc, OnceLock};

use axum::http::HeaderValue;
use esteira_engine::tenant::Slug;

use crate::limit::Standing;

/// Travels as an extension of the request; clones share what is learnt.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    /// The id, as it goes into the head of the answer.
    pub id: HeaderValue,
    /// Who called, once the token is known to be good.
    pub tenant: Arc<OnceLock<Slug>>,
    /// How the tenant stands with its limit of requests, if it has one.
    pub standing: Arc<OnceLock<Standing>>,
}

impl RequestContext {
    /// A request of which nothing is known yet.
    pub(crate) fn new(id: HeaderValue) -> Self {
        Self { id, tenant: Arc::default(), standing: Arc::default() }
    }

    /// The id as text.
    pub(crate) fn id(&self) -> &str {
        self.id.to_str().unwrap_or_default()
    }
}
