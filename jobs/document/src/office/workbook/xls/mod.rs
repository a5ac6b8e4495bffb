//! How is an XLS read (MS-XLS)?

mod cells;
mod charts;
mod globals;
mod records;

use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::Metadata;
use super::super::compound::Compound;
use super::super::output::Output;
use super::super::properties;
use super::xlsx::{Listed, each_sheet};
use globals::Globals;

/// Reads the workbook at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let mut compound = Compound::open(path, output.limits)?;
    let name = ["Workbook", "Book"].into_iter().find(|it| compound.has(it));
    let name = name.ok_or_else(|| ReadError::malformed("the file has no workbook in it"))?;
    let stream = compound.stream(name)?.unwrap_or_default();
    let globals = Globals::of(&stream)?;
    if globals.sheets.is_empty() {
        return Err(ReadError::malformed("the workbook has no sheets"));
    }
    let mut metadata = properties::metadata(&mut compound);
    metadata.pages = u32::try_from(globals.sheets.len()).ok();
    let listed: Vec<Listed> = globals
        .sheets
        .iter()
        .map(|it| Listed {
            name: it.name.clone(),
            part: it.place.to_string(),
            hidden: it.hidden.map(str::to_owned),
        })
        .collect();
    output.expect_pages(listed.len());
    each_sheet(&listed, output, |listed, sheet, output| {
        let place = listed.part.parse::<usize>().unwrap_or(usize::MAX);
        cells::read(stream.get(place..).unwrap_or_default(), &globals, sheet, output);
        Ok(())
    })?;
    Ok(metadata)
}

#[cfg(test)]
mod tests;
