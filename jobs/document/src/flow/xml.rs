//! How is XML of any vocabulary read? Its text, in order; what stands on the same line of a text stays together.
//!
//! No declaration of a type is followed and no entity but the five of XML is replaced, so that nothing can grow.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, Metadata, PageKind, Warning};
use super::super::sink::PageSink;
use super::charset::decode;
use super::gather::{self, Gather};
use super::html::declared;
use super::inline::{Inline, Space};

/// Reads a document of XML.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    let decoded = decode(bytes, declared(bytes).as_deref());
    if decoded.lossy {
        sink.warn(super::broken_letters(decoded.charset));
    }
    let mut reading = Reading::new(limits);
    let end = reading.run(&decoded.text);
    reading.flush();
    if let Err(error) = end {
        if reading.has_nothing() {
            return Err(error);
        }
        sink.warn(gather::truncation(&format!("the rest of the document is broken: {}", error.message)));
    }
    if reading.has_entities {
        let message = "the document declares entities of its own; they are shown by their names";
        sink.warn(Warning::new("entities_not_replaced", message));
    }
    gather::hand_over(PageKind::Page, None, reading.gather, sink)?;
    Ok(Metadata { pages: Some(1), ..Metadata::default() })
}

struct Reading {
    gather: Gather,
    inline: Inline,
    /// For each open element: whether it holds text of its own.
    open: Vec<bool>,
    depth: usize,
    has_entities: bool,
    pushed: bool,
}

impl Reading {
    fn new(limits: &DocumentLimits) -> Self {
        Self {
            gather: Gather::new(limits),
            inline: Inline::default(),
            open: Vec::new(),
            depth: limits.xml_depth as usize,
            has_entities: false,
            pushed: false,
        }
    }

    fn run(&mut self, text: &str) -> Result<(), ReadError> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        while !self.gather.is_full() {
            let at = reader.buffer_position();
            let event = reader.read_event().map_err(|error| broken(at, &error.to_string()))?;
            match event {
                Event::Start(_) => self.start(at)?,
                Event::End(_) => self.end(),
                Event::Empty(_) => self.boundary(),
                Event::Text(piece) => self.text(&String::from_utf8_lossy(&piece)),
                Event::CData(piece) => self.text(&String::from_utf8_lossy(&piece)),
                Event::GeneralRef(name) => self.reference(&name),
                Event::DocType(content) => {
                    self.has_entities |= memchr::memmem::find(&content, b"<!ENTITY").is_some();
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => return Ok(()),
            }
        }
        Ok(())
    }

    fn start(&mut self, at: u64) -> Result<(), ReadError> {
        if self.open.len() >= self.depth {
            return Err(broken(at, &format!("its elements nest deeper than {}", self.depth)));
        }
        self.boundary();
        self.open.push(false);
        Ok(())
    }

    fn end(&mut self) {
        self.boundary();
        self.open.pop();
    }

    /// A tag right in an element that has text of its own stands within that text; any other ends what was before it.
    fn boundary(&mut self) {
        if !self.open.last().is_some_and(|has_text| *has_text) {
            self.flush();
        }
    }

    fn text(&mut self, text: &str) {
        if !text.trim().is_empty()
            && let Some(has_text) = self.open.last_mut()
        {
            *has_text = true;
        }
        if self.inline.cost() > self.gather.room() {
            self.flush();
            self.gather.close();
            return;
        }
        self.inline.push(text, Space::Collapse);
    }

    fn reference(&mut self, name: &BytesRef<'_>) {
        if let Ok(Some(letter)) = name.resolve_char_ref() {
            self.text(letter.encode_utf8(&mut [0; 4]));
            return;
        }
        let name = String::from_utf8_lossy(name);
        match quick_xml::escape::resolve_xml_entity(&name) {
            Some(text) => self.text(text),
            None => self.text(&format!("&{name};")),
        }
    }

    fn flush(&mut self) {
        let (text, spans) = self.inline.take();
        if !text.is_empty() {
            self.pushed = true;
            self.gather.push(Block { text, spans, ..Block::default() });
        }
    }

    fn has_nothing(&self) -> bool {
        !self.pushed
    }
}

fn broken(at: u64, what: &str) -> ReadError {
    ReadError::malformed(format!("the XML is broken at byte {at}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> (Vec<String>, Reading, Result<(), ReadError>) {
        let mut reading = Reading::new(&DocumentLimits::default());
        let end = reading.run(text);
        reading.flush();
        let gather = std::mem::replace(&mut reading.gather, Gather::with_room(0));
        (gather.finish().0.into_iter().map(|block| block.text).collect(), reading, end)
    }

    #[test]
    fn elements_are_texts_and_what_stands_within_a_text_stays_in_it() {
        let (texts, ..) = read_all(
            "<r><a>um</a><a>dois</a><p><b>Três</b> e <i>quatro</i>.</p>\n<c><![CDATA[x < y]]> &amp; z</c></r>",
        );
        assert_eq!(texts, ["um", "dois", "Três e quatro.", "x < y & z"]);
    }

    #[test]
    fn entities_are_not_replaced() {
        let laughs = r#"<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b; &#233;</x>"#;
        let (texts, reading, _) = read_all(laughs);
        assert_eq!(texts, ["&b; é"]);
        assert!(reading.has_entities);
    }

    #[test]
    fn elements_that_nest_too_deep_end_the_reading() {
        let (texts, _, end) = read_all(&format!("<r><t>first</t>{}", "<a>".repeat(100_000)));
        assert_eq!(texts, ["first"]);
        assert!(end.unwrap_err().message.contains("deeper"));
    }

    #[test]
    fn what_was_read_before_a_broken_place_is_kept() {
        let (texts, _, end) = read_all("<r><t>first</t><t attr='");
        assert_eq!(texts, ["first"]);
        assert!(end.is_err());
    }
}
