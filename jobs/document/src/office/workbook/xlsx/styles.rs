//! Which number format does a cell of an XLSX have?

use std::collections::HashMap;
use std::rc::Rc;

use super::super::super::sheet::format::Format;
use super::super::super::xml::Element;

/// The formats by the number that a cell names.
#[derive(Debug, Default)]
pub struct Styles {
    formats: Vec<Rc<Format>>,
    general: Rc<Format>,
}

impl Styles {
    /// Of `xl/styles.xml`.
    pub fn of(root: &Element) -> Self {
        let codes = root.child("numFmts").into_iter().flat_map(Element::elements);
        let codes: HashMap<u32, &str> =
            codes.filter_map(|it| Some((it.number("numFmtId")?, it.attr("formatCode")?))).collect();
        let ids = root.child("cellXfs").into_iter().flat_map(Element::elements);
        Self::from_ids(ids.map(|it| it.number("numFmtId").unwrap_or(0)), |id| codes.get(&id).copied())
    }

    /// Of the ids of formats, cell style by cell style, and the codes that the workbook has of its own.
    pub fn from_ids<'c>(ids: impl Iterator<Item = u32>, code: impl Fn(u32) -> Option<&'c str>) -> Self {
        let mut known: HashMap<u32, Rc<Format>> = HashMap::new();
        let formats = ids.map(|id| {
            let make = || Rc::new(code(id).map_or_else(|| Format::built_in(id), Format::of));
            Rc::clone(known.entry(id).or_insert_with(make))
        });
        Self { formats: formats.collect(), general: Rc::default() }
    }

    /// The format of the cell style `style`.
    pub fn format(&self, style: usize) -> &Format {
        self.formats.get(style).unwrap_or(&self.general)
    }
}
