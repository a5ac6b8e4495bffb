//! What do the control words of an RTF change?

use super::super::super::super::error::ReadError;
use super::super::super::super::script::Script;
use super::super::super::compound::code_page;
use super::super::super::lines::{Look, picture};
use super::super::super::word::symbols;
use super::super::state::{Destination, Paragraph, of_character_set};
use super::super::words;
use super::Reader;

impl Reader<'_, '_> {
    pub(super) fn symbol(&mut self, symbol: u8) -> Result<(), ReadError> {
        match symbol {
            b'\\' | b'{' | b'}' => self.push(&char::from(symbol).to_string()),
            b'~' => self.push("\u{a0}"),
            b'_' => self.push("-"),
            // What follows may be passed over by those who do not know it. What is known here says so itself.
            b'*' => self.state().number = -1,
            b'\n' | b'\r' => self.end_paragraph()?,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn word(&mut self, word: &str, number: Option<i32>) -> Result<(), ReadError> {
        let destination = self.state().destination;
        if destination == Destination::Nowhere {
            // The layout of an inner row is told where nothing is read; that the row ends is told there too.
            return if word == "nestrow" { self.end_paragraph() } else { Ok(()) };
        }
        if let Some(character) = words::character(word) {
            self.push(character);
            return Ok(());
        }
        let value = number.unwrap_or_default();
        match (word, destination) {
            ("u", _) => self.unicode(value),
            ("uc", _) => self.state().substitutes = u32::try_from(number.unwrap_or(1)).unwrap_or(1).min(16),
            ("f", _) => self.font(value),
            ("fcharset", Destination::Fonts) => {
                if let (font, Some(page)) = (self.state().number, of_character_set(value)) {
                    self.fonts.entry(font).or_insert((page, None)).0 = page;
                }
            }
            ("ansicpg" | "mac" | "pc" | "pca", _) => self.code_page(word, number),
            ("s", Destination::Styles) => self.state().number = value,
            ("outlinelevel", Destination::Styles) => {
                self.style_outline = u8::try_from(value).ok().filter(|it| *it < 9);
            }
            (_, Destination::Body) => {
                if !self.look_word(word, number) {
                    self.paragraph_word(word, number)?;
                }
            }
            _ => self.group_word(word),
        }
        Ok(())
    }

    pub(super) fn code_page(&mut self, word: &str, number: Option<i32>) {
        self.default_page = match word {
            "mac" => 10000,
            "pc" | "pca" => 850,
            _ => u32::try_from(number.unwrap_or(1252)).unwrap_or(1252),
        };
        let page = self.default_page;
        self.state().encoding = code_page(page);
    }

    /// A word that tells how characters look; no if it is another one.
    pub(super) fn look_word(&mut self, word: &str, number: Option<i32>) -> bool {
        let is_on = number != Some(0);
        let page = self.default_page;
        let state = self.state();
        match word {
            "b" => state.look.strong = is_on,
            "i" => state.look.emphasis = is_on,
            "strike" | "striked" => state.look.strike = is_on,
            "super" => state.look.script = is_on.then_some(Script::Raised),
            "sub" => state.look.script = is_on.then_some(Script::Lowered),
            "nosupersub" => state.look.script = None,
            "v" | "deleted" => state.is_hidden = is_on,
            "plain" => {
                state.look = Look::default();
                state.is_hidden = false;
                state.symbols = None;
                state.encoding = code_page(page);
            }
            _ => return false,
        }
        true
    }

    pub(super) fn font(&mut self, font: i32) {
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

    pub(super) fn unicode(&mut self, number: i32) {
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

    pub(super) fn paragraph_word(&mut self, word: &str, number: Option<i32>) -> Result<(), ReadError> {
        let value = number.unwrap_or_default();
        match word {
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
            "pard" => self.paragraph = Paragraph::default(),
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
            // Within a note it is the note's own sign.
            "chftn" if self.beside.is_empty() => {
                self.notes = self.notes.saturating_add(1);
                let (label, look) = (self.notes.to_string(), self.state().look.clone());
                self.line.note(&label, &look);
                self.label_of_note = Some(label);
            }
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
}
