//! How is a text written into a sheet's XML?

/// The first line of each part.
pub const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// The namespace of workbooks.
pub const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// The namespace of relations between parts.
pub const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Characters of a cell, as UTF-16 counts them.
const MOST_UNITS: usize = 32_767;

/// The text of a cell, escaped, without what XML cannot hold, and not longer than a cell can be.
pub fn cell_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > MOST_UNITS {
            break;
        }
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(c),
            '\u{FFFE}' | '\u{FFFF}' => {}
            c if c.is_control() => {}
            // Applications read `_x0041_` as an A (ECMA-376, 22.9.2.19): the underscore itself is written so.
            '_' if is_escape(text.get(at..).unwrap_or_default()) => {
                units += 6;
                out.push_str("_x005F_");
            }
            c => out.push(c),
        }
    }
    out
}

fn is_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"_x"))
        && bytes.get(2..6).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
        && bytes.get(6) == Some(&b'_')
}

/// A column's letters: 0 is A, 26 is AA.
pub fn letters(column: u32) -> String {
    let mut rest = column + 1;
    let mut out = Vec::new();
    while rest > 0 {
        rest -= 1;
        out.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    out.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_their_letters() {
        let named = [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")];
        assert!(named.iter().all(|(column, name)| letters(*column) == *name));
    }

    #[test]
    fn texts_are_escaped_and_cut() {
        assert_eq!(cell_text("a<b>&\u{0}\u{FFFF}_x0041_ _x_"), "a&lt;b&gt;&amp;_x005F_x0041_ _x_");
        assert_eq!(cell_text(&"😀".repeat(20_000)).chars().count(), 16_383);
    }
}
