//! How is an XLSB read (MS-XLSB)?

use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::Metadata;
use super::super::compound::{Bytes, utf16};
use super::super::ooxml::{Package, Relations};
use super::super::output::Output;
use super::super::sheet::{Sheet, Stored, store::Area};
use super::binary::{error, short_number, truth};
use super::xlsx::styles::Styles;
use super::xlsx::{Listed, each_sheet, read_drawn};

/// The longest text of a cell.
const LONGEST_TEXT: usize = 32_767;

/// Reads the workbook at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let limits = output.limits;
    let mut package = Package::open(path, limits)?;
    let part = package.main_part("xl/workbook.bin", limits);
    let bytes =
        package.bytes(&part)?.ok_or_else(|| ReadError::malformed("the package has no workbook in it"))?;
    let relations = package.relations(&part, limits);
    let (sheets, is_1904) = workbook(&bytes, &relations);
    if sheets.is_empty() {
        return Err(ReadError::malformed("the workbook has no sheets"));
    }
    let mut metadata = package.metadata(output);
    metadata.pages = u32::try_from(sheets.len()).ok();
    let mut of_kind = |kind: &str| {
        let part = relations.values().find(|it| it.kind == kind).map(|it| it.target.clone());
        part.map(|part| package.bytes(&part)).transpose().map(|it| it.flatten().unwrap_or_default())
    };
    let strings: Vec<String> = records(&of_kind("sharedStrings")?)
        .filter(|(kind, _)| *kind == 19)
        .map(|(_, data)| wide(data, 1).map(|(text, _)| text).unwrap_or_default())
        .collect();
    let styles = styles(&of_kind("styles")?);
    output.expect_pages(sheets.len());
    each_sheet(&sheets, output, |listed, sheet, output| {
        let bytes = package.bytes(&listed.part)?.unwrap_or_default();
        let book = Book { strings: &strings, styles: &styles, is_1904 };
        book.cells(&bytes, sheet, output);
        read_drawn(&mut package, &listed.part, sheet, output);
        Ok(())
    })?;
    Ok(metadata)
}

/// The records of a part: a type and a length of a few bytes each, then the data.
fn records(bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let kind = packed(bytes, &mut at, 2)?;
        let length = packed(bytes, &mut at, 4)? as usize;
        let data = bytes.cut(at, length)?;
        at += length;
        Some((kind, data))
    })
}

/// A number of up to `most` bytes with seven bits each.
fn packed(bytes: &[u8], at: &mut usize, most: u32) -> Option<u32> {
    let mut number = 0;
    for place in 0..most {
        let byte = bytes.u8_at(*at)?;
        *at += 1;
        // The type keeps the marks of its bytes, as the tables of the standard do not: they are taken out.
        number |= u32::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

/// A text with its length before it, and where it ends.
fn wide(data: &[u8], at: usize) -> Option<(String, usize)> {
    let length = data.u32_at(at)? as usize;
    let end = at.checked_add(4)?.checked_add(length.checked_mul(2)?)?;
    let bytes = data.get(at + 4..end)?;
    Some((utf16(bytes.get(..bytes.len().min(LONGEST_TEXT * 2))?), end))
}

fn workbook(bytes: &[u8], relations: &Relations) -> (Vec<Listed>, bool) {
    let mut sheets = Vec::new();
    let mut is_1904 = false;
    for (kind, data) in records(bytes) {
        match kind {
            153 => is_1904 = data.u32_at(0).is_some_and(|it| it & 1 != 0),
            156 => sheets.extend(listed(data, relations)),
            _ => {}
        }
    }
    (sheets, is_1904)
}

fn listed(data: &[u8], relations: &Relations) -> Option<Listed> {
    let (id, end) = wide(data, 8)?;
    let (name, _) = wide(data, end)?;
    let hidden = match data.u32_at(0)? {
        0 => None,
        1 => Some("hidden".to_owned()),
        _ => Some("very hidden".to_owned()),
    };
    let part = relations.get(&id).filter(|it| !it.is_external)?.target.clone();
    Some(Listed { name, part, hidden })
}

fn styles(bytes: &[u8]) -> Styles {
    let mut codes = std::collections::HashMap::new();
    let mut ids = Vec::new();
    let mut in_cells = false;
    for (kind, data) in records(bytes) {
        match kind {
            44 => {
                let code = wide(data, 2).map(|(code, _)| code);
                codes.extend(data.u16_at(0).map(u32::from).zip(code));
            }
            617 => in_cells = true,
            618 => in_cells = false,
            47 if in_cells => ids.push(u32::from(data.u16_at(2).unwrap_or_default())),
            _ => {}
        }
    }
    Styles::from_ids(ids.into_iter(), |id| codes.get(&id).map(String::as_str))
}

struct Book<'b> {
    strings: &'b [String],
    styles: &'b Styles,
    is_1904: bool,
}

impl Book<'_> {
    fn cells(&self, bytes: &[u8], sheet: &mut Sheet, output: &mut Output<'_>) {
        let mut row = 0;
        for (kind, data) in records(bytes) {
            match kind {
                0 => row = data.u32_at(0).unwrap_or_default(),
                2..=11 => {
                    let Some((column, text, value)) = self.shown(kind, data) else { continue };
                    if !sheet.push(output, Stored { row, column, text, value }) {
                        return;
                    }
                }
                176 => {
                    let edge = |at: usize| data.u32_at(at).unwrap_or_default();
                    sheet.merge(Area {
                        first_row: edge(0),
                        last_row: edge(4),
                        first_column: edge(8),
                        last_column: edge(12),
                    });
                }
                _ => {}
            }
        }
    }

    /// The column of a cell, what it shows and the number behind it.
    fn shown(&self, kind: u32, data: &[u8]) -> Option<(u32, String, Option<f64>)> {
        let column = data.u32_at(0)?;
        let format = self.styles.format((data.u32_at(4)? & 0x00ff_ffff) as usize);
        let (text, value) = match kind {
            2 => (None, Some(short_number(data.u32_at(8)?))),
            5 | 9 => (None, Some(data.f64_at(8)?)),
            3 | 11 => (Some(error(data.u8_at(8)?).to_owned()), None),
            4 | 10 => (Some(truth(data.u8_at(8)? != 0)), None),
            6 | 8 => (Some(format.shown_text(&wide(data, 8)?.0)), None),
            _ => (Some(format.shown_text(self.strings.get(data.u32_at(8)? as usize)?)), None),
        };
        let value = value.filter(|it| it.is_finite());
        let text = text.or_else(|| value.map(|it| format.shown(it, self.is_1904)))?;
        Some((column, text, value))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::format::Format;
    use super::super::super::archive::tests::packed as archive;
    use super::super::super::output::tests::kept;

    fn record(kind: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes =
            if kind < 128 { vec![kind as u8] } else { vec![(kind as u8) | 0x80, (kind >> 7) as u8] };
        bytes.push(data.len() as u8);
        bytes.extend(data);
        bytes
    }

    fn text(text: &str) -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        (text.encode_utf16().count() as u32).to_le_bytes().into_iter().chain(units).collect()
    }

    #[test]
    fn cells_are_read_by_row_and_column() {
        let sheet_listed = [vec![0; 8], text("r1"), text("Folha")].concat();
        let cell = |column: u32, data: &[u8]| [&column.to_le_bytes(), &[0; 4], data].concat();
        let sheet = [
            record(0, &0_u32.to_le_bytes()),
            record(7, &cell(0, &0_u32.to_le_bytes())),
            record(2, &cell(1, &((120_u32 << 2) | 2).to_le_bytes())),
            record(0, &1_u32.to_le_bytes()),
            record(5, &cell(1, &2.5_f64.to_le_bytes())),
        ]
        .concat();
        let file = archive(&[
            ("xl/workbook.bin", &record(156, &sheet_listed)),
            (
                "xl/_rels/workbook.bin.rels",
                b"<Relationships><Relationship Id='r1' Type='x/worksheet' Target='s.bin'/>\
                  <Relationship Id='r2' Type='x/sharedStrings' Target='t.bin'/></Relationships>",
            ),
            ("xl/t.bin", &record(19, &[vec![0], text("ação")].concat())),
            ("xl/s.bin", &sheet),
        ]);
        let (kept, metadata) = kept(Format::Xlsb, file.path());
        assert!(metadata.is_ok());
        assert_eq!(kept.texts(), ["Folha", "ação\t120\n\t2.5"]);
    }
}
