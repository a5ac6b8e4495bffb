//! How is an ODS read?

use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::{Metadata, PageKind};
use super::super::output::Output;
use super::super::sheet::Sheet;
use super::super::xml::{Element, Rules, Token, Xml};
use super::cells::rows;
use super::package::Package;

/// Reads the workbook at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let mut package = Package::open(path, output)?;
    let content = std::mem::take(&mut package.content);
    let mut metadata = std::mem::take(&mut package.metadata);
    let mut xml = Xml::new(&content, Rules::Strict, output.limits);
    let mut count = 0_u32;
    while !output.is_done() {
        let start = match xml.token() {
            Ok(Token::Start(start)) => start,
            Ok(Token::Done) => break,
            Ok(_) => continue,
            Err(fault) if count == 0 => return Err(fault.of_part("content.xml")),
            Err(_) => break,
        };
        match &*start.name {
            "table" => {
                count += 1;
                if output.wants_next() {
                    one(&start, &mut xml, &mut package, output)?;
                } else {
                    xml.skip();
                    output.page(PageKind::Sheet, None, Vec::new())?;
                }
            }
            "automatic-styles" | "font-face-decls" | "tracked-changes" | "dde-links" => xml.skip(),
            _ => {}
        }
    }
    metadata.pages = Some(count);
    Ok(metadata)
}

/// Reads a sheet and gives its page.
fn one(
    table: &Element,
    xml: &mut Xml<'_>,
    package: &mut Package,
    output: &mut Output<'_>,
) -> Result<(), ReadError> {
    let name = table.attr("name").unwrap_or_default().to_owned();
    let mut sheet = Sheet::default();
    let read = rows(xml, package, &mut sheet, output);
    if let Err(fault) = read {
        output.truncate(&fault.of_part("content.xml").message);
    }
    if package.styles.is_hidden(table.attr("style-name")) {
        output.warn("hidden_sheet", &format!("the sheet {name:?} is hidden"));
    }
    output.page(PageKind::Sheet, Some(name.clone()), sheet.blocks(&name))
}
