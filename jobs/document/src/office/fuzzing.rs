//! What of this room has no door of its own, for `fuzz/`?

use super::sheet::format::Format;

/// A number, and a text, as a format of numbers shows them.
#[must_use]
pub fn shown(code: &str, value: f64, is_1904: bool) -> (String, String) {
    let format = Format::of(code);
    (format.shown(value, is_1904), format.shown_text(code))
}
