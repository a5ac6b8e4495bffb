//! What is a file? What its first bytes tell; and whether that can be what its client said.

/// Bytes that are looked at.
pub(super) const HEAD_BYTES: usize = 8192;
/// What a client says that does not know.
const UNKNOWN: &str = "application/octet-stream";

/// What files are alike enough to be taken for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Image,
    /// Sound and moving pictures, which share their containers.
    Media,
    Pdf,
    Text,
    /// Archives by ZIP, which documents of many sorts are.
    Zip,
}

impl Family {
    fn of(media_type: &str) -> Option<Self> {
        let (main, sub) = media_type.split_once('/')?;
        match (main, sub) {
            ("text", _) | (_, "json" | "xml" | "javascript" | "x-sh") => Some(Self::Text),
            (_, sub) if sub.ends_with("+xml") || sub.ends_with("+json") => Some(Self::Text),
            ("image", _) => Some(Self::Image),
            ("audio" | "video", _) | (_, "ogg" | "mp4") => Some(Self::Media),
            (_, "pdf") => Some(Self::Pdf),
            (_, "zip") => Some(Self::Zip),
            (_, sub) if sub.starts_with("vnd.openxmlformats") || sub.ends_with("+zip") => Some(Self::Zip),
            (_, sub) if sub.starts_with("vnd.oasis.opendocument") => Some(Self::Zip),
            _ => None,
        }
    }

    /// Whether every file of the family begins with bytes that tell.
    fn always_tells(self) -> bool {
        matches!(self, Self::Image | Self::Pdf)
    }
}

/// The media type that the first bytes tell.
pub(super) fn sniff(head: &[u8]) -> Option<&'static str> {
    infer::get(head).map(|kind| kind.mime_type())
}

/// The media type of a file: by its first bytes where they tell, else as its client said.
pub(super) fn of(head: &[u8], declared: Option<&str>) -> String {
    sniff(head).or(declared).unwrap_or(UNKNOWN).to_owned()
}

/// Why a file cannot be what its client said; `None` when it may be. Only what is clear counts: a container by
/// another of its names, or a sort of file that nobody here knows, passes.
pub(super) fn contradiction(head: &[u8], declared: &str) -> Option<String> {
    let announced = Family::of(declared)?;
    match sniff(head) {
        Some(sniffed)
            if Family::of(sniffed).is_some_and(|found| found != announced)
                || are_other_images(sniffed, declared) =>
        {
            Some(format!("{declared} was announced, and the file's first bytes are those of {sniffed}"))
        }
        None if announced.always_tells() && infer::is_mime_supported(declared) => {
            Some(format!("{declared} was announced, and the file's first bytes are not those of one"))
        }
        _ => None,
    }
}

/// Whether two media types name two sorts of image that everybody tells apart.
fn are_other_images(sniffed: &str, declared: &str) -> bool {
    let sort = |media_type: &str| match media_type.strip_prefix("image/")? {
        "jpeg" | "jpg" | "pjpeg" => Some("jpeg"),
        "png" | "x-png" => Some("png"),
        "gif" => Some("gif"),
        "webp" => Some("webp"),
        _ => None,
    };
    sort(sniffed).zip(sort(declared)).is_some_and(|(one, other)| one != other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";

    #[test]
    fn what_is_clearly_something_else_is_told_with_both_names() {
        let said = contradiction(PNG, "video/mp4").unwrap();
        assert!(said.contains("video/mp4") && said.contains("image/png"), "{said}");
        for (head, declared) in [
            (PNG, "text/plain"),
            (PNG, "image/jpg"),
            (MP4, "image/png"),
            (b"hello, world".as_slice(), "image/png"),
            (b"hello, world".as_slice(), "application/pdf"),
            (b"%PDF-1.7 ".as_slice(), "image/jpeg"),
        ] {
            assert!(contradiction(head, declared).is_some(), "{declared}");
        }
    }

    #[test]
    fn what_may_be_passes() {
        for (head, declared) in [
            (PNG, "image/x-png"),
            (PNG, "image/x-icon"),
            (PNG, "application/octet-stream"),
            (MP4, "audio/mp4"),
            (MP4, "video/quicktime"),
            (b"hello, world".as_slice(), "text/plain"),
            (b"hello, world".as_slice(), "video/mp4"),
            (b"<?xml version=\"1.0\"?><svg/>".as_slice(), "image/svg+xml"),
            (b"PK\x03\x04".as_slice(), "application/vnd.oasis.opendocument.text"),
        ] {
            assert_eq!(contradiction(head, declared), None, "{declared}");
        }
    }
}
