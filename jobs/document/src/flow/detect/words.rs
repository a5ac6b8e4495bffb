//! What is this that cannot be read, in words?

/// What `head` begins: `an MP4 video`.
pub fn of(head: &[u8]) -> String {
    let Some(kind) = infer::get(head) else { return "in no format that is known".to_owned() };
    if let Some(known) = known(kind.mime_type()) {
        return known.to_owned();
    }
    let name = kind.extension().to_uppercase();
    let article = if name.starts_with(['A', 'E', 'F', 'H', 'I', 'L', 'M', 'N', 'O', 'R', 'S', 'X']) {
        "an"
    } else {
        "a"
    };
    let what = match kind.matcher_type() {
        infer::MatcherType::App => "program",
        infer::MatcherType::Archive => "archive",
        infer::MatcherType::Audio => "sound file",
        infer::MatcherType::Font => "font",
        infer::MatcherType::Image => "picture",
        infer::MatcherType::Video => "video",
        _ => "file",
    };
    format!("{article} {name} {what}")
}

/// The kinds that have a name beside that of their files.
fn known(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "application/x-executable" => "an ELF program",
        "application/vnd.microsoft.portable-executable" => "a Windows program",
        "application/x-mach-binary" => "a macOS program",
        "application/wasm" => "a WebAssembly program",
        "application/java" => "a Java class",
        "application/x-dex" => "an Android program",
        "application/gzip" => "a gzip archive",
        "application/x-tar" => "a tar archive",
        "application/x-7z-compressed" => "a 7-Zip archive",
        "application/vnd.rar" => "a RAR archive",
        "application/x-bzip2" => "a bzip2 archive",
        "application/x-xz" => "an xz archive",
        "application/zstd" => "a Zstandard archive",
        "application/x-cpio" => "a cpio archive",
        "application/vnd.debian.binary-package" => "a Debian package",
        "application/x-rpm" => "an RPM package",
        "application/vnd.sqlite3" => "an SQLite database",
        "application/postscript" => "a PostScript file",
        "application/x-mobipocket-ebook" => "a Mobipocket book",
        "application/epub+zip" => "an EPUB book",
        "application/pdf" => "a PDF",
        "application/x-iso9660-image" => "a disc image",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "a broken Word document",
        "image/heif" => "a HEIF picture",
        "image/vnd.adobe.photoshop" => "a Photoshop picture",
        "image/vnd.dwg" => "an AutoCAD drawing",
        "image/x-icon" => "an icon",
        "audio/mpeg" => "an MP3 sound file",
        "video/quicktime" => "a QuickTime video",
        "video/x-matroska" => "a Matroska video",
        "video/x-msvideo" => "an AVI video",
        _ => return None,
    })
}
