//! What does the body say? JSON of a known shape, or a problem that names the place.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use esteira_engine::job::in_plain_words;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use tokio::time::timeout;

use super::weight;
use crate::layer::RequestContext;
use crate::limit::{Full, Held, RoomLimits};
use crate::problem::{Code, FieldError, Problem};
use crate::state::ApiState;

/// Bodies up to here need no room of their own.
const SMALL: usize = 64 * 1024;
/// How soon another try makes sense while there is no room for a body.
const FULL_RETRY: Duration = Duration::from_secs(5);

/// The body of a request, which must be JSON.
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<ApiState> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, Problem> {
        let most = state.options.json_bytes;
        let (bytes, _room) = json_bytes(request, most, state).await?;
        parse(&bytes, most).map(Self)
    }
}

/// The bytes of a body that is announced as JSON, `most` of them at most, and the room that they take, which has to be
/// kept as long as what is made of them.
pub(super) async fn json_bytes(
    request: Request,
    most: u64,
    state: &ApiState,
) -> Result<(Bytes, Option<Held>), Problem> {
    if !is_json(request.headers()) {
        return Err(Problem::new(Code::UnsupportedMediaType, "Send `Content-Type: application/json`."));
    }
    let announced = content_length(request.headers()).unwrap_or(most).min(most);
    let context = request.extensions().get::<RequestContext>().cloned();
    let room = || take_room(state, context.as_ref(), announced);
    let longest = state.options.body_idle_timeout;
    match timeout(longest, read(request.into_body(), most, room)).await {
        Ok(read) => read,
        Err(_) => Err(Problem::new(Code::BodyTimeout, "The body came too slowly.")),
    }
}

/// How long the head says that the body is.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Room for a body of whoever calls.
fn take_room(state: &ApiState, context: Option<&RequestContext>, bytes: u64) -> Result<Held, Problem> {
    let options = &state.options;
    let limits = RoomLimits { all: options.max_body_bytes, per_tenant: options.max_body_bytes_per_tenant };
    let whose = context.and_then(|context| context.tenant.get());
    let full = |full| match full {
        Full::Tenant => Problem::new(
            Code::TooManyAtOnce,
            format!("This tenant may have {} bytes of bodies under way.", limits.per_tenant),
        ),
        Full::All => {
            Problem::new(Code::Unavailable, "This process has as many bodies under way as it can hold.")
        }
    };
    state.bodies.take(whose, bytes, limits).map_err(|is| full(is).with_retry_after(FULL_RETRY))
}

/// Whether the head announces JSON: `application/json` or `application/…+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads the body whole, which the limit makes safe. From a certain size on it takes room.
async fn read(
    body: Body,
    most: u64,
    room: impl Fn() -> Result<Held, Problem>,
) -> Result<(Bytes, Option<Held>), Problem> {
    let limit = usize::try_from(most).unwrap_or(usize::MAX);
    let mut body = Limited::new(body, limit);
    let (mut kept, mut held) = (BytesMut::new(), None);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => Problem::new(Code::BodyTooLarge, format!("The body may have {limit} bytes.")),
            false => Problem::new(Code::IncompleteBody, "The body did not arrive whole."),
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if held.is_none() && kept.len() + data.len() > SMALL {
            held = Some(room()?);
        }
        kept.extend_from_slice(&data);
    }
    Ok((kept.freeze(), held))
}

/// Makes a value of a body that may have `most` bytes.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], most: u64) -> Result<T, Problem> {
    if weight::weight(bytes) > weight::limit(most) {
        return Err(Problem::new(Code::BodyTooLarge, "The body has more values than can be taken at once."));
    }
    // serde would take a list as a struct, its fields by position.
    if bytes.trim_ascii_start().starts_with(b"[") {
        let error = FieldError::new("", "must be an object");
        return Err(Problem::new(Code::InvalidField, "The body is refused.").with_errors([error]));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| explain(&pointer(error.path()), error.inner(), bytes))?;
    deserializer.end().map_err(|error| explain("", &error, bytes))?;
    Ok(value)
}

/// Says what is wrong with a body, and where.
fn explain(pointer: &str, error: &serde_json::Error, bytes: &[u8]) -> Problem {
    if !error.is_data() {
        // Where one of several words is expected, serde_json takes any other sort of value for broken JSON.
        if serde_json::from_slice::<Value>(bytes).is_ok() {
            let error = FieldError::new(shortened(pointer), "is of the wrong type");
            return Problem::new(Code::InvalidField, "The body is refused.").with_errors([error]);
        }
        let message = shortened(&error.to_string());
        return Problem::new(Code::MalformedBody, format!("The body is not JSON: {message}."));
    }
    let message = shortened(&in_plain_words(&error.to_string()));
    // What serde says of a field that is not known; there is no other way to tell.
    let unknown = message.starts_with("unknown field");
    let code = if unknown { Code::UnknownField } else { Code::InvalidField };
    Problem::new(code, "The body is refused.").with_errors([FieldError::new(shortened(pointer), message)])
}

/// A message or a pointer may quote the body, which may be long.
fn shortened(message: &str) -> String {
    const LONGEST: usize = 300;
    match message.char_indices().nth(LONGEST) {
        None => message.to_owned(),
        Some((end, _)) => format!("{}…", &message[..end]),
    }
}

/// A path as JSON pointer (RFC 6901).
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Distinct;

    #[derive(Debug, serde::Deserialize)]
    enum Word {
        One,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Outer {
        word: Option<Word>,
        inner: Option<Inner>,
        any: Option<Distinct>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Inner {
        number: u8,
    }

    fn refusal(body: &str) -> (&'static str, String) {
        let body = parse::<Outer>(body.as_bytes(), 0).unwrap_err().body("");
        (body.code.as_str(), body.errors.first().map(|e| e.pointer.clone()).unwrap_or_default())
    }

    #[test]
    fn a_field_that_is_not_known_is_pointed_at() {
        assert_eq!(refusal(r#"{"inner":{"number":1,"nmber":2}}"#), ("unknown_field", "/inner/nmber".into()));
        assert_eq!(refusal(r#"{"typo":1}"#), ("unknown_field", "/typo".into()));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_pointed_at() {
        assert_eq!(refusal(r#"{"inner":{"number":"x"}}"#), ("invalid_field", "/inner/number".into()));
        assert_eq!(refusal(r#"{"any":{"a/b":[0,{"k":1,"k":1}]}}"#), ("invalid_field", "/any/a~1b/1".into()));
    }

    #[test]
    fn a_value_in_the_place_of_a_word_is_no_broken_json() {
        for value in ["true", "3", "[]", "{}"] {
            assert_eq!(
                refusal(&format!(r#"{{"word":{value}}}"#)),
                ("invalid_field", "/word".into()),
                "{value}"
            );
        }
        assert_eq!(refusal(r#"{"word":"Two"}"#).0, "invalid_field");
        assert!(matches!(parse::<Outer>(br#"{"word":"One"}"#, 0).unwrap().word, Some(Word::One)));
    }

    #[test]
    fn a_list_is_not_taken_for_an_object() {
        assert_eq!(refusal(" [null, null]"), ("invalid_field", String::new()));
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        let deep = format!(r#"{{"any":{}}}"#, "[".repeat(1_000));
        for body in ["", "{", "{} {}", "{\"any\":1e999}", "{\"any\":\"\\ud800\"}", &deep] {
            assert_eq!(refusal(body).0, "malformed_body", "{body}");
        }
        assert!(parse::<Outer>(b"{\"any\":\"\xff\"}", 0).is_err());
    }
}
