//! How is XML of any vocabulary read? Prose as its text, everything else as fields with the names of its elements.
//!
//! No declaration of a type is followed and no entity but the five of XML is replaced, so that nothing can grow.

mod data;
mod prose;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Metadata, PageKind, Warning};
use super::super::sink::PageSink;
use super::charset::decode;
use super::gather::{self, Gather};
use super::html::declared;

/// From this part of its text on that stands beside elements, in percent, a document is prose: in data only leaves have text.
const MIXED_IN_PROSE: u64 = 10;

/// Reads a document of XML.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    let decoded = decode(bytes, declared(bytes).as_deref());
    if decoded.lossy {
        sink.warn(super::broken_letters(decoded.charset));
    }
    let text = &decoded.text;
    let read = if is_prose(text) { prose::read(text, limits) } else { data::read(text, limits) };
    if let Err(error) = read.end {
        if !read.has_any {
            return Err(error);
        }
        sink.warn(gather::truncation(&format!("the rest of the document is broken: {}", error.message)));
    }
    if read.has_entities {
        let message = "the document declares entities of its own; they are shown by their names";
        sink.warn(Warning::new("entities_not_replaced", message));
    }
    gather::hand_over(PageKind::Page, None, read.gather, sink)?;
    Ok(Metadata { pages: Some(1), ..Metadata::default() })
}

/// What came of a document.
struct Read {
    gather: Gather,
    has_any: bool,
    has_entities: bool,
    /// Why it ended early, if it did.
    end: Result<(), ReadError>,
}

/// A reader that takes tags as they come.
fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    reader
}

/// What a reference stands for.
fn referred(name: &BytesRef<'_>) -> String {
    if let Ok(Some(letter)) = name.resolve_char_ref() {
        return letter.to_string();
    }
    let name = String::from_utf8_lossy(name);
    quick_xml::escape::resolve_xml_entity(&name).map_or_else(|| format!("&{name};"), str::to_owned)
}

fn declares_entities(content: &[u8]) -> bool {
    memchr::memmem::find(content, b"<!ENTITY").is_some()
}

fn broken(at: u64, what: &str) -> ReadError {
    ReadError::malformed(format!("the XML is broken at byte {at}: {what}"))
}

/// Whether text stands beside elements, as it does in a paragraph with a word set apart.
fn is_prose(text: &str) -> bool {
    // Of each open element: its own text, and whether it has elements.
    let mut open: Vec<(u64, bool)> = Vec::new();
    let (mut mixed, mut all) = (0, 0);
    let mut end = |element: Option<(u64, bool)>| {
        let (bytes, has_elements) = element.unwrap_or_default();
        all += bytes;
        mixed += if has_elements { bytes } else { 0 };
    };
    let mut reader = reader(text);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(_) => {
                open.last_mut().into_iter().for_each(|element| element.1 = true);
                open.push((0, false));
            }
            Event::Empty(_) => open.last_mut().into_iter().for_each(|element| element.1 = true),
            Event::End(_) => end(open.pop()),
            Event::Text(piece) => {
                let bytes = piece.trim_ascii().len() as u64;
                open.last_mut().into_iter().for_each(|element| element.0 += bytes);
            }
            Event::CData(piece) => {
                open.last_mut().into_iter().for_each(|element| element.0 += piece.len() as u64);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    open.into_iter().for_each(|element| end(Some(element)));
    mixed * 100 >= (all * MIXED_IN_PROSE).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_beside_elements_makes_prose() {
        assert!(is_prose("<r><p>um <b>dois</b> três</p><p>quatro</p></r>"));
        assert!(!is_prose("<r>\n <a>um</a>\n <b x='1'/>\n <c><![CDATA[x < y]]></c></r>"));
        assert!(!is_prose(""));
    }
}
