//! What may the page do? Run its own scripts, call its own API, and show files of the bucket. Nothing else.

use axum::http::{HeaderValue, Uri};

use crate::state::ApiState;

/// The `Content-Security-Policy` of the page. Trusted Types without a policy refuse every text as markup, whoever gives it.
pub(super) async fn of(state: &ApiState) -> HeaderValue {
    // Where nothing can be signed there are no links to show either; the rest of the page works.
    let bucket = state.engine.link_origin().await.unwrap_or_default();
    let issuer = state.options.console_sign_in.as_ref().map(|sign_in| origin(&sign_in.token_url));
    let text = written(&bucket, &issuer.unwrap_or_default());
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

fn written(bucket: &str, issuer: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {issuer}; \
         img-src 'self' blob: {bucket}; media-src blob: {bucket}; frame-src blob:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> String {
    let uri: Option<Uri> = url.parse().ok();
    let parts = uri.as_ref().and_then(|uri| Some((uri.scheme_str()?, uri.authority()?)));
    parts.map(|(scheme, authority)| format!("{scheme}://{authority}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_host_and_port_of_the_issuer_are_let_in() {
        assert_eq!(origin("https://id.example:8443/oauth2/token?x=1"), "https://id.example:8443");
        assert_eq!(origin("nonsense"), "");
    }

    #[test]
    fn no_script_and_no_style_comes_from_elsewhere_or_stands_in_the_page() {
        let policy = written("https://b.example", "https://id.example");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
