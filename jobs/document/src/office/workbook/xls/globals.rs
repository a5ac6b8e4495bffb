//! What do all sheets of an XLS share?

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::super::super::super::error::ReadError;
use super::super::super::compound::{Bytes, code_page};
use super::super::xlsx::styles::Styles;
use super::records::{Pieces, records, short_text};

/// A sheet as the workbook lists it.
#[derive(Debug)]
pub struct Listed {
    pub name: String,
    pub place: usize,
    pub hidden: Option<&'static str>,
}

/// What the first part of the stream tells.
#[derive(Debug)]
pub struct Globals {
    pub sheets: Vec<Listed>,
    pub strings: Vec<String>,
    pub styles: Styles,
    pub is_1904: bool,
    /// Of a workbook of Excel 5 or 95: the encoding of its texts.
    pub old: Option<&'static Encoding>,
}

impl Globals {
    /// Of the stream of a workbook.
    pub fn of(stream: &[u8]) -> Result<Self, ReadError> {
        let mut globals = Self {
            sheets: Vec::new(),
            strings: Vec::new(),
            styles: Styles::default(),
            is_1904: false,
            old: None,
        };
        let mut codes: HashMap<u32, String> = HashMap::new();
        let mut formats = Vec::new();
        let mut page = 1252;
        for (place, record) in records(stream).enumerate() {
            let data = record.data();
            match record.kind {
                0x0809 if place == 0 => match data.u16_at(0) {
                    Some(0x0600) => {}
                    Some(0x0500) => globals.old = Some(code_page(page)),
                    _ => return Err(ReadError::malformed("the workbook is older than Excel 5")),
                },
                _ if place == 0 => return Err(ReadError::malformed("the workbook does not begin as one")),
                0x0a => break,
                0x2f => return Err(ReadError::locked("the workbook is encrypted")),
                0x42 => {
                    page = u32::from(data.u16_at(0).unwrap_or(1252));
                    globals.old = globals.old.map(|_| code_page(page));
                }
                0x22 => globals.is_1904 = data.u16_at(0) == Some(1),
                0x041e => {
                    let width = if globals.old.is_some() { 1 } else { 2 };
                    let code = short_text(data, 2, width, globals.old);
                    codes.extend(data.u16_at(0).map(u32::from).zip(code));
                }
                0xe0 => formats.push(u32::from(data.u16_at(2).unwrap_or_default())),
                0x85 => globals.sheets.extend(listed(data, globals.old)),
                0xfc => globals.strings = strings(&record.pieces),
                _ => {}
            }
        }
        globals.styles = Styles::from_ids(formats.into_iter(), |id| codes.get(&id).map(String::as_str));
        Ok(globals)
    }
}

/// A sheet, unless it has no cells (a chart, a macro).
fn listed(data: &[u8], old: Option<&'static Encoding>) -> Option<Listed> {
    if !matches!(data.u8_at(5)?, 0 | 1) {
        return None;
    }
    let hidden = match data.u8_at(4)? & 3 {
        0 => None,
        1 => Some("hidden"),
        _ => Some("very hidden"),
    };
    Some(Listed { name: short_text(data, 6, 1, old)?, place: data.u32_at(0)? as usize, hidden })
}

fn strings(pieces: &[&[u8]]) -> Vec<String> {
    let mut reader = Pieces::new(pieces, 8);
    let mut strings = Vec::new();
    while let Some(text) = reader.rich_text() {
        strings.push(text);
    }
    strings
}
