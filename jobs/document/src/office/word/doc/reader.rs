//! How do the characters of a DOC become blocks?

use super::super::super::super::error::ReadError;
use super::super::super::super::model::BlockKind;
use super::super::super::compound::Bytes;
use super::super::super::lines::{Line, Look, picture, plain};
use super::super::super::output::Output;
use super::super::super::rtf::rows::{Layout, Rows};
use super::super::super::story::Story;
use super::super::docx::{Lists, fields::Fields};
use super::super::role::Role;
use super::super::symbols;
use super::header::{Header, Part};
use super::lists::lists;
use super::pieces::Pieces;
use super::properties::{Character, Paragraph, Ranges, character};
use super::styles::Styles;

/// What the text of a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Beside,
}

/// Reads the parts of the text; how many pages there were.
pub fn read(main: &[u8], table: &[u8], header: &Header, output: &mut Output<'_>) -> Result<u32, ReadError> {
    let pieces = Pieces::of(header.part(Part::Pieces, table))
        .ok_or_else(|| ReadError::malformed("the table of the text's pieces is broken"))?;
    let mut reader = Reader {
        main,
        pieces,
        paragraphs: Ranges::of(header.part(Part::ParagraphPages, table), main, true),
        characters: Ranges::of(header.part(Part::CharacterPages, table), main, false),
        styles: Styles::of(header.part(Part::Styles, table)).unwrap_or_default(),
        lists: lists(header.from(Part::Lists, table), header.part(Part::ListUses, table)),
        story: Story::new(output),
        fields: Fields::default(),
        line: Line::default(),
        rows: Rows::default(),
        cell: Vec::new(),
        beside: Vec::new(),
        known: None,
    };
    let lengths = header.lengths;
    let footnotes = lengths.text;
    let headers = footnotes + lengths.footnotes;
    let comments = headers + lengths.headers + lengths.macros;
    let endnotes = comments + lengths.comments;
    let boxes = endnotes + lengths.endnotes;
    let stories = header_stories(header.part(Part::Headers, table));
    let (above, below): (Vec<_>, Vec<_>) = stories.into_iter().partition(|(is_header, _, _)| *is_header);
    reader.furniture(&above, headers, lengths.headers, &BlockKind::Header)?;
    reader.part(0, lengths.text, Kind::Text)?;
    reader.end_table();
    reader.notes(boxes, lengths.boxes, '\r', &BlockKind::Paragraph)?;
    reader.notes(footnotes, lengths.footnotes, '\u{2}', &BlockKind::Footnote)?;
    reader.notes(comments, lengths.comments, '\u{5}', &BlockKind::Comment)?;
    reader.notes(endnotes, lengths.endnotes, '\u{2}', &BlockKind::Footnote)?;
    reader.furniture(&below, headers, lengths.headers, &BlockKind::Footer)?;
    reader.story.finish()
}

/// The texts above and below pages: what each is, and its characters (MS-DOC, 2.3.3). The first six are lines above notes.
fn header_stories(table: &[u8]) -> Vec<(bool, usize, usize)> {
    let count = (table.len() / 4).saturating_sub(2).min(600);
    let stories = (6..count).filter_map(|place| {
        let (from, to) = (table.u32_at(place * 4)? as usize, table.u32_at(place * 4 + 4)? as usize);
        let is_header = matches!((place - 6) % 6, 0 | 1 | 4);
        (from < to).then_some((is_header, from, to))
    });
    stories.collect()
}

struct Reader<'m, 'o, 'a> {
    main: &'m [u8],
    pieces: Pieces,
    paragraphs: Ranges<'m>,
    characters: Ranges<'m>,
    styles: Styles,
    lists: Lists,
    story: Story<'o, 'a>,
    fields: Fields,
    line: Line,
    rows: Rows,
    cell: Vec<String>,
    /// The paragraphs of a part beside the text.
    beside: Vec<String>,
    /// The properties that were read last, by where they lie.
    known: Option<(usize, Character)>,
}

impl Reader<'_, '_, '_> {
    /// Reads the characters of a part.
    fn part(&mut self, from: usize, length: usize, kind: Kind) -> Result<(), ReadError> {
        let pieces = std::mem::take(&mut self.pieces);
        let main = self.main;
        let mut result = Ok(());
        pieces.walk(main, from, from.saturating_add(length), |character, place| {
            result = self.character(character, place, kind);
            result.is_ok() && !self.story.is_done()
        });
        self.pieces = pieces;
        result?;
        let rest = std::mem::take(&mut self.line);
        if !rest.is_blank() {
            self.give(rest, &Paragraph::default(), Role::Body, kind)?;
        }
        self.fields = Fields::default();
        Ok(())
    }

    /// Notes, each of which begins with `mark` or, for text boxes, ends as paragraphs do.
    fn notes(&mut self, from: usize, length: usize, mark: char, kind: &BlockKind) -> Result<(), ReadError> {
        self.part(from, length, Kind::Beside)?;
        let paragraphs = std::mem::take(&mut self.beside);
        let mut notes: Vec<String> = Vec::new();
        for paragraph in paragraphs {
            let text = paragraph.trim_start_matches(MARK).trim();
            match notes.last_mut().filter(|_| mark != '\r' && !paragraph.starts_with(MARK)) {
                Some(last) if !text.is_empty() => {
                    last.push('\n');
                    last.push_str(text);
                }
                Some(_) => {}
                None => notes.push(text.to_owned()),
            }
        }
        for note in notes.into_iter().filter(|it| !it.trim().is_empty()) {
            let block = plain(kind.clone(), &note);
            match kind {
                BlockKind::Paragraph => self.story.push(block),
                _ => self.story.end_note(block),
            }
        }
        Ok(())
    }

    fn furniture(
        &mut self,
        stories: &[(bool, usize, usize)],
        start: usize,
        length: usize,
        kind: &BlockKind,
    ) -> Result<(), ReadError> {
        let mut told = std::collections::HashSet::new();
        for (_, from, to) in stories {
            if *to > length {
                continue;
            }
            self.part(start + from, to - from, Kind::Beside)?;
            let text = std::mem::take(&mut self.beside).join("\n");
            let words = text.split_whitespace().filter(|it| it.chars().any(char::is_alphabetic)).count();
            let is_number = words <= 2 && text.chars().any(|it| it.is_ascii_digit());
            if text.trim().is_empty() || is_number || !told.insert(text.clone()) {
                continue;
            }
            match kind {
                BlockKind::Header => self.story.push(plain(BlockKind::Header, &text)),
                _ => self.story.footer(plain(BlockKind::Footer, &text)),
            }
        }
        Ok(())
    }

    fn character(&mut self, character: char, place: usize, kind: Kind) -> Result<(), ReadError> {
        match character {
            '\r' | '\u{7}' | '\u{c}' => return self.end_paragraph(character, place, kind),
            '\u{13}' => self.fields.mark("begin"),
            '\u{14}' => self.fields.mark("separate"),
            '\u{15}' => self.fields.mark("end"),
            _ => {
                let properties = self.properties(place);
                self.show(character, &properties, kind);
            }
        }
        Ok(())
    }

    fn properties(&mut self, place: usize) -> Character {
        let bytes = self.characters.at(place).unwrap_or_default();
        let lies_at = bytes.as_ptr().addr();
        match &self.known {
            Some((known, properties)) if *known == lies_at && !bytes.is_empty() => properties.clone(),
            _ => {
                let properties = character(bytes);
                self.known = Some((lies_at, properties.clone()));
                properties
            }
        }
    }

    fn show(&mut self, character: char, properties: &Character, kind: Kind) {
        let mut look = properties.look.clone();
        look.link = self.fields.link();
        let text = match character {
            '\u{2}' | '\u{5}' if kind == Kind::Beside && self.line.is_blank() => MARK.to_string(),
            '\u{b}' => "\n".to_owned(),
            '\u{1e}' => "-".to_owned(),
            '\u{1}' if properties.is_special && kind == Kind::Text && self.fields.is_shown() => {
                self.story.push(picture(""));
                return;
            }
            '(' if properties.is_special && properties.symbol.is_some() => {
                let code = u32::from(properties.symbol.unwrap_or_default());
                symbols::shown("Symbol", code).map(String::from).unwrap_or_default()
            }
            '\0'..='\u{8}' | '\u{e}'..='\u{1f}' => return,
            other => other.to_string(),
        };
        if !self.fields.is_shown() {
            self.fields.instruct(&text);
        } else if !properties.is_hidden {
            self.line.push(&text, &look);
        }
    }

    fn end_paragraph(&mut self, mark: char, place: usize, kind: Kind) -> Result<(), ReadError> {
        let bytes = self.paragraphs.at(place).unwrap_or_default();
        let (mut paragraph, role) = self.styles.paragraph(bytes.u16_at(0).unwrap_or_default());
        paragraph.apply(bytes.get(2..).unwrap_or_default());
        let line = std::mem::take(&mut self.line);
        if kind == Kind::Text && (paragraph.is_in_table || mark == '\u{7}') {
            self.in_table(line, &paragraph, role, mark);
            return Ok(());
        }
        self.give(line, &paragraph, role, kind)?;
        if mark == '\u{c}' && kind == Kind::Text {
            self.end_table();
            self.story.break_page()?;
        }
        Ok(())
    }

    fn in_table(&mut self, line: Line, paragraph: &Paragraph, role: Role, mark: char) {
        if paragraph.ends_row {
            self.rows.define();
            for (right, merges_left, merges_up) in &paragraph.edges {
                *self.rows.next() = Layout { right: 0, merges_left: *merges_left, merges_up: *merges_up };
                self.rows.edge(*right);
            }
            self.rows.end_row();
            return;
        }
        if !line.is_blank() {
            let (kind, line) = self.labelled(line, paragraph, role);
            let text = line.block(BlockKind::Paragraph).text;
            self.cell.push(match kind {
                BlockKind::ListItem { number: Some(number), .. } => format!("{number}. {text}"),
                _ => text,
            });
        }
        if mark == '\u{7}' {
            let text = std::mem::take(&mut self.cell).join("\n");
            if self.story.out.cell_fits() && self.story.out.text_fits(text.len()) {
                self.rows.end_cell(text);
            }
        }
    }

    fn end_table(&mut self) {
        if !self.rows.is_open() {
            return;
        }
        match self.rows.finish() {
            Some(Ok(block)) => self.story.push(block),
            Some(Err(text)) => self.story.push(plain(BlockKind::Paragraph, &text)),
            None => {}
        }
    }

    fn labelled(&mut self, line: Line, paragraph: &Paragraph, role: Role) -> (BlockKind, Line) {
        let role = match (paragraph.outline, role) {
            (Some(level), Role::Body | Role::Heading(_)) if level < 9 => Role::Heading(level + 1),
            (_, role) => role,
        };
        let list = paragraph.list.filter(|it| *it != 0 && *it < 2_047).map(|it| it.to_string());
        let label =
            list.and_then(|list| self.lists.next(&list, Some(paragraph.level.unwrap_or_default()), None));
        let Some(label) = label else { return (role.kind(), line) };
        let (kind, said) = match role {
            Role::Heading(_) => (role.kind(), label.shown_number()),
            _ => label.item(),
        };
        let mut labelled = Line::default();
        if !said.is_empty() {
            labelled.push(&format!("{said} "), &Look::default());
        }
        labelled.append(&line);
        (kind, labelled)
    }

    fn give(&mut self, line: Line, paragraph: &Paragraph, role: Role, kind: Kind) -> Result<(), ReadError> {
        if kind == Kind::Beside {
            let text = line.block(BlockKind::Paragraph).text;
            if !text.is_empty() && self.story.out.text_fits(text.len()) {
                self.beside.push(text);
            }
            return Ok(());
        }
        self.end_table();
        if paragraph.breaks_page {
            self.story.break_page()?;
        }
        if !line.is_blank() {
            let (kind, line) = self.labelled(line, paragraph, role);
            self.story.push(line.block(kind));
        }
        Ok(())
    }
}

/// Stands where a note begins, until it is told apart.
const MARK: char = '\u{fdd0}';
