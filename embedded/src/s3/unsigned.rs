//! What becomes of a request without a signature? It is refused before `s3s` sees it.
//!
//! `s3s` would refuse it too, and log an error each time: anybody who reaches the port could fill the log.

use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use s3s::{Body, HttpResponse};

const ANSWER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <Error><Code>AccessDenied</Code><Message>Signature is required</Message></Error>";

/// The refusal of a request that does not even claim to be signed. A form that is signed in its body is
/// refused too: Esteira sends none.
pub(super) fn refusal<B>(request: &Request<B>) -> Option<HttpResponse> {
    if request.headers().contains_key(AUTHORIZATION) || is_presigned(request.uri().query()) {
        return None;
    }
    tracing::debug!(method = %request.method(), "an unsigned request to the embedded S3 server");
    let mut response = Response::new(Body::from(ANSWER.to_owned()));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    Some(response)
}

fn is_presigned(query: Option<&str>) -> bool {
    let names = query.into_iter().flat_map(|query| query.split('&')).map(|pair| pair.split('=').next());
    names.flatten().any(|name| matches!(name, "X-Amz-Signature" | "Signature"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_carries_a_signature_reaches_the_store() {
        for (uri, signed) in [
            ("/b/k", false),
            ("/b/k?X-Amz-Date=1&list-type=2", false),
            ("/b/k?x=X-Amz-Signature", false),
            ("/b/k?X-Amz-Date=1&X-Amz-Signature=0", true),
        ] {
            let request = Request::get(uri).body(()).unwrap();
            assert_eq!(refusal(&request).is_none(), signed, "{uri}");
        }
        let request = Request::get("/b/k").header(AUTHORIZATION, "AWS4-HMAC-SHA256 …").body(()).unwrap();
        assert!(refusal(&request).is_none());
    }
}
