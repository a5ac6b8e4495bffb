//! What is this request called? As the client says, if that is sane, else by an id of ours.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The field that carries the id, both ways.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids are not logged for strangers.
const LONGEST: usize = 128;

/// The client's id where it is harmless in logs and headers, else a new one.
pub(super) fn request_id(headers: &HeaderMap) -> HeaderValue {
    match headers.get(X_REQUEST_ID) {
        Some(id) if is_sane(id.as_bytes()) => id.clone(),
        _ => {
            let text = Uuid::now_v7().to_string();
            HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("unknown"))
        }
    }
}

fn is_sane(id: &[u8]) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_that_are_harmless_in_a_log_are_kept() {
        assert!(is_sane(b"Root=1-67891233-abcdef012345678912345678"));
        for bad in [&b""[..], b"a b", b"a\"b", "é".as_bytes(), &[b'a'; 129]] {
            assert!(!is_sane(bad), "{bad:?}");
        }
    }
}
