//! Which characters are the bytes of a part of XML?

/// The characters of a part, by its byte order mark or what its declaration says; what is not valid is replaced.
#[must_use]
pub fn decoded(bytes: Vec<u8>) -> String {
    let declared = declared_encoding(&bytes);
    let encoding = encoding_rs::Encoding::for_bom(&bytes).map(|(encoding, _)| encoding).or(declared);
    if encoding.is_none_or(|encoding| encoding == encoding_rs::UTF_8) {
        let without_mark = bytes.strip_prefix(b"\xef\xbb\xbf").map(<[u8]>::to_vec).unwrap_or(bytes);
        return String::from_utf8(without_mark)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    }
    encoding.unwrap_or(encoding_rs::UTF_8).decode(&bytes).0.into_owned()
}

fn declared_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    match bytes {
        [b'<', 0, ..] => return Some(encoding_rs::UTF_16LE),
        [0, b'<', ..] => return Some(encoding_rs::UTF_16BE),
        _ => {}
    }
    let head = bytes.get(..bytes.len().min(200))?;
    let head = std::str::from_utf8(head.split(|byte| *byte == b'>').next()?).ok()?;
    let (_, after) = head.strip_prefix("<?xml")?.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    let label = value.get(1..)?.split(quote).next()?;
    encoding_rs::Encoding::for_label(label.as_bytes())
        .filter(|it| *it != encoding_rs::UTF_16LE && *it != encoding_rs::UTF_16BE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found_by_mark_declaration_or_zeros() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe7</a>".to_vec();
        assert!(decoded(latin).ends_with("<a>ç</a>"));
        let utf16 = "<a>ç</a>".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        assert_eq!(decoded(utf16), "<a>ç</a>");
        assert_eq!(decoded(b"\xef\xbb\xbf<a/>".to_vec()), "<a/>");
    }
}
