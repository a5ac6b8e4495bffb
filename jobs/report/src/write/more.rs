//! What is said below a table of which not all rows are shown?

use crate::model::Table;
use crate::words::Locale;

/// How many rows there are; nothing where all are shown.
pub fn more(table: &Table<'_>, shown: usize, locale: Locale) -> Option<String> {
    let rows = i64::try_from(table.rows).unwrap_or(i64::MAX);
    let all = table.of.unwrap_or(rows).max(rows);
    let shown = i64::try_from(shown.min(table.rows)).unwrap_or(rows);
    if shown >= all {
        return None;
    }
    let (first, of) = (locale.integer(shown), locale.integer(all));
    Some(match (locale, shown < rows) {
        (Locale::PtBr, true) => format!("As primeiras {first} de {of} linhas; XLSX e JSON trazem as demais."),
        (Locale::EnUs, true) => format!("The first {first} of {of} rows; XLSX and JSON have the others."),
        (Locale::PtBr, false) => format!("As primeiras {first} de {of} linhas."),
        (Locale::EnUs, false) => format!("The first {first} of {of} rows."),
    })
}
