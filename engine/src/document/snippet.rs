//! How is a hit shown? As HTML that is safe whatever the document says: escaped, but for `<mark>` around what was found.

/// What Postgres puts before and after a word that was found. No passage holds these characters.
const BEGIN: char = '\u{2}';
const END: char = '\u{3}';

/// A headline of Postgres as HTML.
pub(super) fn html(headline: &str) -> String {
    let mut html = String::with_capacity(headline.len() + 32);
    let mut open = false;
    for c in headline.trim().chars() {
        match c {
            BEGIN if !open => {
                open = true;
                html.push_str("<mark>");
            }
            END if open => {
                open = false;
                html.push_str("</mark>");
            }
            BEGIN | END => {}
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            plain => html.push(plain),
        }
    }
    if open {
        html.push_str("</mark>");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marks_are_html() {
        assert_eq!(
            html("<script>\u{2}alert\u{3}('x') & \"y\""),
            "&lt;script&gt;<mark>alert</mark>(&#39;x&#39;) &amp; &quot;y&quot;"
        );
    }

    #[test]
    fn marks_are_always_closed_and_never_nested() {
        assert_eq!(html("\u{3}a\u{2}b\u{2}c"), "a<mark>bc</mark>");
    }
}
