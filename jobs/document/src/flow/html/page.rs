//! What holds for a page of the web as a whole: its links, its tables, its style?

use url::Url;

use super::dom::{Id, NONE};
use super::tables::{self, Kind, Tables};
use super::tree::Tree;

/// How far above a picture the link is that it leads to.
const LINK_ABOVE: usize = 8;

/// A page of the web while it is read.
#[derive(Debug)]
pub struct Page<'a> {
    /// Its nodes.
    pub tree: Tree<'a>,
    /// Cells that its tables may have.
    pub cells: u64,
    base: Option<Url>,
    tables: Tables,
}

impl<'a> Page<'a> {
    /// Looks at `tree` once for what holds everywhere.
    pub fn new(tree: Tree<'a>, cells: u64) -> Self {
        let all = || tree.within(0, |_| false);
        let base = all().find(|&id| tree.name(id) == "base").and_then(|id| tree.attribute(id, "href"));
        let has_rules =
            all().filter(|&id| tree.name(id) == "style").any(|id| rules_cells(&tree.all_text(id)));
        let base = base.and_then(|href| Url::parse(href.trim()).ok());
        Self { tree, cells, base, tables: tables::kinds(tree, has_rules) }
    }

    /// What a table is for.
    pub fn kind(&self, table: Id) -> Kind {
        self.tables.get(&table).copied().unwrap_or(Kind::Layout)
    }

    /// Where a link leads: as it says, or by the page's `base`. Not to a script.
    pub fn link(&self, id: Id) -> Option<String> {
        let href = self.tree.attribute(id, "href")?.trim();
        let scheme = href.split(':').next().unwrap_or_default();
        if href.is_empty()
            || ["javascript", "data", "vbscript"].iter().any(|no| scheme.eq_ignore_ascii_case(no))
        {
            return None;
        }
        let resolved = self.base.as_ref().and_then(|base| base.join(href).ok());
        Some(resolved.map_or_else(|| href.to_owned(), String::from))
    }

    /// Where the link leads that `id` is in.
    pub fn link_around(&self, id: Id) -> Option<String> {
        let above = std::iter::successors(Some(self.tree.parent(id)), |&id| Some(self.tree.parent(id)));
        let mut above = above.take(LINK_ABOVE).take_while(|&id| id != NONE);
        above.find(|&id| self.tree.name(id) == "a").and_then(|id| self.link(id))
    }
}

/// Whether a style sheet draws lines around the cells of tables.
fn rules_cells(sheet: &str) -> bool {
    sheet.split('}').filter_map(|rule| rule.split_once('{')).any(|(selectors, declarations)| {
        let is_cell = selectors
            .split(|letter: char| {
                !letter.is_ascii_alphanumeric() && letter != '-' && letter != '.' && letter != '#'
            })
            .any(|selector| ["td", "th"].iter().any(|name| selector.eq_ignore_ascii_case(name)));
        is_cell
            && declarations.split(';').filter_map(|line| line.split_once(':')).any(|(property, value)| {
                let value = value.trim();
                property.trim().eq_ignore_ascii_case("border") && !value.starts_with('0') && value != "none"
            })
    })
}

#[cfg(test)]
mod tests {
    use super::rules_cells;

    #[test]
    fn only_borders_of_cells_count() {
        assert!(rules_cells("p { margin: 0 } table, td { color: red; border: 1px solid }"));
        assert!(!rules_cells("td { border: none }"));
        assert!(!rules_cells("td { border: 0 }"));
        assert!(!rules_cells("div.td { border: 1px solid }"));
        assert!(!rules_cells("{{{}}}"));
    }
}
