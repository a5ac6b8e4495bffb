//! What does a caption say once its markup is gone?

/// Plain text of a payload: tags (`<i>`, `<c.yellow>`, `<v Ann>`, `<00:01.000>`) removed, character
/// references resolved, lines trimmed, empty lines dropped. With `blocks`, the override blocks
/// (`{\an8}`) that SRT files borrow from another format are removed too.
pub(super) fn plain(payload: &str, blocks: bool) -> String {
    let mut text = String::with_capacity(payload.len());
    let mut rest = payload;
    while let Some(at) = rest.find(['<', '{', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (skipped, shown) = markup(rest, blocks);
        if let Some(shown) = shown {
            text.push(shown);
        }
        rest = &rest[skipped..];
    }
    text.push_str(rest);
    clean(&text)
}

/// Lines trimmed, empty ones dropped, and no control characters: the form in which cues keep text.
pub(super) fn clean(text: &str) -> String {
    let lines = text.split(['\n', '\r']).map(|line| {
        let seen: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        seen.trim().replace('\t', " ")
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// At the beginning of `rest`: how many bytes to pass over, and what is shown for them.
fn markup(rest: &str, blocks: bool) -> (usize, Option<char>) {
    let found = match rest.as_bytes().first() {
        Some(b'<') => tag(rest).map(|length| (length, None)),
        Some(b'{') if blocks => block(rest).map(|length| (length, None)),
        Some(b'&') => reference(rest).map(|(length, shown)| (length, Some(shown))),
        _ => None,
    };
    // What only looks like markup ("a < b", "{x}", "R&B") is text.
    found.unwrap_or_else(|| (1, rest.chars().next()))
}

/// Bytes within which markup ends. A file of nothing but `<` would be read to its end for each of them.
const MARKUP_BYTES: usize = 1_000;

fn tag(rest: &str) -> Option<usize> {
    let end = rest.bytes().take(MARKUP_BYTES).position(|b| b == b'>')?;
    let inside = &rest[1..end];
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic()) || inside == "/";
    let instant = super::time::parse(inside).is_some();
    ((named && !inside.contains(['<', '\n'])) || instant).then_some(end + 1)
}

fn block(rest: &str) -> Option<usize> {
    let end = rest.bytes().take(MARKUP_BYTES).position(|b| b == b'}')?;
    rest[1..end].starts_with('\\').then_some(end + 1)
}

fn reference(rest: &str) -> Option<(usize, char)> {
    let end = rest.bytes().take(12).position(|b| b == b';')?;
    let name = &rest[1..end];
    let shown = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "lrm" => '\u{200e}',
        "rlm" => '\u{200f}',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((end + 1, shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_end_soon_is_no_markup() {
        for (open, close) in [("<b", ">"), ("{\\an8", "}")] {
            let long = format!("{open}{}{close}x", "é".repeat(MARKUP_BYTES));
            assert_eq!(plain(&long, true), long);
        }
    }

    #[test]
    fn tags_are_removed_and_their_words_kept() {
        for (payload, text) in [
            ("<i>leaning</i> and <b>bold</b>", "leaning and bold"),
            ("<v Ann Lee>Hi <c.yellow.bg_blue>there</c>", "Hi there"),
            ("one<00:00:01.500> two", "one two"),
            ("<font color=\"#ff0\">sun</font>", "sun"),
            ("{\\an8}at the top", "at the top"),
        ] {
            assert_eq!(plain(payload, true), text);
        }
    }

    #[test]
    fn override_blocks_are_text_where_the_format_has_none() {
        assert_eq!(plain("{\\an8}top", false), "{\\an8}top");
    }

    #[test]
    fn what_only_looks_like_markup_is_text() {
        for text in [
            "a < b > c",
            "I <3 you",
            "R&B & soul",
            "{not a block}",
            "x &unknown; y",
            "<",
            "a <b",
            "&",
            "&#xfffffff;",
        ] {
            assert_eq!(plain(text, true), text);
        }
    }

    #[test]
    fn references_become_characters() {
        assert_eq!(
            plain("&lt;b&gt; &amp;amp; &quot;q&quot; &#233; &#x1F600; a&nbsp;b", true),
            "<b> &amp; \"q\" é 😀 a\u{a0}b"
        );
    }

    #[test]
    fn empty_lines_and_control_characters_go() {
        assert_eq!(plain("  a \r\n\r\n\u{0}b\u{7}\tc\n", true), "a\nb c");
        assert_eq!(plain("<i> </i>", true), "");
    }
}
