//! Which charset does a page of the web, or an XML document, say that it is in?

/// The standard of HTML looks at 1,024 bytes; pages with long heads before it are no rarity.
const LOOKED_AT: usize = 8192;

/// What a `meta` element or the declaration of XML says.
pub fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let head: String = head.iter().map(|&byte| char::from(byte).to_ascii_lowercase()).collect();
    of_xml(&head).or_else(|| of_meta(&head))
}

fn of_xml(head: &str) -> Option<String> {
    let declaration = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
    value(declaration.split_once("encoding")?.1)
}

fn of_meta(head: &str) -> Option<String> {
    head.split("<meta").skip(1).find_map(|rest| {
        let tag = rest.split('>').next()?;
        value(tag.split_once("charset")?.1)
    })
}

/// The value after an equals sign, in quotes or without.
fn value(rest: &str) -> Option<String> {
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let rest = rest.trim_start_matches(['"', '\'']);
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !"-_:.".contains(letter));
    let label = rest.get(..end.unwrap_or(rest.len()))?;
    (!label.is_empty()).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::declared;

    #[test]
    fn every_way_of_saying_it_is_understood() {
        for page in [
            "<meta charset=ISO-8859-1>",
            "<META CHARSET = 'iso-8859-1' />",
            r#"<html><head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">"#,
            r#"<?xml version="1.0" encoding="ISO-8859-1"?><html>"#,
        ] {
            assert_eq!(declared(page.as_bytes()).as_deref(), Some("iso-8859-1"), "{page}");
        }
        assert_eq!(declared(b"<meta name=description><p charset=x>"), None);
    }
}
