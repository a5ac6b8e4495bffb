//! How is a PPTX read?

mod layout;
mod slide;

use std::collections::HashSet;
use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::{Metadata, PageKind};
use super::super::ooxml::Package;
use super::super::output::Output;
use super::super::xml::Element;
use layout::Layouts;

/// Units of DrawingML in a point (ECMA-376, 20.1.2.1).
const UNITS_A_POINT: f32 = 12_700.0;

/// Reads the presentation at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let limits = output.limits;
    let mut package = Package::open(path, limits)?;
    let part = package.main_part("ppt/presentation.xml", limits);
    let root = package
        .tree(&part, output)
        .ok_or_else(|| ReadError::malformed("the package has no presentation in it"))?;
    let relations = package.relations(&part, limits);
    let ids = root.child("sldIdLst").into_iter().flat_map(Element::elements);
    let mut parts: Vec<String> = ids
        .filter_map(|it| relations.get(it.prefixed_attr("id")?))
        .filter(|it| !it.is_external)
        .map(|it| it.target.clone())
        .collect();
    let (mut seen, named) = (HashSet::new(), parts.len());
    parts.retain(|it| seen.insert(it.clone()));
    if parts.len() < named {
        output.warn("repeated_slide", "the presentation names a slide more than once; it is read once");
    }
    if parts.is_empty() && &*root.name != "presentation" {
        return Err(ReadError::malformed("the presentation has no slides"));
    }
    let mut metadata = package.metadata(output);
    metadata.pages = u32::try_from(parts.len()).ok();
    output.expect_pages(parts.len());
    let size = root.child("sldSz").and_then(|it| Some((it.number::<f32>("cx")?, it.number::<f32>("cy")?)));
    let size = size.map(|(width, height)| (width / UNITS_A_POINT, height / UNITS_A_POINT));
    let mut layouts = Layouts::default();
    for part in &parts {
        if output.is_done() {
            break;
        }
        let slide = if output.wants_next() {
            slide::read(&mut package, part, &mut layouts, output)
        } else {
            slide::Slide::default()
        };
        if slide.is_hidden {
            output.warn("hidden_slide", "the slide is hidden");
        }
        output.sized_page(PageKind::Slide, slide.title, size, slide.blocks)?;
    }
    Ok(metadata)
}

#[cfg(test)]
mod tests;
