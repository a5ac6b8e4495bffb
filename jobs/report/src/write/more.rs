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
    let (first, of, read) = (locale.integer(shown), locale.integer(all), locale.integer(rows));
    Some(match (locale, shown < rows, rows < all) {
        (Locale::PtBr, true, false) => {
            format!("As primeiras {first} de {of} linhas; XLSX e JSON trazem as demais.")
        }
        (Locale::EnUs, true, false) => {
            format!("The first {first} of {of} rows; XLSX and JSON have the others.")
        }
        (Locale::PtBr, true, true) => {
            format!("As primeiras {first} de {of} linhas; XLSX e JSON trazem as primeiras {read}.")
        }
        (Locale::EnUs, true, true) => {
            format!("The first {first} of {of} rows; XLSX and JSON have the first {read}.")
        }
        (Locale::PtBr, false, _) => format!("As primeiras {first} de {of} linhas."),
        (Locale::EnUs, false, _) => format!("The first {first} of {of} rows."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_a_file_for_rows_that_it_has_not() {
        let told = |rows, of, shown| {
            let table = Table {
                name: "made",
                title: String::new(),
                columns: Vec::new(),
                rows,
                row: Box::new(|_| Vec::new()),
                total: None,
                empty: String::new(),
                main: true,
                shown: true,
                of,
            };
            more(&table, shown, Locale::EnUs)
        };
        assert_eq!(told(5, None, 5), None);
        assert_eq!(told(5, None, 2).unwrap(), "The first 2 of 5 rows; XLSX and JSON have the others.");
        assert_eq!(told(5, Some(9), 2).unwrap(), "The first 2 of 9 rows; XLSX and JSON have the first 5.");
        assert_eq!(told(5, Some(9), 5).unwrap(), "The first 5 of 9 rows.");
    }
}
