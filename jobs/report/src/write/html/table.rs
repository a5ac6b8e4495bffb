//! A table of the page.

use super::escaped;
use crate::limits::ReportLimits;
use crate::model::{Cell, Column, Form, Place, Report, Table};
use crate::write::more::more;

/// Writes a table, its first rows if it is long.
pub fn table(table: &Table<'_>, report: &Report<'_>, limits: &ReportLimits) -> String {
    if table.rows == 0 {
        return format!("<p class=\"empty\">{}</p>\n", escaped(&table.empty));
    }
    let mut out = String::from("<div class=\"scroll\"><table>\n");
    if let Some(more) = more(table, limits.shown_rows, report.locale) {
        out.push_str(&format!("<caption>{}</caption>\n", escaped(&more)));
    }
    out.push_str("<thead><tr>");
    for column in table.columns.iter().filter(|column| matches!(column.place, Place::Own | Place::Wide(_))) {
        out.push_str(&format!(
            "<th scope=\"col\" class=\"{}\">{}</th>",
            class(column),
            escaped(&column.heading)
        ));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for cells in table.each_row().take(limits.shown_rows) {
        out.push_str(&row(&cells, table, report));
    }
    out.push_str("</tbody>\n");
    if let Some(total) = &table.total {
        out.push_str(&format!("<tfoot>{}</tfoot>\n", row(total, table, report)));
    }
    out.push_str("</table></div>\n");
    out
}

fn class(column: &Column) -> &'static str {
    match (column.form, column.place) {
        (form, _) if form.is_numeric() => "n",
        (_, Place::Wide(_)) => "w",
        (Form::Day | Form::Moment, _) => "t",
        _ => "",
    }
}

fn row(cells: &[Cell<'_>], table: &Table<'_>, report: &Report<'_>) -> String {
    let mut out = String::from("<tr>");
    let mut open = false;
    for (cell, column) in cells.iter().zip(&table.columns) {
        let shown = content(cell, column, report);
        match column.place {
            Place::Hidden => {}
            Place::Under if shown.is_empty() => {}
            Place::Under => out.push_str(&format!("<small>{shown}</small>")),
            Place::Own | Place::Wide(_) => {
                if open {
                    out.push_str("</td>");
                }
                out.push_str(&format!("<td class=\"{}\">{shown}", class(column)));
                open = true;
            }
        }
    }
    out.push_str(if open { "</td></tr>\n" } else { "</tr>\n" });
    out
}

fn content(cell: &Cell<'_>, column: &Column, report: &Report<'_>) -> String {
    let shown = escaped(&report.shown(cell));
    let shown = match column.form {
        Form::Code if !shown.is_empty() => format!("<code>{shown}</code>"),
        _ => shown,
    };
    match cell {
        Cell::Link { href, .. } => {
            format!("<a href=\"{}\" rel=\"noopener noreferrer\">{shown}</a>", escaped(href))
        }
        _ => shown,
    }
}
