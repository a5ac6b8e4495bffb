//! Where may a link of the Markdown lead, and how is its address written?

/// Schemes of links that are written; a link that would run something is text.
const SCHEMES: [&str; 5] = ["http", "https", "mailto", "tel", "ftp"];

/// The address as it stands in the brackets of a link; none for one that must not be followed.
pub fn destination(url: &str) -> Option<String> {
    let url = url.trim();
    if url.is_empty() || !may_be_followed(url) {
        return None;
    }
    let mut out = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            '(' | ')' | '<' | '>' | '[' | ']' | '\\' | '`' | '|' | '"' | '*' | '~' => {
                out.push_str(&format!("%{:02X}", c as u32));
            }
            '&' => out.push_str("&amp;"),
            c if c.is_control() || c.is_whitespace() => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
            }
            c => out.push(c),
        }
    }
    Some(out)
}

/// Whether an address has a known scheme. One without leads to a place that is not here: a file beside the document, or a
/// mark in it, of which the Markdown knows nothing.
fn may_be_followed(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Whether a text is an address that can stand between angle brackets, where nothing is escaped but entities are read.
pub fn is_plain_address(text: &str) -> bool {
    let scheme = ["http://", "https://"].iter().find(|scheme| text.starts_with(**scheme));
    scheme.is_some_and(|scheme| text.len() > scheme.len())
        && !(text.contains('&') && text.contains(';'))
        && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'|' | b'\\' | b'`'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_addresses_are_followed() {
        for url in [
            "javascript:alert(1)",
            "JavaScript:x",
            "data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "#parte-2",
            "cap 2.html",
            "a/b:c",
            "",
            " ",
        ] {
            assert_eq!(destination(url), None, "{url}");
        }
        for (url, wanted) in [
            ("https://a.br/x_(y)?a=1&copy=2", "https://a.br/x_%28y%29?a=1&amp;copy=2"),
            ("mailto:ana@x.br", "mailto:ana@x.br"),
            ("HTTPS://x.br/cap 2.html", "HTTPS://x.br/cap%202.html"),
        ] {
            assert_eq!(destination(url).as_deref(), Some(wanted));
        }
    }
}
