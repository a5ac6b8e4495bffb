//! What has a watcher seen already? Everything up to the event that `Last-Event-ID` names.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use esteira_engine::queue::EventPlace;

use crate::problem::{Code, Problem};
use crate::state::ApiState;

/// The place of the last event that was seen; before all of them where none was.
pub(crate) struct LastEvent(pub EventPlace);

impl FromRequestParts<ApiState> for LastEvent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("last-event-id").filter(|value| !value.is_empty()) else {
            return Ok(Self(EventPlace::default()));
        };
        let place = value.to_str().ok().and_then(|text| text.trim().parse().ok());
        let refused =
            "`Last-Event-ID` has to be the `id` of an event of this job, as the stream has sent it.";
        place.map(Self).ok_or_else(|| Problem::new(Code::InvalidEventId, refused))
    }
}

/// In which form a watcher wants what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    /// As it happens: an event stream.
    Stream,
    /// So far: JSON.
    Timeline,
}

impl FromRequestParts<ApiState> for Wants {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &ApiState) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl Wants {
    /// JSON where `Accept` names it, and the stream not as well or less; else the stream.
    fn of(headers: &HeaderMap) -> Self {
        let (mut json, mut stream) = (0.0, 0.0);
        for value in headers.get_all("accept").iter().filter_map(|value| value.to_str().ok()) {
            for range in value.split(',') {
                let (media_type, params) = range.split_once(';').unwrap_or((range, ""));
                let quality = quality(params);
                match media_type.trim().to_ascii_lowercase().as_str() {
                    "application/json" => json = f32::max(json, quality),
                    "text/event-stream" => stream = f32::max(stream, quality),
                    _ => {}
                }
            }
        }
        if json > stream { Self::Timeline } else { Self::Stream }
    }
}

/// How much a media range is wanted, by its parameters (RFC 9110, section 12.4.2).
fn quality(params: &str) -> f32 {
    let written = params.split(';').find_map(|param| param.trim().strip_prefix("q="));
    written.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(accept: &[&'static str]) -> Wants {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append("accept", value.parse().unwrap());
        }
        Wants::of(&headers)
    }

    #[test]
    fn json_is_given_to_who_names_it_and_a_stream_to_everybody_else() {
        for accept in [
            &[][..],
            &["*/*"],
            &["text/event-stream"],
            &["application/json, text/event-stream"],
            &["application/json;q=0"],
            &["application/json;q=x"],
            &["application/json;q=0.5, text/event-stream;q=0.6"],
        ] {
            assert_eq!(wants(accept), Wants::Stream, "{accept:?}");
        }
        for accept in [
            &["application/json"][..],
            &["Application/JSON; charset=utf-8"],
            &["application/json, text/plain, */*"],
            &["*/*", "application/json;q=0.1"],
            &["text/event-stream;q=0.2, application/json;v=1;q=0.3"],
        ] {
            assert_eq!(wants(accept), Wants::Timeline, "{accept:?}");
        }
    }
}
