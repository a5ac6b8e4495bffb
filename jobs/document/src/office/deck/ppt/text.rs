//! What do the texts of a PPT say?

use super::super::super::super::model::{Block, BlockKind};
use super::super::super::compound::{code_page, utf16};
use super::super::super::lines::plain;
use super::records::Record;

/// A text of a slide with its kind (MS-PPT, TextTypeEnum).
#[derive(Debug, Clone)]
pub struct Text {
    pub kind: u32,
    pub text: String,
}

impl Text {
    /// The characters of an atom of text.
    pub fn characters(record: &Record<'_>) -> Option<String> {
        match record.kind {
            4000 => Some(utf16(record.data)),
            4008 => Some(code_page(1252).decode_without_bom_handling(record.data).0.into_owned()),
            _ => None,
        }
    }

    /// Whether it is a title.
    pub fn is_title(&self) -> bool {
        matches!(self.kind, 0 | 6)
    }

    /// Its blocks: a title is one, of a body each paragraph is an item.
    pub fn blocks(&self) -> Vec<Block> {
        if self.is_title() {
            let text = self.text.replace(['\r', '\u{b}'], " ");
            return vec![plain(BlockKind::Heading { level: 1 }, &text)];
        }
        let kind = match self.kind {
            1 | 7 | 8 => BlockKind::ListItem { level: 0, number: None },
            _ => BlockKind::Paragraph,
        };
        let paragraphs = self.text.split('\r').map(|it| plain(kind.clone(), &it.replace('\u{b}', "\n")));
        paragraphs.filter(|it| !it.text.is_empty()).collect()
    }
}
