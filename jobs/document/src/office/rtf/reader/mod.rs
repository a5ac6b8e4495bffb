//! How do the pieces of an RTF become blocks?

mod control;
mod groups;
mod paragraphs;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::super::super::error::ReadError;
use super::super::super::model::Metadata;
use super::super::compound::code_page;
use super::super::lines::{Line, Look};
use super::super::story::Story;
use super::super::word::role::Role;
use super::super::word::symbols;
use super::rows::Rows;
use super::state::{Destination, Paragraph, State};
use super::tokens::Token;

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
    commenter: String,
    fonts: HashMap<i32, (u32, Option<Rc<str>>)>,
    styles: HashMap<i32, Role>,
    /// The level of the style that is being told.
    style_outline: Option<u8>,
    default_page: u32,
    rows: Rows,
    cell: Vec<String>,
    beside: Vec<Beside>,
    told: HashSet<String>,
    metadata: Metadata,
    has_page_number: bool,
    picture: Option<String>,
    /// Notes that were referred to, and the label of the last one until its text comes.
    notes: u32,
    label_of_note: Option<String>,
}

impl<'o, 'a> Reader<'o, 'a> {
    pub fn new(story: Story<'o, 'a>) -> Self {
        let state = State {
            destination: Destination::Body,
            look: Look::default(),
            link: None,
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
            commenter: String::new(),
            fonts: HashMap::new(),
            styles: HashMap::new(),
            style_outline: None,
            default_page: 1252,
            rows: Rows::default(),
            cell: Vec::new(),
            beside: Vec::new(),
            told: HashSet::new(),
            metadata: Metadata::default(),
            has_page_number: false,
            picture: None,
            notes: 0,
            label_of_note: None,
        }
    }

    pub fn is_done(&self) -> bool {
        self.story.is_done()
    }

    /// The last page, and what the document says of itself.
    pub fn finish(mut self) -> Result<Metadata, ReadError> {
        self.flush();
        while !self.beside.is_empty() {
            self.end_beside()?;
        }
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
            Token::Byte(_) if self.skip > 0 => self.skip -= 1,
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
                    Token::Symbol(symbol) if self.too_deep == 0 => self.symbol(symbol)?,
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
                let state = self.state();
                let look = Look { link: state.link.clone(), ..state.look.clone() };
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
        // Each font and each style is a group of its own in their table.
        let is_entry = |it: &State| matches!(it.destination, Destination::Fonts | Destination::Styles);
        if let Some(state) = state.filter(|it| it.destination != outer || is_entry(it)) {
            self.end_destination(&state);
        }
        Ok(())
    }
}
