//! What do the groups of an RTF hold?

use std::rc::Rc;

use super::super::super::super::error::ReadError;
use super::super::super::super::model::BlockKind;
use super::super::super::lines::{Look, note, plain};
use super::super::super::word::docx::fields;
use super::super::super::word::role::Role;
use super::super::state::{Destination, State};
use super::super::words;
use super::{Aside, Beside, Reader};

impl Reader<'_, '_> {
    /// Takes the text that a group gathered.
    pub(super) fn end_destination(&mut self, state: &State) {
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
            Destination::Styles => {
                let by_outline = self.style_outline.take().map(|level| Role::Heading(level + 1));
                let role = Role::of(&text);
                let role = if role == Role::Body { by_outline.unwrap_or_default() } else { role };
                self.styles.insert(state.number, role);
            }
            Destination::Instruction => {
                self.has_page_number |= fields::is_page_number(&text);
                // What is told here holds for the group around it, which is that of the field, and no longer.
                self.state().link = fields::link(&text);
            }
            Destination::Label => self.label = Some(text),
            Destination::PropertyName => self.property = text,
            Destination::PropertyValue if self.property == "wzDescription" => self.picture = Some(text),
            Destination::Commenter => self.commenter = text,
            _ => {}
        }
    }

    pub(super) fn name_font(&mut self, number: i32, name: &str) {
        let lower = name.to_lowercase();
        if lower.starts_with("symbol") || lower.starts_with("wingdings") {
            self.fonts.entry(number).or_insert((1252, None)).1 = Some(Rc::from(name));
        }
    }

    /// A word that tells where the text of its group goes.
    pub(super) fn group_word(&mut self, word: &str) {
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
                self.state().link = None;
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

    pub(super) fn begin_beside(&mut self, aside: Aside) {
        if self.state().destination != Destination::Body || self.beside.len() >= 16 {
            self.state().destination = Destination::Nowhere;
            return;
        }
        self.state().number = 0;
        self.state().look = Look::default();
        self.state().link = None;
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

    pub(super) fn end_beside(&mut self) -> Result<(), ReadError> {
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
            Aside::Footnote => self.story.note(note(self.label_of_note.take(), &text)),
            Aside::Endnote => self.story.end_note(note(self.label_of_note.take(), &text)),
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
}
