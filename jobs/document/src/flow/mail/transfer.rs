//! How is the body of a part decoded that was encoded for its way? With patience: what is broken is skipped.

/// How a body was encoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transfer {
    /// Not at all.
    #[default]
    Plain,
    /// Base64 (RFC 4648).
    Base64,
    /// Quoted-printable (RFC 2045).
    QuotedPrintable,
}

impl Transfer {
    /// The encoding of that name.
    pub fn named(name: &str) -> Self {
        match name.trim().to_ascii_lowercase().as_str() {
            "base64" => Self::Base64,
            "quoted-printable" => Self::QuotedPrintable,
            _ => Self::Plain,
        }
    }

    /// The bytes that `body` stands for.
    pub fn decode(self, body: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => body.to_vec(),
            Self::Base64 => base64(body),
            Self::QuotedPrintable => quoted_printable(body),
        }
    }
}

fn base64(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for &letter in body {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            // Padding ends a group; another one may follow where bodies were strung together.
            b'=' => {
                (bits, count) = (0, 0);
                continue;
            }
            _ => continue,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
}

fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let content = line.trim_ascii_end();
        let (content, is_soft) = match content.strip_suffix(b"=") {
            Some(content) => (content, true),
            None => (content, false),
        };
        unquote(content, &mut bytes);
        if !is_soft && line.ends_with(b"\n") {
            bytes.push(b'\n');
        }
    }
    bytes
}

fn unquote(content: &[u8], bytes: &mut Vec<u8>) {
    let mut rest = content;
    while let Some(at) = memchr::memchr(b'=', rest) {
        let (before, from) = rest.split_at(at);
        bytes.extend_from_slice(before);
        let code = from.get(1..3).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = from.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(b'=');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    bytes.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_what_does_not_belong_there() {
        assert_eq!(Transfer::Base64.decode(b"b2zDoQ==\r\n"), "olá".as_bytes());
        assert_eq!(Transfer::Base64.decode(b"b2 z*D\noQ"), "olá".as_bytes());
        assert_eq!(Transfer::Base64.decode(b"YQ==Yg=="), b"ab");
    }

    #[test]
    fn quoted_printable_is_read_with_what_is_broken_kept() {
        let body = b"manuten=C3=A7=C3=\r\n=A3o  \r\n100=% =3D =\r\n=ZZ=3";
        assert_eq!(Transfer::QuotedPrintable.decode(body), "manutenção\n100=% = =ZZ=3".as_bytes());
    }

    #[test]
    fn the_name_may_be_written_in_any_case() {
        assert_eq!(Transfer::named(" BASE64 "), Transfer::Base64);
        assert_eq!(Transfer::named("8bit"), Transfer::Plain);
    }
}
