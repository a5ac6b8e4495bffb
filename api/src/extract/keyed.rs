//! Is this the first time that a request is sent? `Idempotency-Key`, together with the body that it came with.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderName};
use esteira_engine::queue::RequestKey;
use serde::de::DeserializeOwned;
use tokio::task::spawn_blocking;

use super::json::{json_bytes, parse};
use crate::limit::Held;
use crate::options::ApiOptions;
use crate::problem::{Code, Problem};
use crate::state::ApiState;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST: usize = 255;

/// A JSON body that may be sent again, and the key that says so.
pub(crate) struct Keyed<T> {
    /// What it says.
    pub value: T,
    /// The client's key.
    pub key: Option<RequestKey>,
    /// The room that the body takes, to be kept as long as its value.
    pub room: Option<Held>,
}

/// A body that has a largest size of its own.
pub(crate) trait KeyedBody: DeserializeOwned + Send + 'static {
    /// In bytes.
    fn most_bytes(options: &ApiOptions) -> u64;
}

impl<T: KeyedBody> FromRequest<ApiState> for Keyed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, Problem> {
        let key = key_of(request.headers())?;
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let most = T::most_bytes(&state.options);
        let (bytes, room) = json_bytes(request, most, state).await?;
        let good_for = state.options.idempotency;
        let read = move || {
            let value = parse(&bytes, most)?;
            let key = key.map(|key| RequestKey::new(&key, method.as_str(), &path, &bytes, good_for));
            Ok(Self { value, key, room })
        };
        // Megabytes take their time, to be read and to be hashed.
        match spawn_blocking(read).await {
            Ok(read) => read,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Problem::new(Code::Unavailable, "The process is shutting down.")),
            },
        }
    }
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().ok().filter(|key| (1..=LONGEST).contains(&key.len())),
        (Some(_), Some(_)) => None,
    };
    match key {
        Some(key) => Ok(Some(key.to_owned())),
        None => Err(Problem::new(
            Code::InvalidIdempotencyKey,
            format!("`Idempotency-Key` must be given once, with 1 to {LONGEST} visible ASCII characters."),
        )),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn key(values: &[&[u8]]) -> Result<Option<String>, Problem> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value).unwrap());
        }
        key_of(&headers)
    }

    #[test]
    fn a_key_is_taken_as_it_is_and_only_one() {
        assert_eq!(key(&[]).unwrap(), None);
        assert_eq!(key(&[b"\"a b\""]).unwrap().as_deref(), Some("\"a b\""));
        for bad in [&[&b""[..]][..], &[b"a", b"a"], &["é".as_bytes()], &[&[b'a'; 256]]] {
            assert!(key(bad).is_err(), "{bad:?}");
        }
    }
}
