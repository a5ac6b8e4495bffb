//! How is an XLSX read?

mod cells;
mod drawn;
mod strings;
pub mod styles;

use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::flow::language;
use super::super::super::model::{Metadata, PageKind};
use super::super::ooxml::{Package, Relations};
use super::super::output::Output;
use super::super::sheet::Sheet;
use super::super::xml::Element;

pub use drawn::{comment, read as read_drawn};
use strings::shared_strings;
use styles::Styles;

/// Bytes of texts that tell the language of a workbook.
const LANGUAGE_BYTES: usize = 20_000;

/// A sheet as the workbook lists it.
pub struct Listed {
    pub name: String,
    pub part: String,
    /// What keeps it out of sight.
    pub hidden: Option<String>,
}

/// What all sheets of a workbook share.
struct Shared {
    strings: Vec<String>,
    styles: Styles,
    is_1904: bool,
}

/// Reads the workbook at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let limits = output.limits;
    let mut package = Package::open(path, limits)?;
    let part = package.main_part("xl/workbook.xml", limits);
    let root = package
        .tree(&part, output)
        .ok_or_else(|| ReadError::malformed("the package has no workbook in it"))?;
    let relations = package.relations(&part, limits);
    let sheets = listed(&root, &relations);
    if sheets.is_empty() {
        return Err(ReadError::malformed("the workbook has no sheets"));
    }
    let mut metadata = package.metadata(output);
    metadata.pages = u32::try_from(sheets.len()).ok();
    let of_kind = |kind: &str| relations.values().find(|it| it.kind == kind).map(|it| it.target.clone());
    let strings = of_kind("sharedStrings").map(|part| shared_strings(&mut package, &part, output));
    let styles = of_kind("styles").and_then(|part| package.tree(&part, output)).map(|it| Styles::of(&it));
    let strings = strings.transpose()?.unwrap_or_default();
    let styles = styles.unwrap_or_default();
    let styles = if is_portuguese(&strings) { styles.in_portuguese() } else { styles };
    let is_1904 = root.child("workbookPr").and_then(|it| it.attr("date1904"));
    let shared = Shared { strings, styles, is_1904: matches!(is_1904, Some("1" | "true")) };
    output.expect_pages(sheets.len());
    each_sheet(&sheets, output, |listed, sheet, output| {
        let text = package.text(&listed.part)?.unwrap_or_default();
        cells::read(&text, &shared, sheet, output, &listed.part);
        drawn::read(&mut package, &listed.part, sheet, output);
        Ok(())
    })?;
    Ok(metadata)
}

/// Gives a page for each sheet that `read` fills; hidden ones are told, what cannot be read is told and left out.
pub fn each_sheet(
    sheets: &[Listed],
    output: &mut Output<'_>,
    mut read: impl FnMut(&Listed, &mut Sheet, &mut Output<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    for listed in sheets {
        if output.is_done() {
            break;
        }
        if !output.wants_next() {
            output.page(PageKind::Sheet, None, Vec::new())?;
            continue;
        }
        let mut sheet = Sheet::default();
        if let Err(error) = read(listed, &mut sheet, output) {
            if sheets.len() == 1 {
                return Err(error);
            }
            output.lose("part_left_out", &error.message);
        }
        if let Some(hidden) = &listed.hidden {
            output.warn("hidden_sheet", &format!("the sheet {:?} is {hidden}", listed.name));
        }
        let blocks = sheet.blocks(&listed.name);
        output.page(PageKind::Sheet, Some(listed.name.clone()), blocks)?;
    }
    Ok(())
}

/// Whether most of what a workbook says is Portuguese.
fn is_portuguese(strings: &[String]) -> bool {
    let mut text = String::new();
    for string in strings {
        if text.len() > LANGUAGE_BYTES {
            break;
        }
        text.push_str(string);
        text.push('\n');
    }
    language(&text).is_some_and(|language| language.starts_with("pt"))
}

fn listed(root: &Element, relations: &Relations) -> Vec<Listed> {
    let sheets =
        root.child("sheets").into_iter().flat_map(Element::elements).filter(|it| &*it.name == "sheet");
    let listed = sheets.filter_map(|sheet| {
        let relation = relations.get(sheet.prefixed_attr("id")?).filter(|it| !it.is_external)?;
        let hidden = sheet.attr("state").filter(|it| *it != "visible");
        Some(Listed {
            name: sheet.attr("name").unwrap_or_default().to_owned(),
            part: relation.target.clone(),
            hidden: hidden.map(|it| if it == "veryHidden" { "very hidden" } else { "hidden" }.to_owned()),
        })
    });
    listed.collect()
}

#[cfg(test)]
mod tests;
