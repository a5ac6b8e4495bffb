//! What the page is given: the report in words, and its charts as parts of a whole.

use serde::Serialize;

use super::fonts::Shelf;
use crate::input::Colour;
use crate::model::{Bar, Cell, Chart, Columns, Form, Place, Report, Section, Table, Tone, ticks};
use crate::write::alt::alt;
use crate::write::change::change;
use crate::write::more::more;

/// Letters after which a word without an end may be broken.
const UNBROKEN: usize = 18;

/// A report for the page.
#[derive(Serialize)]
pub struct Sheet {
    lang: &'static str,
    region: &'static str,
    title: String,
    owner: String,
    span: String,
    until: String,
    logo: bool,
    colors: Colours,
    figures: Vec<Card>,
    lead: String,
    sections: Vec<Part>,
    notes: Vec<String>,
    words: Words,
}

#[derive(Serialize)]
struct Colours {
    accent: String,
    soft: String,
    pale: String,
}

#[derive(Serialize)]
struct Words {
    page: &'static str,
    of: &'static str,
    notes: &'static str,
    until: &'static str,
}

#[derive(Serialize)]
struct Card {
    label: String,
    value: String,
    change: String,
    tone: &'static str,
}

#[derive(Serialize)]
struct Part {
    heading: String,
    lead: String,
    charts: Vec<Drawing>,
    table: Option<Grid>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Drawing {
    Columns { title: String, alt: String, ticks: Vec<Tick>, columns: Vec<Pillar>, legend: Vec<Entry> },
    Bars { title: String, alt: String, bars: Vec<Line> },
}

#[derive(Serialize)]
struct Tick {
    at: f64,
    text: String,
}

#[derive(Serialize)]
struct Pillar {
    label: String,
    parts: Vec<Piece>,
}

#[derive(Serialize)]
struct Piece {
    size: f64,
    tone: &'static str,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    tone: &'static str,
}

#[derive(Serialize)]
struct Line {
    label: String,
    size: f64,
    text: String,
}

#[derive(Serialize)]
struct Grid {
    name: &'static str,
    columns: Vec<Head>,
    rows: Vec<Vec<Value>>,
    total: Option<Vec<Value>>,
    empty: String,
    more: String,
}

#[derive(Serialize)]
struct Head {
    heading: String,
    /// A share of the room that is left, or nothing for a column as wide as its cells.
    share: Option<f64>,
    numeric: bool,
    code: bool,
}

#[derive(Serialize)]
struct Value {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    under: Vec<String>,
}

impl Sheet {
    /// The report, with so many rows of each table; what no font of the shelf has is a square.
    pub fn new(report: &Report<'_>, logo: bool, shown_rows: usize, shelf: &Shelf) -> Self {
        let pen = Pen { report, shelf, shown_rows };
        let locale = report.locale;
        let (lang, region) = locale.parts();
        Self {
            lang,
            region,
            title: pen.line(&report.title),
            owner: pen.line(&report.owner),
            span: pen.line(&locale.span(&report.period)),
            until: pen.line(&locale.moment(report.data_until, report.timezone)),
            logo,
            colors: Colours {
                accent: report.colour.to_string(),
                soft: report.colour.mixed(Colour::WHITE, 0.78).to_string(),
                pale: report.colour.mixed(Colour::WHITE, 0.07).to_string(),
            },
            figures: pen.cards(),
            lead: pen.line(&report.lead),
            sections: report.sections.iter().filter_map(|section| pen.part(section)).collect(),
            notes: report.notes.iter().map(|note| pen.line(note)).collect(),
            words: Words {
                page: locale.say("Página", "Page"),
                of: locale.say("de", "of"),
                notes: locale.say("Sobre os dados", "About the data"),
                until: locale.say("Dados até", "Data until"),
            },
        }
    }
}

struct Pen<'r, 'a> {
    report: &'r Report<'a>,
    shelf: &'r Shelf,
    shown_rows: usize,
}

impl Pen<'_, '_> {
    /// A text that fits a narrow column: where a word has no end, it may be broken.
    fn line(&self, text: &str) -> String {
        breakable(&self.shelf.printable(text))
    }

    fn cards(&self) -> Vec<Card> {
        let cards = self.report.figures.iter().map(|figure| {
            let shown = self.report.shown(&figure.value);
            let change = change(figure, self.report.locale);
            Card {
                label: self.line(&figure.label),
                value: if shown.is_empty() { "–".to_owned() } else { self.shelf.printable(&shown) },
                tone: change.as_ref().map_or("plain", |change| change.tone),
                change: change.map_or_else(String::new, |change| self.line(&change.text)),
            }
        });
        cards.collect()
    }

    fn part(&self, section: &Section<'_>) -> Option<Part> {
        let table = section.table.as_ref().filter(|table| table.shown);
        if table.is_none() && section.charts.is_empty() {
            return None;
        }
        Some(Part {
            heading: self.line(&section.heading),
            lead: self.line(&section.lead),
            charts: section.charts.iter().map(|chart| self.drawing(chart)).collect(),
            table: table.map(|table| self.grid(table)),
        })
    }

    fn drawing(&self, chart: &Chart) -> Drawing {
        let alt = self.line(&alt(chart, self.report));
        match chart {
            Chart::Columns(columns) => self.columns(columns, alt),
            Chart::Bars { title, bars } => {
                let longest = bars.iter().map(|bar| bar.value).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
                let line = |bar: &Bar| Line {
                    label: self.line(&bar.label),
                    size: bar.value / longest,
                    text: self.line(&bar.text),
                };
                Drawing::Bars { title: self.line(title), alt, bars: bars.iter().map(line).collect() }
            }
        }
    }

    fn columns(&self, columns: &Columns, alt: String) -> Drawing {
        let ticks = ticks(columns.height());
        let top = ticks.last().copied().unwrap_or(1.0);
        // Fourteen labels are as many as can be read side by side.
        let every = columns.labels.len().div_ceil(14).max(1);
        let pillar = |(at, label): (usize, &String)| Pillar {
            label: if at.is_multiple_of(every) { label.clone() } else { String::new() },
            parts: columns
                .series
                .iter()
                .map(|series| Piece {
                    size: series.values.get(at).copied().unwrap_or_default() / top,
                    tone: tone(series.tone),
                })
                .filter(|piece| piece.size > 0.0)
                .collect(),
        };
        Drawing::Columns {
            title: self.line(&columns.title),
            alt,
            ticks: ticks
                .iter()
                .map(|tick| Tick { at: tick / top, text: self.report.locale.decimal(*tick, 0) })
                .collect(),
            columns: columns.labels.iter().enumerate().map(pillar).collect(),
            legend: columns
                .series
                .iter()
                .map(|series| Entry { name: self.line(&series.name), tone: tone(series.tone) })
                .collect(),
        }
    }

    fn grid(&self, table: &Table<'_>) -> Grid {
        let stands = |place: Place| matches!(place, Place::Own | Place::Wide(_));
        let columns = table.columns.iter().filter(|column| stands(column.place)).map(|column| Head {
            heading: self.line(&column.heading),
            share: match column.place {
                Place::Wide(share) => Some(share),
                _ => None,
            },
            numeric: column.form.is_numeric(),
            code: column.form == Form::Code,
        });
        Grid {
            name: table.name,
            columns: columns.collect(),
            rows: table.each_row().take(self.shown_rows).map(|row| self.row(&row, table)).collect(),
            total: table.total.as_ref().map(|row| self.row(row, table)),
            empty: self.line(&table.empty),
            more: more(table, self.shown_rows, self.report.locale).unwrap_or_default(),
        }
    }

    fn row(&self, cells: &[Cell<'_>], table: &Table<'_>) -> Vec<Value> {
        let mut row: Vec<Value> = Vec::with_capacity(cells.len());
        for (cell, column) in cells.iter().zip(&table.columns) {
            let text = self.line(&self.report.shown(cell));
            match column.place {
                Place::Hidden => {}
                Place::Under if text.is_empty() => {}
                Place::Under => {
                    if let Some(above) = row.last_mut() {
                        above.under.push(text);
                    }
                }
                Place::Own | Place::Wide(_) => {
                    let href = match cell {
                        Cell::Link { href, .. } => Some(href.clone()),
                        _ => None,
                    };
                    row.push(Value { text, href, under: Vec::new() });
                }
            }
        }
        row
    }
}

fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Accent => "accent",
        Tone::Warn => "warn",
        Tone::Quiet => "quiet",
    }
}

/// A text with places without width at which a long word may be broken.
fn breakable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        out.push(letter);
        run = if letter.is_whitespace() { 0 } else { run + 1 };
        let joined = letters.peek().is_none_or(|next| next.is_whitespace() || is_joined(*next));
        // After a sign that parts names a break is better than elsewhere.
        let parts =
            matches!(letter, '_' | '-' | '/' | '.' | '\\' | ':' | '=' | '&' | '?') && run >= UNBROKEN / 2;
        if !joined && (run >= UNBROKEN || parts) {
            out.push('\u{200B}');
            run = 0;
        }
    }
    out
}

/// Marks that belong to the letter before them.
fn is_joined(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36F}' | '\u{FE00}'..='\u{FE0F}' | '\u{200D}' | '\u{1F3FB}'..='\u{1F3FF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_without_an_end_may_be_broken_and_others_may_not() {
        assert_eq!(breakable("um nome comum de arquivo.pdf"), "um nome comum de arquivo.pdf");
        let broken = breakable(&"x".repeat(100));
        assert!(broken.split('\u{200B}').all(|part| part.len() <= UNBROKEN));
        assert_eq!(broken.replace('\u{200B}', ""), "x".repeat(100));
        assert!(!breakable(&"e\u{301}".repeat(50)).contains("\u{200B}\u{301}"));
    }
}
