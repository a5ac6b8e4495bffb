//! How are data in XML read? Each leaf as a field with its name, under the name of the element that it lies in; elements that
//! follow each other under one name, with nothing but leaves in them, are a table.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};

use super::super::super::error::ReadError;
use super::super::super::limits::DocumentLimits;
use super::super::super::model::{Block, BlockKind, Cell, Table};
use super::super::gather::Gather;
use super::super::grid;
use super::super::inline::{Inline, Space};
use super::{Read, broken, declares_entities, reader, referred};

/// Bytes of leaves that wait for what comes after them; more are written as they are.
const MOST_HELD: usize = 4 << 20;
/// What a leaf takes beside its name and its text.
const LEAF_COST: usize = 64;
/// Columns of a table at most.
const MOST_COLUMNS: usize = 200;

/// Reads a document.
pub fn read(text: &str, limits: &DocumentLimits) -> Read {
    let mut reading = Reading {
        gather: Gather::new(limits),
        open: vec![Open::default()],
        depth: limits.xml_depth as usize,
        cells: limits.cells,
        held: 0,
        heading: None,
        has_any: false,
        has_entities: false,
    };
    let end = reading.run(text);
    while reading.open.len() > 1 {
        reading.end();
    }
    reading.write_all();
    Read { gather: reading.gather, has_any: reading.has_any, has_entities: reading.has_entities, end }
}

/// A name with what it says.
type Leaf = (String, String);

/// An element that is open.
#[derive(Default)]
struct Open {
    name: String,
    attributes: Vec<Leaf>,
    text: Inline,
    /// Leaves that are not written yet.
    leaves: Vec<Leaf>,
    /// Elements in it that had nothing but leaves, all of one name, that are not written yet.
    records: Vec<Vec<Leaf>>,
    record: String,
    /// Whether an element lies in it, and whether one does that is no leaf.
    has_elements: bool,
    has_inner: bool,
}

struct Reading {
    gather: Gather,
    /// The open elements; the first one is around all.
    open: Vec<Open>,
    depth: usize,
    cells: u64,
    held: usize,
    /// Under which element, by depth and name, the fields stand that were written last.
    heading: Option<(usize, String)>,
    has_any: bool,
    has_entities: bool,
}

impl Reading {
    fn run(&mut self, text: &str) -> Result<(), ReadError> {
        let mut reader = reader(text);
        while !self.gather.is_full() {
            let at = reader.buffer_position();
            let event = reader.read_event().map_err(|error| broken(at, &error.to_string()))?;
            match event {
                Event::Start(tag) => self.start(&tag, at)?,
                Event::Empty(tag) => {
                    self.start(&tag, at)?;
                    self.end();
                }
                Event::End(_) => self.end(),
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

    fn start(&mut self, tag: &BytesStart<'_>, at: u64) -> Result<(), ReadError> {
        if self.open.len() > self.depth {
            return Err(broken(at, &format!("its elements nest deeper than {}", self.depth)));
        }
        if let Some(outer) = self.open.last_mut() {
            outer.has_elements = true;
            // What it says itself stands before the first element in it.
            let own = outer.text.take().0;
            if !own.is_empty() {
                let name = outer.name.clone();
                self.leaf((name, own));
            }
        }
        let mut attributes = Vec::new();
        for attribute in tag.attributes().with_checks(false).flatten().take(MOST_COLUMNS) {
            let key = attribute.key;
            let prefix = key.prefix().map(|prefix| prefix.into_inner().to_vec()).unwrap_or_default();
            if key.as_ref() == b"xmlns" || prefix == b"xmlns" || prefix == b"xsi" {
                continue;
            }
            let raw = String::from_utf8_lossy(&attribute.value).into_owned();
            let value = quick_xml::escape::unescape(&raw).map_or_else(|_| raw.clone(), Cow::into_owned);
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            attributes.push((String::from_utf8_lossy(key.local_name().as_ref()).into_owned(), value));
        }
        let name = String::from_utf8_lossy(tag.local_name().as_ref()).into_owned();
        self.open.push(Open { name, attributes, ..Open::default() });
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let room = self.gather.room();
        let Some(element) = self.open.last_mut() else { return };
        if element.text.cost() > room {
            return self.gather.close();
        }
        element.text.push(text, Space::Collapse);
    }

    fn end(&mut self) {
        if self.open.len() < 2 {
            return;
        }
        let Some(element) = self.open.last_mut() else { return };
        let text = element.text.take().0;
        if !element.has_elements && (!text.is_empty() || element.attributes.len() < 2) {
            let Some(element) = self.open.pop() else { return };
            return self.end_leaf(element, &text);
        }
        if !text.is_empty() {
            let name = element.name.clone();
            self.leaf((name, text));
        }
        self.settle_attributes();
        let is_record =
            self.open.last().is_some_and(|element| !element.has_inner && !element.leaves.is_empty());
        if is_record {
            let Some(element) = self.open.pop() else { return };
            return self.record(element.name, element.leaves);
        }
        self.write_all();
        let Some(element) = self.open.pop() else { return };
        if element.has_elements
            && let Some(outer) = self.open.last_mut()
        {
            outer.has_inner |= element.has_inner;
        }
    }

    /// An element without elements in it: `xProd: Pão francês`, `preco: 10 (moeda: BRL)`.
    fn end_leaf(&mut self, element: Open, text: &str) {
        let mut said = text.to_owned();
        match element.attributes.as_slice() {
            [] => {}
            [(name, value)] if text.is_empty() => said = format!("{name}: {value}"),
            attributes => {
                let all: Vec<String> =
                    attributes.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                said = format!("{text} ({})", all.join(", "));
            }
        }
        if !said.is_empty() {
            self.leaf((element.name, said));
        }
    }

    /// Takes a leaf of the element that is open.
    fn leaf(&mut self, leaf: Leaf) {
        self.settle_attributes();
        self.hold(&leaf);
        if self.open.last().is_some_and(|element| element.has_inner) {
            self.write_all();
        }
        if let Some(element) = self.open.last_mut() {
            element.leaves.push(leaf);
        }
        if self.held > MOST_HELD {
            if let Some(element) = self.open.last_mut() {
                element.has_inner = true;
            }
            self.write_all();
        }
    }

    /// The attributes of an element with elements in it are its first leaves.
    fn settle_attributes(&mut self) {
        let attributes = self.open.last_mut().map(|element| std::mem::take(&mut element.attributes));
        for attribute in attributes.unwrap_or_default() {
            self.hold(&attribute);
            if let Some(element) = self.open.last_mut() {
                element.leaves.push(attribute);
            }
        }
    }

    /// Takes an element that has nothing but leaves.
    fn record(&mut self, name: String, leaves: Vec<Leaf>) {
        let goes_on = self.open.last().is_some_and(|outer| outer.record == name && !outer.records.is_empty());
        if !goes_on {
            // What stands before it is written first; this element itself is no leaf any more.
            self.settle_attributes();
            self.write_all();
        }
        if let Some(outer) = self.open.last_mut() {
            outer.has_inner = true;
            outer.record = name;
            outer.records.push(leaves);
        }
        if self.held > MOST_HELD {
            self.write_all();
        }
    }

    fn hold(&mut self, (name, text): &Leaf) {
        self.held = self.held.saturating_add(name.len() + text.len() + LEAF_COST);
    }

    /// Writes all that waits, of the outer elements first.
    fn write_all(&mut self) {
        self.held = 0;
        for depth in 0..self.open.len() {
            let Some(element) = self.open.get_mut(depth) else { return };
            // Whatever is open has elements in it: what waits of its attributes stands before them.
            let mut leaves = std::mem::take(&mut element.attributes);
            leaves.append(&mut element.leaves);
            let records = std::mem::take(&mut element.records);
            let (name, record) = (element.name.clone(), std::mem::take(&mut element.record));
            if !leaves.is_empty() {
                self.fields(depth, &name, leaves);
            }
            if !records.is_empty() {
                self.records(depth + 1, &record, records);
            }
        }
    }

    fn fields(&mut self, depth: usize, name: &str, leaves: Vec<Leaf>) {
        let place = (depth, name.to_owned());
        if depth > 0 && self.heading.as_ref() != Some(&place) {
            let level = u8::try_from(depth).unwrap_or(6).min(6);
            self.push(BlockKind::Heading { level }, name.to_owned());
            self.heading = Some(place);
        }
        for (name, text) in leaves {
            self.push(BlockKind::Field, format!("{name}: {text}"));
        }
    }

    fn records(&mut self, depth: usize, name: &str, records: Vec<Vec<Leaf>>) {
        // Each of them has a heading of its own, though the one before it had the same name.
        self.heading = None;
        if let Some(columns) = columns(&records) {
            return self.table(name, &columns, records);
        }
        for leaves in records {
            self.heading = None;
            self.fields(depth, name, leaves);
        }
    }

    fn table(&mut self, name: &str, columns: &[String], records: Vec<Vec<Leaf>>) {
        let cells = (records.len() as u64 + 1) * columns.len() as u64;
        let Some(left) = self.cells.checked_sub(cells) else { return self.gather.close() };
        self.cells = left;
        let header = |(column, name): (u32, &String)| Cell {
            column,
            header: true,
            text: name.clone(),
            ..Cell::default()
        };
        let mut cells: Vec<Cell> = (0..).zip(columns).map(header).collect();
        for (row, leaves) in (1..).zip(records) {
            for (name, text) in leaves {
                let column =
                    columns.iter().position(|known| *known == name).and_then(|at| u32::try_from(at).ok());
                cells.extend(column.map(|column| Cell { row, column, text, ..Cell::default() }));
            }
        }
        let mut table = Table { cells, caption: Some(name.to_owned()), ..Table::default() };
        grid::tidy(&mut table);
        let text = grid::lines(&table).0;
        self.push(BlockKind::Table(table), text);
    }

    fn push(&mut self, kind: BlockKind, text: String) {
        self.has_any = true;
        self.gather.push(Block { kind, text, ..Block::default() });
    }
}

/// The columns of the table that records make: at least two of them, each leaf at most once in each, and most of them in all.
fn columns(records: &[Vec<Leaf>]) -> Option<Vec<String>> {
    if records.len() < 2 {
        return None;
    }
    let mut columns: Vec<String> = Vec::new();
    for leaves in records {
        if leaves.len() > MOST_COLUMNS {
            return None;
        }
        for (at, (name, _)) in leaves.iter().enumerate() {
            if leaves.iter().take(at).any(|(other, _)| other == name) {
                return None;
            }
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        if columns.len() > MOST_COLUMNS {
            return None;
        }
    }
    let filled: usize = records.iter().map(Vec::len).sum();
    (filled * 2 >= columns.len() * records.len()).then_some(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(text: &str) -> Vec<String> {
        let read = read(text, &DocumentLimits::default());
        let shown = |block: Block| match block.kind {
            BlockKind::Heading { level } => format!("{} {}", "#".repeat(level.into()), block.text),
            BlockKind::Table(table) => format!("[{}] {}", table.caption.unwrap_or_default(), block.text),
            _ => block.text,
        };
        read.gather.finish().0.into_iter().map(shown).collect()
    }

    #[test]
    fn leaves_are_fields_under_the_element_that_they_lie_in() {
        let note = "<nf versao='4.00' xmlns='x'><ide><n>123</n><dh>10h</dh></ide><emit><xNome>Padaria &amp; Cia</xNome></emit>\
                    <preco moeda='BRL'>10</preco></nf>";
        let wanted = [
            "# nf",
            "versao: 4.00",
            "## ide",
            "n: 123",
            "dh: 10h",
            "## emit",
            "xNome: Padaria & Cia",
            "# nf",
            "preco: 10 (moeda: BRL)",
        ];
        assert_eq!(blocks(note), wanted);
    }

    #[test]
    fn elements_with_the_same_leaves_are_a_table() {
        let list = "<c><a nome='Ana' cpf='1'/><a nome='João' cpf='2'/><p><x>1</x><y>2</y></p><p><x>3</x><y>4</y></p></c>";
        assert_eq!(blocks(list), ["[a] nome\tcpf\nAna\t1\nJoão\t2", "[p] x\ty\n1\t2\n3\t4"]);
    }

    #[test]
    fn leaves_that_come_twice_are_no_columns() {
        let list = "<c><a><t>1</t><t>2</t></a><a><t>3</t></a></c>";
        assert_eq!(blocks(list), ["## a", "t: 1", "t: 2", "## a", "t: 3"]);
    }

    #[test]
    fn many_leaves_are_written_as_they_come_and_nothing_is_lost() {
        let many = format!("<r>{}</r>", "<a>1</a>".repeat(200_000));
        assert_eq!(blocks(&many).len(), 200_001);
    }

    #[test]
    fn elements_that_nest_too_deep_end_the_reading() {
        let read = read(&format!("<r><t>first</t>{}", "<a>".repeat(100_000)), &DocumentLimits::default());
        assert!(read.has_any && read.end.is_err_and(|error| error.message.contains("deeper")));
    }
}
