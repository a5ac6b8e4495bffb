//! Where does the next page begin? An opaque text that only this API reads.

use std::fmt::Display;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The last thing of a page, as the cursor of the page after it.
///
/// `list` names the list, so that a cursor of one is refused by another.
pub(crate) fn encode(list: &str, last: &impl Display) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list}:{last}"))
}

/// The thing after which the page begins; `None` when the text is not a cursor of that list.
pub(crate) fn decode<T: FromStr>(list: &str, cursor: &str) -> Option<T> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    text.strip_prefix(list)?.strip_prefix(':')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_thing_and_to_no_other_list() {
        let cursor = encode("jobs", &42);
        assert_eq!(decode::<u32>("jobs", &cursor), Some(42));
        assert_eq!(decode::<u32>("tenants", &cursor), None);
    }

    #[test]
    fn garbage_is_no_cursor() {
        for text in ["", "%%%", "am9icw", "am9iczphYg"] {
            assert_eq!(decode::<u32>("jobs", text), None, "{text}");
        }
    }
}
