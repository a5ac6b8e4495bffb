//! What do the headers of a message, or of a part of one, say?

use mail_parser::{Address, ContentType, HeaderName, Message, MessageParser, MimeHeaders};

use super::super::charset::decode;
use super::super::gather::prefix;
use super::super::letter::Letter;
use super::transfer::Transfer;

/// Headers longer than this are read to here.
const MAX_HEADERS: usize = 512 << 10;
/// Addresses beyond these are left out.
const MAX_ADDRESSES: usize = 1000;
/// The longest value that is kept.
const MAX_VALUE: usize = 16 << 10;

/// The headers of a part that say how to read it.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// `text`, `multipart`, `image`; in lower case.
    pub kind: String,
    /// `plain`, `mixed`, `png`; in lower case.
    pub subkind: String,
    /// The charset of a text.
    pub charset: Option<String>,
    /// What keeps the parts of a multipart apart.
    pub boundary: Option<String>,
    /// The name of its file.
    pub file: Option<String>,
    /// Whether it is to be shown beside the message, not in it.
    pub is_attachment: bool,
    /// Whether it says where it is to be shown at all.
    pub has_disposition: bool,
    /// How its body is encoded.
    pub transfer: Transfer,
    /// Its lines are broken softly (RFC 3676): whether blanks before the breaks are to be dropped.
    pub flowed: Option<bool>,
}

/// Reads the headers of a part.
pub fn head(bytes: &[u8]) -> Head {
    let block = block(bytes);
    let Some(message) = MessageParser::default().parse_headers(&block) else { return Head::plain() };
    let part = message.root_part();
    let mut head = Head::plain();
    if let Some(content) = part.content_type() {
        head.kind = content.ctype().to_ascii_lowercase();
        head.subkind = content.subtype().unwrap_or_default().to_ascii_lowercase();
        let value = |name: &str| content.attribute(name).map(str::trim).filter(|value| !value.is_empty());
        head.charset = value("charset").map(str::to_owned);
        head.boundary = value("boundary").map(str::to_owned);
        head.flowed = flowed(content);
    }
    head.file = part.attachment_name().map(|name| prefix(name, 1000).to_owned());
    head.has_disposition = part.content_disposition().is_some();
    head.is_attachment = part.content_disposition().is_some_and(ContentType::is_attachment);
    head.transfer = part.content_transfer_encoding().map(Transfer::named).unwrap_or_default();
    head
}

/// Reads the headers of a message.
pub fn envelope(bytes: &[u8]) -> Letter {
    let block = block(bytes);
    let Some(message) = MessageParser::default().parse_headers(&block) else { return Letter::default() };
    let date = message.date().filter(|date| date.is_valid());
    Letter {
        subject: message.subject().and_then(clean),
        from: message.from().or(message.sender()).map(addresses).unwrap_or_default(),
        to: all(message.all_to()),
        cc: all(message.all_cc()),
        bcc: all(message.all_bcc()),
        date: message.header_raw(HeaderName::Date).and_then(clean),
        instant: date.map(mail_parser::DateTime::to_rfc3339),
        producer: producer(&message),
    }
}

impl Head {
    /// What a part is that says nothing (RFC 2045).
    fn plain() -> Self {
        Self { kind: "text".to_owned(), subkind: "plain".to_owned(), ..Self::default() }
    }

    /// Whether it is of that kind.
    pub fn is(&self, kind: &str, subkind: &str) -> bool {
        self.kind == kind && self.subkind == subkind
    }
}

/// Headers fit for the parser: ended by an empty line, and in UTF-8. Letters of other charsets do not belong there, and
/// old programs wrote them.
fn block(bytes: &[u8]) -> Vec<u8> {
    let bytes = bytes.get(..MAX_HEADERS).unwrap_or(bytes);
    let text = decode(bytes, None).text;
    let mut block = text.trim_end().as_bytes().to_vec();
    block.extend_from_slice(b"\n\n");
    block
}

fn flowed(content: &ContentType<'_>) -> Option<bool> {
    let is_flowed = content.attribute("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    is_flowed.then(|| content.attribute("delsp").is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes")))
}

fn producer(message: &Message<'_>) -> Option<String> {
    let named = |name: &'static str| message.header_raw(HeaderName::Other(name.into())).and_then(clean);
    named("X-Mailer").or_else(|| named("User-Agent"))
}

fn all<'a, 'x: 'a>(headers: impl Iterator<Item = &'a Address<'x>>) -> Vec<String> {
    let mut names: Vec<String> = headers.flat_map(addresses).take(MAX_ADDRESSES).collect();
    names.dedup();
    names
}

/// `Name <address>`, or what there is of it.
fn addresses(address: &Address<'_>) -> Vec<String> {
    let written = address.iter().take(MAX_ADDRESSES).filter_map(|one| {
        let name = one.name.as_deref().and_then(clean);
        let address = one.address.as_deref().and_then(clean);
        match (name, address) {
            (Some(name), Some(address)) if name != address => Some(format!("{name} <{address}>")),
            (name, address) => address.or(name),
        }
    });
    written.collect()
}

/// A value on one line; nothing where it is empty.
pub fn clean(text: &str) -> Option<String> {
    let words: Vec<&str> = prefix(text, MAX_VALUE).split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_and_folded_lines_are_read() {
        let envelope = envelope(
            b"Subject: =?utf-8?q?Relat=C3=B3rio?=\r\n =?utf-8?q?_final?=\r\nFrom: =?utf-8?b?Sm/Do28=?= <j@x.org>\r\n\
              To: Ana <a@x.org>, b@x.org\r\nDate: Tue, 03 Mar 2026 10:20:30 -0300\r\n",
        );
        assert_eq!(envelope.subject.as_deref(), Some("Relatório final"));
        assert_eq!(envelope.from, ["João <j@x.org>"]);
        assert_eq!(envelope.to, ["Ana <a@x.org>", "b@x.org"]);
        assert_eq!(envelope.instant.as_deref(), Some("2026-03-03T10:20:30-03:00"));
        assert_eq!(envelope.date.as_deref(), Some("Tue, 03 Mar 2026 10:20:30 -0300"));
    }

    #[test]
    fn letters_that_do_not_belong_into_headers_are_read() {
        let subject = encoding_rs::WINDOWS_1252.encode("Subject: Reunião amanhã às nove").0.into_owned();
        assert_eq!(envelope(&subject).subject.as_deref(), Some("Reunião amanhã às nove"));
    }

    #[test]
    fn a_part_says_how_it_is_to_be_read() {
        let head = head(
            b"Content-Type: TEXT/HTML; charset=\"iso-8859-1\"; format=flowed; delsp=yes\n\
              Content-Disposition: attachment; filename*=utf-8''relat%C3%B3rio.html\n\
              Content-Transfer-Encoding: Quoted-Printable\n",
        );
        assert!(head.is("text", "html") && head.is_attachment);
        assert_eq!(head.charset.as_deref(), Some("iso-8859-1"));
        assert_eq!(head.file.as_deref(), Some("relatório.html"));
        assert_eq!((head.transfer, head.flowed), (Transfer::QuotedPrintable, Some(true)));
    }

    #[test]
    fn nothing_and_nonsense_are_plain_text() {
        for bytes in [&b""[..], b"\n\n", b":::\n\0\0", b"Content-Type: ;;;;\n"] {
            let head = head(bytes);
            assert!(head.boundary.is_none(), "{bytes:?}");
        }
        assert!(head(b"").is("text", "plain"));
    }
}
