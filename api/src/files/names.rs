//! What may a file be called, and what may be said of it?

/// Whether a text can be the name of a file: 1 to 255 bytes, and no path.
pub(super) fn is_file_name(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && !matches!(name, "." | "..")
        && !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\'))
}

/// Whether a text has the form of a media type.
pub(super) fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    text.len() <= 127 && text.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_not_a_path() {
        assert!(is_file_name("férias 2026.mp4"));
        for bad in ["", ".", "..", "a/b", "a\\b", "a\nb", "a\0", &"a".repeat(256)] {
            assert!(!is_file_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_media_type_has_two_parts() {
        assert!(is_media_type("image/svg+xml"));
        for bad in ["image", "image/", "/png", "a/b/c", "a b/c"] {
            assert!(!is_media_type(bad), "{bad}");
        }
    }
}
