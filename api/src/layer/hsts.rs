//! Shall a browser come by TLS only from now on? Where we speak TLS ourselves; else that is the load balancer's to say.

use std::time::Duration;

use axum::http::{HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// Says so for as long as `age`; `None` for no time at all.
pub(crate) fn hsts(age: Duration) -> Option<SetResponseHeaderLayer<HeaderValue>> {
    if age.is_zero() {
        return None;
    }
    let value = HeaderValue::from_str(&format!("max-age={}", age.as_secs())).ok()?;
    Some(SetResponseHeaderLayer::if_not_present(header::STRICT_TRANSPORT_SECURITY, value))
}
