//! Does a table of a page hold data, or does it only place things?
//!
//! The signs are those by which Firefox tells it to screen readers (`HTMLTableAccessible::IsProbablyLayoutTable`), as
//! far as they can be seen without drawing the page.

use std::collections::BTreeMap;

use super::dom::Id;
use super::tree::{Tree, Visit};

/// What a table is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is a table.
    Data,
    /// It places things.
    Layout,
}

/// All tables of a page.
pub type Tables = BTreeMap<Id, Kind>;

/// What was seen of a table.
#[derive(Debug, Default)]
struct Signs {
    role: Option<Kind>,
    /// It has headers, a caption or a summary.
    is_labelled: bool,
    /// Lines are drawn around its cells.
    is_ruled: bool,
    /// A cell holds a table or a heading.
    holds_much: bool,
    rows: u32,
    cells: u32,
}

/// Tells the kinds of all tables of a page; `is_ruled` where its style sheet draws lines around cells.
pub fn kinds(tree: Tree<'_>, is_ruled: bool) -> Tables {
    let mut tables = Tables::new();
    let mut open: Vec<Signs> = Vec::new();
    let mut visit = Some(Visit::Enter(0));
    while let Some(now) = visit {
        match now {
            Visit::Enter(id) if tree.name(id) == "table" => {
                if let Some(around) = open.last_mut() {
                    around.holds_much = true;
                }
                open.push(first_signs(tree, id, is_ruled));
            }
            Visit::Enter(id) => {
                if let Some(signs) = open.last_mut() {
                    see(tree.name(id), signs);
                }
            }
            Visit::Leave(id) if tree.name(id) == "table" => {
                if let Some(signs) = open.pop() {
                    tables.insert(id, judge(&signs));
                }
            }
            Visit::Leave(_) => {}
        }
        visit = tree.next(0, now, true);
    }
    tables
}

fn first_signs(tree: Tree<'_>, id: Id, is_ruled: bool) -> Signs {
    let role = match tree.attribute(id, "role").map(str::trim) {
        Some("presentation" | "none") => Some(Kind::Layout),
        Some("table" | "grid" | "treegrid") => Some(Kind::Data),
        _ => None,
    };
    let border = tree.attribute(id, "border").map(str::trim);
    Signs {
        role,
        is_labelled: tree.attribute(id, "summary").is_some_and(|summary| !summary.trim().is_empty()),
        is_ruled: is_ruled || border.is_some_and(|border| border != "0"),
        ..Signs::default()
    }
}

fn see(name: &str, signs: &mut Signs) {
    match name {
        "tr" => signs.rows = signs.rows.saturating_add(1),
        "td" => signs.cells = signs.cells.saturating_add(1),
        "th" => {
            signs.cells = signs.cells.saturating_add(1);
            signs.is_labelled = true;
        }
        "caption" | "thead" => signs.is_labelled = true,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "hr" | "form" => signs.holds_much = true,
        _ => {}
    }
}

fn judge(signs: &Signs) -> Kind {
    if let Some(role) = signs.role {
        return role;
    }
    let is_single = signs.cells < 2;
    let is_line = signs.rows < 2 || signs.cells <= signs.rows;
    let is_data =
        if signs.is_labelled || signs.is_ruled { !is_single } else { !is_line && !signs.holds_much };
    if is_data { Kind::Data } else { Kind::Layout }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(rows: u32, cells: u32, change: impl FnOnce(&mut Signs)) -> Kind {
        let mut signs = Signs { rows, cells, ..Signs::default() };
        change(&mut signs);
        judge(&signs)
    }

    #[test]
    fn a_plain_grid_is_data() {
        assert_eq!(judged(3, 6, |_| {}), Kind::Data);
    }

    #[test]
    fn a_line_of_cells_or_one_around_other_tables_places_things() {
        assert_eq!(judged(1, 3, |_| {}), Kind::Layout);
        assert_eq!(judged(3, 3, |_| {}), Kind::Layout);
        assert_eq!(judged(3, 6, |signs| signs.holds_much = true), Kind::Layout);
    }

    #[test]
    fn headers_and_lines_make_data_of_it_but_not_of_a_box() {
        assert_eq!(judged(1, 3, |signs| signs.is_labelled = true), Kind::Data);
        assert_eq!(judged(2, 4, |signs| (signs.is_ruled, signs.holds_much) = (true, true)), Kind::Data);
        assert_eq!(judged(1, 1, |signs| signs.is_ruled = true), Kind::Layout);
    }

    #[test]
    fn the_role_decides() {
        assert_eq!(
            judged(9, 90, |signs| (signs.role, signs.is_labelled) = (Some(Kind::Layout), true)),
            Kind::Layout
        );
    }
}
