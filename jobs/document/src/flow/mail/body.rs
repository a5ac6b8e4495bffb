//! Which parts of a message are its text, which of two versions of it is taken, and what is attached?

use super::parts::{Part, Parts};

/// What becomes of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// It is a text of the message.
    Text(usize),
    /// The same text twice: plain, and as a page of the web.
    Either {
        /// The number of the plain one.
        text: usize,
        /// The number of the other one.
        html: usize,
    },
    /// It is a document beside the message.
    Attached(usize),
}

/// The pieces of a message in the order of its parts.
pub fn pieces(parts: &Parts<'_>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    collect(parts, 0, &mut pieces);
    pieces
}

/// Parts nest as deep as the limits allow, which is little.
fn collect(parts: &Parts<'_>, number: usize, pieces: &mut Vec<Piece>) {
    let Some(part) = parts.all.get(number) else { return };
    if part.head.kind != "multipart" {
        pieces.extend(leaf(part, number, false));
        return;
    }
    match part.head.subkind.as_str() {
        "alternative" => alternatives(parts, part, pieces),
        "related" => related(parts, part, pieces),
        _ => mixed(parts, part, pieces),
    }
}

fn leaf(part: &Part<'_>, number: usize, is_beside: bool) -> Option<Piece> {
    let head = &part.head;
    // Signatures and keys say nothing to a reader.
    let is_seal = head.kind == "application"
        && ["pgp-signature", "pkcs7-signature", "x-pkcs7-signature", "pgp-encrypted", "pgp-keys"]
            .contains(&head.subkind.as_str());
    if is_seal || head.kind == "multipart" || part.body.trim_ascii().is_empty() {
        return None;
    }
    let is_text = match head.kind.as_str() {
        "text" => !["calendar", "csv", "x-vcard", "vcard", "rtf", "xml", "x-amp-html"]
            .contains(&head.subkind.as_str()),
        "message" => head.subkind != "rfc822" && head.subkind != "global",
        _ => false,
    };
    let is_shown = is_text && !is_beside && !head.is_attachment && head.file.is_none();
    Some(if is_shown { Piece::Text(number) } else { Piece::Attached(number) })
}

/// One after the other. A plain text right before a page of the web, neither of them a file, is the same text twice
/// from a program that forgot to say so.
fn mixed(parts: &Parts<'_>, part: &Part<'_>, pieces: &mut Vec<Piece>) {
    let mut children = part.children.iter().copied().peekable();
    while let Some(number) = children.next() {
        let is_bare = |number: usize, subkind: &str| {
            parts.all.get(number).is_some_and(|part| {
                part.head.is("text", subkind) && !part.head.has_disposition && part.head.file.is_none()
            })
        };
        match children.peek() {
            Some(&next) if is_bare(number, "plain") && is_bare(next, "html") => {
                pieces.push(Piece::Either { text: number, html: next });
                children.next();
            }
            _ => collect(parts, number, pieces),
        }
    }
}

/// The first part shows the others within it.
fn related(parts: &Parts<'_>, part: &Part<'_>, pieces: &mut Vec<Piece>) {
    let mut children = part.children.iter().copied();
    if let Some(first) = children.next() {
        collect(parts, first, pieces);
    }
    for number in children {
        match parts.all.get(number) {
            Some(part) if part.head.kind == "multipart" => collect(parts, number, pieces),
            Some(part) => pieces.extend(leaf(part, number, true)),
            None => {}
        }
    }
}

/// The same in several versions. One that is itself of parts brings them along, whichever is taken.
fn alternatives(parts: &Parts<'_>, part: &Part<'_>, pieces: &mut Vec<Piece>) {
    let (mut text, mut html) = (None, None);
    let mut attached = Vec::new();
    for &number in &part.children {
        let mut version = Vec::new();
        collect(parts, number, &mut version);
        for piece in version {
            match piece {
                Piece::Text(number) => {
                    let is_html = parts.all.get(number).is_some_and(|part| part.head.is("text", "html"));
                    let place = if is_html { &mut html } else { &mut text };
                    if place.is_none() {
                        *place = Some(number);
                    }
                }
                Piece::Either { .. } if text.is_none() && html.is_none() => pieces.push(piece),
                Piece::Either { .. } => {}
                Piece::Attached(number) => {
                    let is_version =
                        parts.all.get(number).is_some_and(|part| part.head.subkind == "x-amp-html");
                    if !is_version {
                        attached.push(piece);
                    }
                }
            }
        }
    }
    match (text, html) {
        (Some(text), Some(html)) => pieces.push(Piece::Either { text, html }),
        (Some(only), None) | (None, Some(only)) => pieces.push(Piece::Text(only)),
        (None, None) => {}
    }
    pieces.extend(attached);
}

#[cfg(test)]
mod tests {
    use super::super::super::super::limits::DocumentLimits;
    use super::super::parts::parts;
    use super::*;

    fn of(message: &str) -> Vec<Piece> {
        pieces(&parts(message.as_bytes(), &DocumentLimits::default()))
    }

    fn multipart(kind: &str, parts: &[&str]) -> String {
        let parts: String = parts.iter().map(|part| format!("--{kind}\n{part}\n")).collect();
        format!("Content-Type: multipart/{kind}; boundary={kind}\n\n{parts}--{kind}--\n")
    }

    const PLAIN: &str = "\nolá";
    const HTML: &str = "Content-Type: text/html\n\n<p>olá";
    const IMAGE: &str = "Content-Type: image/png\n\npng";

    #[test]
    fn two_versions_are_one_text() {
        assert_eq!(of(&multipart("alternative", &[PLAIN, HTML])), [Piece::Either { text: 1, html: 2 }]);
        let related = multipart("related", &[HTML, IMAGE]);
        let expected = [Piece::Either { text: 1, html: 3 }, Piece::Attached(4)];
        assert_eq!(of(&multipart("alternative", &[PLAIN, &related])), expected);
    }

    #[test]
    fn versions_that_are_not_said_to_be_are_seen() {
        let expected = [Piece::Either { text: 1, html: 2 }, Piece::Attached(3)];
        assert_eq!(of(&multipart("mixed", &[PLAIN, HTML, IMAGE])), expected);
    }

    #[test]
    fn texts_that_are_files_are_attached() {
        let file = "Content-Disposition: attachment; filename=a.txt\n\na";
        assert_eq!(of(&multipart("mixed", &[PLAIN, file])), [Piece::Text(1), Piece::Attached(2)]);
    }

    #[test]
    fn a_message_of_a_picture_has_no_text_and_a_signature_is_none() {
        assert_eq!(of(IMAGE), [Piece::Attached(0)]);
        let seal = "Content-Type: application/pgp-signature\n\nx";
        assert_eq!(of(&multipart("signed", &[PLAIN, seal])), [Piece::Text(1)]);
    }
}
