//! How is prose in XML read? Its text, in order; what stands on the same line of a text stays together.

use quick_xml::events::Event;

use super::super::super::error::ReadError;
use super::super::super::limits::DocumentLimits;
use super::super::super::model::Block;
use super::super::gather::Gather;
use super::super::inline::{Inline, Space};
use super::{Read, broken, declares_entities, reader, referred};

/// Reads a document.
pub fn read(text: &str, limits: &DocumentLimits) -> Read {
    let mut reading = Reading::new(limits);
    let end = reading.run(text);
    reading.flush();
    Read { gather: reading.gather, has_any: reading.pushed, has_entities: reading.has_entities, end }
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
        let mut reader = reader(text);
        while !self.gather.is_full() {
            let at = reader.buffer_position();
            let event = reader.read_event().map_err(|error| broken(at, &error.to_string()))?;
            match event {
                Event::Start(_) => self.start(at)?,
                Event::End(_) => self.end(),
                Event::Empty(_) => self.boundary(),
                Event::Text(piece) => self.text(&String::from_utf8_lossy(&piece)),
                Event::CData(piece) => self.text(&String::from_utf8_lossy(&piece)),
                Event::GeneralRef(name) => self.text(&referred(&name)),
                Event::DocType(content) => self.has_entities |= declares_entities(&content),
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

    fn flush(&mut self) {
        let (text, spans) = self.inline.take();
        if !text.is_empty() {
            self.pushed = true;
            self.gather.push(Block { text, spans, ..Block::default() });
        }
    }
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
