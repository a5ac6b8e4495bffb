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
        let styles = Self { formats: formats.collect(), general: Rc::default() };
        let is_portuguese = styles.formats.iter().any(|format| format.is_portuguese());
        if is_portuguese { styles.in_portuguese() } else { styles }
    }

    /// The same ones in a Portuguese workbook.
    #[must_use]
    pub fn in_portuguese(self) -> Self {
        let mut known: HashMap<*const Format, Rc<Format>> = HashMap::new();
        let mut turned = |format: &Rc<Format>| {
            let make = || Rc::new(Format::clone(format).in_portuguese());
            Rc::clone(known.entry(Rc::as_ptr(format)).or_insert_with(make))
        };
        Self { formats: self.formats.iter().map(&mut turned).collect(), general: turned(&self.general) }
    }

    /// The format of the cell style `style`.
    pub fn format(&self, style: usize) -> &Format {
        self.formats.get(style).unwrap_or(&self.general)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_portuguese_format_makes_the_workbook_portuguese() {
        let code = |id: u32| (id == 164).then_some("\"R$\" #,##0.00");
        let shown = |ids: &[u32], style: usize| {
            Styles::from_ids(ids.iter().copied(), code).format(style).shown(1234.5, false)
        };
        assert_eq!((shown(&[4, 164], 0), shown(&[4, 164], 7)), ("1.234,50".into(), "1234,5".into()));
        assert_eq!((shown(&[4], 0), shown(&[4], 7)), ("1,234.50".into(), "1234.5".into()));
    }
}
