//! How do the pieces of an RTF become blocks?

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::super::super::error::ReadError;
use super::super::super::model::{BlockKind, Metadata};
use super::super::compound::code_page;
use super::super::labels::{Counting, Label};
use super::super::lines::{Line, Look, picture, plain};
use super::super::story::Story;
use super::super::word::docx::fields;
use super::super::word::role::Role;
use super::super::word::symbols;
use super::rows::Rows;
use super::state::{Destination, Paragraph, State, of_character_set};
use super::tokens::Token;
use super::words;

/// How deep groups may stand in groups; what is deeper is left out.
const DEEPEST: usize = 500;
/// How many characters of names and instructions are kept.
const LONGEST_NAME: usize = 4_096;

/// What a group that stands beside the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aside {
    Header,
    Footer,
    Footnote,
    Endnote,
    Comment,
    Box,
}

/// The text of a group beside, while it is read.
#[derive(Debug)]
struct Beside {
    aside: Aside,
    depth: usize,
    lines: Vec<String>,
    line: Line,
    paragraph: Paragraph,
}

/// A document that is being read.
pub struct Reader<'o, 'a> {
    story: Story<'o, 'a>,
    states: Vec<State>,
    /// How many groups are open that are too deep to be read.
    too_deep: usize,
    /// Bytes whose characters are still to be found.
    pending: Vec<u8>,
    /// Half of a character beyond the first 65,536.
    half: Option<u16>,
    /// How many substitutes are still to be passed over.
    skip: u32,
    line: Line,
    paragraph: Paragraph,
    label: Option<String>,
    name: String,
    property: String,
    link: Option<Rc<str>>,
    commenter: String,
    fonts: HashMap<i32, (u32, Option<Rc<str>>)>,
    styles: HashMap<i32, Role>,
    default_page: u32,
    rows: Rows,
    cell: Vec<String>,
    beside: Vec<Beside>,
    told: HashSet<String>,
    metadata: Metadata,
    has_page_number: bool,
    picture: Option<String>,
}

impl<'o, 'a> Reader<'o, 'a> {
    pub fn new(story: Story<'o, 'a>) -> Self {
        let state = State {
            destination: Destination::Body,
            look: Look::default(),
            is_hidden: false,
            encoding: code_page(1252),
            symbols: None,
            substitutes: 1,
            number: 0,
        };
        Self {
            story,
            states: vec![state],
            too_deep: 0,
            pending: Vec::new(),
            half: None,
            skip: 0,
            line: Line::default(),
            paragraph: Paragraph::default(),
            label: None,
            name: String::new(),
            property: String::new(),
            link: None,
            commenter: String::new(),
            fonts: HashMap::new(),
            styles: HashMap::new(),
            default_page: 1252,
            rows: Rows::default(),
            cell: Vec::new(),
            beside: Vec::new(),
            told: HashSet::new(),
            metadata: Metadata::default(),
            has_page_number: false,
            picture: None,
        }
    }

    pub fn is_done(&self) -> bool {
        self.story.is_done()
    }

    /// The last page, and what the document says of itself.
    pub fn finish(mut self) -> Result<Metadata, ReadError> {
        self.flush();
        self.end_paragraph()?;
        self.end_table();
        self.metadata.pages = Some(self.story.finish()?);
        Ok(self.metadata)
    }

    fn state(&mut self) -> &mut State {
        let last = self.states.len().saturating_sub(1);
        &mut self.states[last]
    }

    /// The next piece.
    pub fn token(&mut self, token: Token<'_>) -> Result<(), ReadError> {
        match token {
            Token::Byte(byte) if self.skip > 0 => {
                let _ = byte;
                self.skip -= 1;
            }
            Token::Byte(byte) => self.pending.push(byte),
            Token::Text(bytes) => {
                let skipped = bytes.len().min(self.skip as usize);
                self.skip -= u32::try_from(skipped).unwrap_or_default();
                self.pending.extend_from_slice(bytes.get(skipped..).unwrap_or_default());
            }
            other => {
                self.flush();
                match other {
                    Token::Open => self.open(),
                    Token::Close => self.close()?,
                    Token::Word(word, number) if self.too_deep == 0 => self.word(word, number)?,
                    Token::Symbol(symbol) if self.too_deep == 0 => self.symbol(symbol),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Finds the characters of the bytes so far.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.pending);
        let state = self.state();
        let text = match &state.symbols {
            Some(font) => {
                bytes.iter().filter_map(|byte| symbols::shown(font, u32::from(*byte))).collect::<String>()
            }
            None => state.encoding.decode_without_bom_handling(&bytes).0.into_owned(),
        };
        self.push(&text);
    }

    fn push(&mut self, text: &str) {
        if self.too_deep > 0 {
            return;
        }
        let state = self.state();
        let (destination, is_hidden) = (state.destination, state.is_hidden);
        match destination {
            Destination::Body if is_hidden => {}
            Destination::Body => {
                let mut look = self.state().look.clone();
                look.link = self.link.clone();
                self.line.push(text, &look);
            }
            Destination::Nowhere => {}
            _ if self.name.len() + text.len() <= LONGEST_NAME => self.name.push_str(text),
            _ => {}
        }
    }

    fn open(&mut self) {
        self.skip = 0;
        if self.states.len() >= DEEPEST || self.too_deep > 0 {
            self.too_deep += 1;
            return;
        }
        let state = self.state().clone();
        self.states.push(state);
    }

    fn close(&mut self) -> Result<(), ReadError> {
        self.skip = 0;
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return Ok(());
        }
        if self.states.len() <= 1 {
            return Ok(());
        }
        let depth = self.states.len();
        while self.beside.last().is_some_and(|it| it.depth == depth) {
            self.end_beside()?;
        }
        let state = self.states.pop();
        let outer = self.state().destination;
        // Each font and each style has a group of its own within that of all of them.
        let is_entry = |it: &State| matches!(it.destination, Destination::Fonts | Destination::Styles);
        if let Some(state) = state.filter(|it| it.destination != outer || is_entry(it)) {
            self.end_destination(&state);
        }
        Ok(())
    }

    /// Takes the text that a group gathered.
    fn end_destination(&mut self, state: &State) {
        if matches!(state.destination, Destination::Body | Destination::Nowhere) {
            return;
        }
        let name = std::mem::take(&mut self.name);
        let text = name.trim().trim_end_matches(';').trim().to_owned();
        match state.destination {
            Destination::Title => self.metadata.title = Some(text).filter(|it| !it.is_empty()),
            Destination::Subject => self.metadata.subject = Some(text).filter(|it| !it.is_empty()),
            Destination::Author => self.metadata.authors.extend(Some(text).filter(|it| !it.is_empty())),
            Destination::Keywords => {
                let words = text.split([',', ';']).map(|it| it.trim().to_owned());
                self.metadata.keywords.extend(words.filter(|it| !it.is_empty()));
            }
            Destination::Fonts => self.name_font(state.number, &text),
            Destination::Styles if text.is_empty() => {}
            Destination::Styles => {
                self.styles.insert(state.number, Role::of(&text));
            }
            Destination::Instruction => {
                self.has_page_number |= fields::is_page_number(&text);
                self.link = fields::link(&text);
            }
            Destination::Label => self.label = Some(text),
            Destination::PropertyName => self.property = text,
            Destination::PropertyValue if self.property == "wzDescription" => self.picture = Some(text),
            Destination::Commenter => self.commenter = text,
            _ => {}
        }
    }

    fn name_font(&mut self, number: i32, name: &str) {
        let lower = name.to_lowercase();
        if lower.starts_with("symbol") || lower.starts_with("wingdings") {
            self.fonts.entry(number).or_insert((1252, None)).1 = Some(Rc::from(name));
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'\\' | b'{' | b'}' => self.push(&char::from(symbol).to_string()),
            b'~' => self.push("\u{a0}"),
            b'_' => self.push("-"),
            // What follows may be passed over by those who do not know it. What is known here says so itself.
            b'*' => self.state().number = -1,
            b'\n' | b'\r' => {
                let _ = self.end_paragraph();
            }
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>) -> Result<(), ReadError> {
        if let Some(character) = words::character(word) {
            self.push(character);
            return Ok(());
        }
        let is_on = number != Some(0);
        match word {
            "u" => self.unicode(number.unwrap_or_default()),
            "uc" => self.state().substitutes = u32::try_from(number.unwrap_or(1)).unwrap_or(1).min(16),
            "par" => self.end_paragraph()?,
            "sect" => {
                self.end_paragraph()?;
                self.end_table();
            }
            "page" if self.beside.is_empty() => {
                self.end_paragraph()?;
                self.end_table();
                self.story.break_page()?;
            }
            "b" => self.state().look.strong = is_on,
            "i" => self.state().look.emphasis = is_on,
            "strike" | "striked" => self.state().look.strike = is_on,
            "v" => self.state().is_hidden = is_on,
            "deleted" => self.state().is_hidden = is_on,
            "plain" => {
                let page = self.default_page;
                let state = self.state();
                state.look = Look::default();
                state.is_hidden = false;
                state.symbols = None;
                state.encoding = code_page(page);
            }
            "f" => self.font(number.unwrap_or_default()),
            "fcharset" if self.state().destination == Destination::Fonts => {
                if let (font, Some(page)) =
                    (self.state().number, of_character_set(number.unwrap_or_default()))
                {
                    self.fonts.entry(font).or_insert((page, None)).0 = page;
                }
            }
            "ansicpg" | "mac" | "pc" | "pca" => {
                let page = match word {
                    "mac" => 10000,
                    "pc" | "pca" => 850,
                    _ => u32::try_from(number.unwrap_or(1252)).unwrap_or(1252),
                };
                self.default_page = page;
                self.state().encoding = code_page(page);
            }
            _ => self.paragraph_word(word, number)?,
        }
        Ok(())
    }

    fn font(&mut self, font: i32) {
        if self.state().destination == Destination::Fonts {
            self.state().number = font;
            return;
        }
        let default = (self.default_page, None);
        let (page, symbols) = self.fonts.get(&font).cloned().unwrap_or(default);
        let state = self.state();
        state.encoding = code_page(page);
        state.symbols = symbols;
    }

    fn unicode(&mut self, number: i32) {
        self.skip = self.state().substitutes;
        let Ok(unit) = u16::try_from(number.rem_euclid(0x1_0000)) else { return };
        let pair = self.half.take().map_or_else(|| vec![unit], |half| vec![half, unit]);
        if pair.len() == 1 && (0xd800..0xdc00).contains(&unit) {
            self.half = Some(unit);
            return;
        }
        let mut text: String = char::decode_utf16(pair).filter_map(Result::ok).collect();
        if let (Some(font), 0xf000..=0xf0ff) = (self.state().symbols.clone(), unit) {
            text = symbols::shown(&font, u32::from(unit)).map(String::from).unwrap_or_default();
        }
        self.push(&text);
    }

    fn paragraph_word(&mut self, word: &str, number: Option<i32>) -> Result<(), ReadError> {
        let value = number.unwrap_or_default();
        match word {
            "pard" => self.paragraph = Paragraph::default(),
            "s" if self.state().destination == Destination::Styles => self.state().number = value,
            "s" => self.paragraph.style = value,
            "outlinelevel" => self.paragraph.outline = u8::try_from(value).ok().filter(|it| *it < 9),
            "ls" => self.paragraph.is_in_list = value > 0,
            "ilvl" => self.paragraph.level = u8::try_from(value).unwrap_or_default().min(8),
            "intbl" => self.paragraph.is_in_table = true,
            "itap" => self.paragraph.nesting = value,
            "pagebb" => self.paragraph.breaks_page = value != 0 || number.is_none(),
            "trowd" => self.rows.define(),
            "trhdr" => self.rows.head(),
            "clmrg" => self.rows.next().merges_left = true,
            "clvmrg" => self.rows.next().merges_up = true,
            "cellx" => self.rows.edge(value),
            "cell" => self.end_cell(),
            "row" => self.rows.end_row(),
            "nestcell" => self.line.push("\t", &Look::default()),
            "nestrow" => self.end_paragraph()?,
            "chpgn" => self.has_page_number = true,
            "pict" => {
                self.state().destination = Destination::Nowhere;
                let text = self.picture.take().unwrap_or_default();
                if self.beside.is_empty() && !self.paragraph.is_in_table {
                    self.story.push(picture(&text));
                }
            }
            _ => self.group_word(word),
        }
        Ok(())
    }

    /// A word that tells where the text of its group goes.
    fn group_word(&mut self, word: &str) {
        let destination = match word {
            "fonttbl" => Destination::Fonts,
            "stylesheet" => Destination::Styles,
            "title" => Destination::Title,
            "subject" => Destination::Subject,
            "author" => Destination::Author,
            "keywords" => Destination::Keywords,
            "fldinst" => Destination::Instruction,
            "listtext" | "pntext" => Destination::Label,
            "sn" => Destination::PropertyName,
            "sv" => Destination::PropertyValue,
            "atnauthor" => Destination::Commenter,
            "field" => {
                self.link = None;
                return;
            }
            "shpinst" | "shptxt" | "shppict" | "fldrslt" | "picprop" | "shpgrp" => {
                self.state().number = 0;
                if word == "shptxt" {
                    self.begin_beside(Aside::Box);
                }
                return;
            }
            "header" | "headerl" | "headerr" | "headerf" => return self.begin_beside(Aside::Header),
            "footer" | "footerl" | "footerr" | "footerf" => return self.begin_beside(Aside::Footer),
            "footnote" => return self.begin_beside(Aside::Footnote),
            "ftnalt" => {
                if let Some(beside) = self.beside.last_mut() {
                    beside.aside = Aside::Endnote;
                }
                return;
            }
            "annotation" => return self.begin_beside(Aside::Comment),
            "info" | "upr" | "ud" => return,
            word if words::is_nowhere(word) => Destination::Nowhere,
            // A group that begins with a star and a word that is not known here is passed over.
            _ if self.state().number == -1 && self.state().destination == Destination::Body => {
                Destination::Nowhere
            }
            _ => return,
        };
        self.name.clear();
        let state = self.state();
        state.destination = destination;
        state.number = 0;
    }

    fn begin_beside(&mut self, aside: Aside) {
        if self.state().destination != Destination::Body || self.beside.len() >= 16 {
            self.state().destination = Destination::Nowhere;
            return;
        }
        self.state().number = 0;
        self.state().look = Look::default();
        self.has_page_number &= !matches!(aside, Aside::Header | Aside::Footer);
        let beside = Beside {
            aside,
            depth: self.states.len(),
            lines: Vec::new(),
            line: std::mem::take(&mut self.line),
            paragraph: std::mem::take(&mut self.paragraph),
        };
        self.beside.push(beside);
    }

    fn end_beside(&mut self) -> Result<(), ReadError> {
        self.end_paragraph()?;
        let Some(beside) = self.beside.pop() else { return Ok(()) };
        self.line = beside.line;
        self.paragraph = beside.paragraph;
        let text = beside.lines.join("\n");
        let words = text.split_whitespace().filter(|it| it.chars().any(char::is_alphabetic)).count();
        if text.trim().is_empty() {
            return Ok(());
        }
        match beside.aside {
            Aside::Header | Aside::Footer => {
                let is_number = std::mem::take(&mut self.has_page_number) && words <= 2;
                if !is_number && self.told.insert(text.clone()) {
                    if beside.aside == Aside::Header {
                        self.story.push(plain(BlockKind::Header, &text));
                    } else {
                        self.story.footer(plain(BlockKind::Footer, &text));
                    }
                }
            }
            Aside::Footnote => self.story.note(plain(BlockKind::Footnote, &text)),
            Aside::Endnote => self.story.end_note(plain(BlockKind::Footnote, &text)),
            Aside::Comment => {
                let author = std::mem::take(&mut self.commenter);
                let text = if author.is_empty() { text } else { format!("{author}: {text}") };
                self.story.note(plain(BlockKind::Comment, &text));
            }
            Aside::Box if self.paragraph.is_in_table => self.cell.push(text),
            Aside::Box => self.story.push(plain(BlockKind::Paragraph, &text)),
        }
        Ok(())
    }

    fn end_cell(&mut self) {
        let line = std::mem::take(&mut self.line);
        let last = self.labelled(line).map(|(_, line)| line.block(BlockKind::Paragraph).text);
        self.cell.extend(last);
        let text = std::mem::take(&mut self.cell).join("\n");
        if self.story.out.cell_fits() && self.story.out.text_fits(text.len()) {
            self.rows.end_cell(text);
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

    /// A line with the label of its item, and the kind of block that it makes; none if it is blank.
    fn labelled(&mut self, line: Line) -> Option<(Option<BlockKind>, Line)> {
        let label = self.label.take();
        if line.is_blank() {
            return None;
        }
        let Some(label) = label else { return Some((None, line)) };
        let label = label_of(&label, self.paragraph.level);
        let (kind, said) = label.item();
        let mut labelled = Line::default();
        if !said.is_empty() {
            labelled.push(&format!("{said} "), &Look::default());
        }
        labelled.append(&line);
        Some((Some(kind), labelled))
    }

    fn end_paragraph(&mut self) -> Result<(), ReadError> {
        let line = std::mem::take(&mut self.line);
        let Some((kind, line)) = self.labelled(line) else {
            if !self.paragraph.is_in_table && self.paragraph.nesting == 0 && self.beside.is_empty() {
                self.end_table();
            }
            return Ok(());
        };
        if let Some(beside) = self.beside.last_mut() {
            beside.lines.push(line.block(BlockKind::Paragraph).text);
            return Ok(());
        }
        if self.paragraph.is_in_table || self.paragraph.nesting > 0 {
            self.cell.push(line.block(BlockKind::Paragraph).text);
            return Ok(());
        }
        self.end_table();
        if self.paragraph.breaks_page {
            self.story.break_page()?;
        }
        let role = match self.paragraph.outline {
            Some(level) => Role::Heading(level + 1),
            None => self.styles.get(&self.paragraph.style).copied().unwrap_or_default(),
        };
        let kind = match (role, kind) {
            (Role::Body, Some(kind)) => kind,
            (role, _) => role.kind(),
        };
        self.story.push(line.block(kind));
        Ok(())
    }
}

/// A label by what it shows: a mark, or a number.
fn label_of(shown: &str, level: u8) -> Label {
    let shown = shown.trim().to_owned();
    let mut characters = shown.chars();
    let is_mark = shown.is_empty()
        || (shown.chars().count() == 1
            && characters.next().is_some_and(|it| !it.is_alphanumeric() || it == 'o'));
    if is_mark {
        return Label { level, counting: Counting::Bullet, number: 0, shown };
    }
    let digits = shown.trim_matches(|it: char| !it.is_ascii_digit());
    let number = digits.parse::<u32>().ok();
    Label { level, counting: Counting::Decimal, number: number.unwrap_or_default(), shown }
}
