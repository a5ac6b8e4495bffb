//! Which document is this ZIP archive, or is it a bundle of them?

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::super::super::archive::declared_entries;
use super::super::super::error::ReadError;
use super::super::super::format::Format;
use super::unsupported;

/// The files that tell are small.
const MAX_READ: u64 = 256 << 10;
/// Archives of more files are bundles, whatever they hold: a document has fewer.
const MAX_ENTRIES: u64 = 65_535;

/// Tells the format of an archive whose first bytes are `head`.
pub fn detect<R: Read + Seek>(head: &[u8], mut file: R) -> Result<Format, ReadError> {
    // The list of a huge archive would be read into memory whole; how long it is stands at the end of the file.
    let entries = declared_entries(&mut file);
    match entries {
        Ok(entries) if entries > MAX_ENTRIES => return Ok(Format::Zip),
        Ok(_) => {}
        Err(_) => return by_names(&|name| has_local(head, name)),
    }
    let Ok(mut archive) = ZipArchive::new(file) else {
        // The list at the end is missing: what the beginning tells must do, and the reader will say what is wrong.
        return by_names(&|name| has_local(head, name));
    };
    if let Some(media_type) = read(&mut archive, "mimetype") {
        return by_media_type(media_type.trim());
    }
    if let Some(format) = read(&mut archive, "[Content_Types].xml").and_then(|types| by_content_types(&types))
    {
        return format;
    }
    by_names(&|name| archive.index_for_name(name).is_some())
}

fn read<R: Read + Seek>(archive: &mut ZipArchive<R>, name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    archive.by_name(name).ok()?.take(MAX_READ).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// What the first file of an OpenDocument or an EPUB says.
fn by_media_type(media_type: &str) -> Result<Format, ReadError> {
    match media_type.trim_end_matches("-template") {
        "application/epub+zip" => Ok(Format::Epub),
        "application/vnd.oasis.opendocument.text" | "application/vnd.oasis.opendocument.text-master" => {
            Ok(Format::Odt)
        }
        "application/vnd.oasis.opendocument.spreadsheet" => Ok(Format::Ods),
        "application/vnd.oasis.opendocument.presentation" => Ok(Format::Odp),
        other if other.starts_with("application/vnd.oasis.opendocument.") => {
            Err(unsupported("an OpenDocument drawing, chart or formula"))
        }
        _ => Ok(Format::Zip),
    }
}

/// The type of the main part of an Office document, and of others that are packed alike.
fn by_content_types(types: &str) -> Option<Result<Format, ReadError>> {
    let types = types.to_ascii_lowercase();
    let has = |main: &str| types.contains(main);
    if has("wordprocessingml.document.main")
        || has("wordprocessingml.template.main")
        || has("ms-word.document.macro")
    {
        return Some(Ok(Format::Docx));
    }
    if has("ms-excel.sheet.binary.macroenabled.main") {
        return Some(Ok(Format::Xlsb));
    }
    if has("spreadsheetml.sheet.main") || has("spreadsheetml.template.main") || has("ms-excel.sheet.macro") {
        return Some(Ok(Format::Xlsx));
    }
    let shows = ["presentation.main", "slideshow.main", "template.main"];
    if shows.iter().any(|show| has(&format!("presentationml.{show}")))
        || has("ms-powerpoint.presentation.macro")
    {
        return Some(Ok(Format::Pptx));
    }
    has("ms-visio.").then(|| Err(unsupported("a Visio drawing")))
}

/// What the names of the files tell.
fn by_names(has: &dyn Fn(&str) -> bool) -> Result<Format, ReadError> {
    let documents = [
        ("word/document.xml", Format::Docx),
        ("xl/workbook.bin", Format::Xlsb),
        ("xl/workbook.xml", Format::Xlsx),
        ("ppt/presentation.xml", Format::Pptx),
        ("META-INF/container.xml", Format::Epub),
    ];
    let others = [
        ("AndroidManifest.xml", "an Android program"),
        ("META-INF/MANIFEST.MF", "a Java program"),
        ("Index/Document.iwa", "a document of Apple's Pages, Numbers or Keynote"),
        ("Index.zip", "a document of Apple's Pages, Numbers or Keynote"),
    ];
    if let Some((_, format)) = documents.iter().find(|(name, _)| has(name)) {
        return Ok(*format);
    }
    match others.iter().find(|(name, _)| has(name)) {
        Some((_, what)) => Err(unsupported(what)),
        None => Ok(Format::Zip),
    }
}

/// Whether a file of that name begins in `head`: each has a header of its own, with its name.
fn has_local(head: &[u8], name: &str) -> bool {
    memchr::memmem::find_iter(head, name.as_bytes()).any(|at| {
        let header = at.checked_sub(30).and_then(|start| head.get(start..at));
        header.is_some_and(|header| header.starts_with(b"PK\x03\x04"))
    })
}
