//! How do the parts of the page travel? Compressed, to whoever takes that, and so in a third of the bytes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// A text, and the same compressed.
pub(super) struct Packed {
    plain: &'static str,
    gzip: Option<Bytes>,
    /// Weak, because it is one for both forms.
    tag: String,
}

impl Packed {
    /// Compresses a text. One that cannot be compressed is still one.
    pub(super) fn new(plain: &'static str) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let gzip = encoder.write_all(plain.as_bytes()).and_then(|()| encoder.finish());
        let mut hasher = DefaultHasher::new();
        plain.hash(&mut hasher);
        Self { plain, gzip: gzip.ok().map(Bytes::from), tag: format!("W/\"{:016x}\"", hasher.finish()) }
    }

    /// The text with its tag, or only that it is still the one that the browser has.
    pub(super) fn answer_unless_known(&self, asked: &HeaderMap) -> Response {
        let mut response =
            if self.is_known(asked) { StatusCode::NOT_MODIFIED.into_response() } else { self.answer(asked) };
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }

    /// Whether its tag is among those that are known (RFC 9110, section 13.1.2).
    fn is_known(&self, asked: &HeaderMap) -> bool {
        let values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|tag| tag.trim() == self.tag)
    }

    /// The text in the form that was asked for.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = match &self.gzip {
            Some(gzip) if takes_gzip(asked) => {
                let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
                (encoding, gzip.clone()).into_response()
            }
            _ => self.plain.into_response(),
        };
        // A cache on the way keeps both.
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        response
    }
}

/// Whether `gzip` is among the codings that are taken (RFC 9110, section 12.5.3).
fn takes_gzip(asked: &HeaderMap) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let none = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !none
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_takes_it_gets_it_compressed() {
        for (asked, taken) in
            [("gzip, br", true), ("br;q=1, GZIP;q=0.5", true), ("gzip;q=0", false), ("br", false)]
        {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(asked))]);
            assert_eq!(takes_gzip(&headers), taken, "{asked}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn who_has_it_is_told_so() {
        let (one, other) = (Packed::new("one"), Packed::new("other"));
        let known = HeaderValue::from_str(&format!("W/\"x\", {}", one.tag)).unwrap();
        let asked = HeaderMap::from_iter([(header::IF_NONE_MATCH, known)]);
        assert_eq!(one.answer_unless_known(&asked).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(other.answer_unless_known(&asked).status(), StatusCode::OK);
        assert_eq!(one.answer_unless_known(&HeaderMap::new()).status(), StatusCode::OK);
    }
}
