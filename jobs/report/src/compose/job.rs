//! How is a job named to a reader, and where does its name lead to?

use std::borrow::Cow;

use crate::dataset::Dataset;
use crate::model::Cell;
use crate::words::{clean, shortened};

/// Characters of a name that are shown.
const NAME: usize = 120;

/// The name of a job, or the beginning of its id; it leads to an artifact, or to the job itself.
pub fn named<'a>(data: &Dataset, job: &'a str, name: &'a str, artifact: &str) -> Cell<'a> {
    let name = shortened(&clean(name), NAME);
    let text: Cow<'a, str> = match name.as_str() {
        "" => Cow::Borrowed(job),
        _ => Cow::Owned(name),
    };
    match href(data, job, artifact) {
        Some(href) => Cell::Link { text, href },
        None => Cell::Text(text),
    }
}

/// An address of the API, put together of parts that cannot leave their place in it.
fn href(data: &Dataset, job: &str, artifact: &str) -> Option<String> {
    let base = data.base_url.as_deref()?.trim_end_matches('/');
    let scheme = base.starts_with("https://") || base.starts_with("http://");
    if !scheme || job.is_empty() {
        return None;
    }
    let mut address = format!("{base}/v1/jobs/{}", escaped(job, false));
    if !artifact.is_empty() {
        address.push_str("/artifacts/");
        address.push_str(&escaped(artifact, true));
    }
    Some(address)
}

/// A part of an address (RFC 3986): all but unreserved characters by their bytes.
fn escaped(part: &str, with_slashes: bool) -> String {
    let mut out = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b'/' if with_slashes => out.push('/'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_an_address_stays_in_its_place() {
        assert_eq!(escaped("pages/01 é.webp?x=\"", true), "pages/01%20%C3%A9.webp%3Fx%3D%22");
        assert_eq!(escaped("../x", false), "..%2Fx");
    }
}
