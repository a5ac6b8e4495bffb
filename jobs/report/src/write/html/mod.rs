//! `report.html`: the report in one file, without a script, a font or a picture from elsewhere.
//!
//! Everything that comes from data passes through [`escaped`]. A policy in the page itself forbids whatever a mistake here
//! would let in.

mod chart;
mod page;
mod table;

pub use page::html;

/// A text as content of an element or of an attribute in double quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
