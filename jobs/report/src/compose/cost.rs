//! What may it cost? Amounts times the operator's prices, each line rounded, so that the lines add up.

use crate::dataset::{Price, Prices, Unit, Usage, UsageRow};
use crate::error::ReportError;
use crate::model::{Cell, Column, Form, Place, Section, Table};
use crate::words::{Locale, kind_name};

/// A line of the estimate.
pub struct Line<'a> {
    price: &'a Price,
    quantity: f64,
    /// Hundredths of the currency.
    pub hundredths: i64,
}

/// The lines of an estimate.
pub fn lines<'a>(usage: &Usage, prices: &'a Prices) -> Vec<Line<'a>> {
    let lines = prices.prices.iter().map(|price| {
        let fits = |row: &&UsageRow| price.kind.as_ref().is_none_or(|kind| *kind == row.kind);
        let quantity: f64 = usage.days.iter().filter(fits).map(|row| quantity(price.per, row)).sum();
        let hundredths = (quantity * price.amount * 100.0).round() as i64;
        Line { price, quantity, hundredths }
    });
    lines.filter(|line| line.quantity != 0.0).collect()
}

/// Beyond 2⁵³ a double has no hundredths any more.
const MOST_HUNDREDTHS: i64 = 9_000_000_000_000_000;

/// Refuses an estimate that cannot be told to the hundredth: a price of the operator's is mistaken.
///
/// # Errors
/// Where a line is too large.
pub fn check(usage: &Usage, prices: &Prices) -> Result<(), ReportError> {
    let lines = lines(usage, prices);
    match lines.iter().find(|line| line.hundredths.unsigned_abs() > MOST_HUNDREDTHS.unsigned_abs()) {
        Some(line) => Err(ReportError::Price(line.price.amount)),
        None => Ok(()),
    }
}

/// What an estimate comes to.
pub fn total(lines: &[Line<'_>]) -> i64 {
    lines.iter().fold(0, |sum, line| line.hundredths.saturating_add(sum))
}

fn quantity(unit: Unit, row: &UsageRow) -> f64 {
    const GIB: f64 = 1_073_741_824.0;
    match unit {
        Unit::Job => row.succeeded as f64,
        Unit::ProcessingHour => row.processing_seconds / 3_600.0,
        Unit::MediaMinute => row.media_seconds / 60.0,
        Unit::Page => row.pages as f64,
        Unit::GibStored => row.bytes_stored as f64 / GIB,
        Unit::GibMoved => row.bytes_moved as f64 / GIB,
    }
}

fn unit_name(unit: Unit, locale: Locale) -> &'static str {
    match unit {
        Unit::Job => locale.say("trabalho concluído", "succeeded job"),
        Unit::ProcessingHour => locale.say("hora de processamento", "hour of processing"),
        Unit::MediaMinute => locale.say("minuto de mídia", "minute of media"),
        Unit::Page => locale.say("página", "page"),
        Unit::GibStored => locale.say("GiB guardado", "GiB stored"),
        Unit::GibMoved => locale.say("GiB trafegado", "GiB moved"),
    }
}

/// The part of a report about costs.
pub fn section(lines: Vec<Line<'_>>, locale: Locale) -> Section<'_> {
    let (sum, rows) = (total(&lines), lines.len());
    let column = |name, heading: &str, form, place| Column { name, heading: heading.to_owned(), form, place };
    let row = move |at: usize| -> Vec<Cell<'_>> {
        let Some(line) = lines.get(at) else { return Vec::new() };
        let whole = line.quantity.fract() == 0.0;
        let of = line.price.kind.as_deref().map(|kind| kind_name(kind, locale));
        vec![
            Cell::Text(of.unwrap_or_else(|| locale.say("Tudo", "Everything").to_owned()).into()),
            Cell::Text(unit_name(line.price.per, locale).into()),
            Cell::Number(line.quantity, if whole { 0 } else { 2 }),
            Cell::Number(line.price.amount, 4),
            Cell::Money(line.hundredths),
        ]
    };
    Section {
        heading: locale.say("Custo estimado", "Estimated cost").to_owned(),
        lead: locale
            .say(
                "Estimativa pela tabela de preços do operador; não é uma cobrança.",
                "An estimate by the operator's price table; not an invoice.",
            )
            .to_owned(),
        charts: Vec::new(),
        table: Some(Table {
            name: "cost",
            title: locale.say("Custo estimado", "Estimated cost").to_owned(),
            columns: vec![
                column("kind", locale.say("De", "Of"), Form::Text, Place::Wide(1.0)),
                column("unit", locale.say("Por", "Per"), Form::Text, Place::Wide(1.2)),
                column("quantity", locale.say("Quantidade", "Quantity"), Form::Number(2), Place::Own),
                column("price", locale.say("Preço", "Price"), Form::Number(4), Place::Own),
                column("amount", locale.say("Valor", "Amount"), Form::Money, Place::Own),
            ],
            rows,
            row: Box::new(row),
            total: Some(vec![
                Cell::Text("Total".into()),
                Cell::Nothing,
                Cell::Nothing,
                Cell::Nothing,
                Cell::Money(sum),
            ]),
            empty: locale.say("Nada que tenha preço.", "Nothing that has a price.").to_owned(),
            main: false,
            shown: true,
            of: None,
        }),
    }
}
