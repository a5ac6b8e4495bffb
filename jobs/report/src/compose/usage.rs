//! What was used, and what may it cost?

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Story, cost, days};
use crate::dataset::{Dataset, Outcomes, Usage, UsageRow};
use crate::model::{Bar, Cell, Chart, Column, Figure, Form, Place, Section, Table};
use crate::words::{Locale, kind_name};

/// The report; nothing where the dataset has no usage.
pub fn usage(data: &Dataset, locale: Locale) -> Option<Story<'_>> {
    let usage = data.usage.as_ref()?;
    let before = data.before.as_ref().and_then(|before| before.usage.as_ref());
    let sum = sum(usage);
    let costs = data.prices.as_ref().map(|prices| cost::lines(usage, prices));
    let mut sections =
        vec![trend(data, usage, locale), by_kind(usage, &sum, locale), by_day(usage, &sum, locale)];
    if let Some(lines) = costs {
        sections.push(cost::section(lines, locale));
    }
    sections.push(rows(usage, locale));
    Some(Story { figures: figures(data, usage, before, locale), lead: lead(&sum, locale), sections })
}

fn sum(usage: &Usage) -> UsageRow {
    let mut sum = UsageRow::new(NaiveDate::MIN, "");
    usage.days.iter().for_each(|row| sum.add(row));
    sum
}

/// Seconds of media, of videos and of all else.
fn media(usage: &Usage) -> (f64, f64) {
    let of = |videos: bool| -> f64 {
        let rows = usage.days.iter().filter(|row| row.kind.starts_with("video.") == videos);
        rows.map(|row| row.media_seconds).sum()
    };
    (of(true), of(false))
}

fn lead(sum: &UsageRow, locale: Locale) -> String {
    if sum.jobs() == 0 {
        return locale.say("Nenhum trabalho terminou no período.", "No job ended in the period.").to_owned();
    }
    let ended =
        locale.count(sum.jobs(), ["trabalho terminou", "trabalhos terminaram"], ["job ended", "jobs ended"]);
    let part = locale.percent(sum.succeeded as f64 / sum.jobs() as f64);
    let time = locale.duration(sum.processing_seconds);
    match locale {
        Locale::PtBr => format!("{ended}: {part} com êxito, em {time} de processamento."),
        Locale::EnUs => format!("{ended}: {part} of them well, in {time} of processing."),
    }
}

fn figures(data: &Dataset, usage: &Usage, before: Option<&Usage>, locale: Locale) -> Vec<Figure> {
    let figure =
        |name, [portuguese, english]: [&str; 2], of: &dyn Fn(&Usage) -> Cell<'static>, more_is_good| Figure {
            name,
            label: locale.say(portuguese, english).to_owned(),
            value: of(usage),
            before: before.map(of),
            more_is_good,
        };
    let mut figures = vec![
        figure("jobs", ["Trabalhos", "Jobs"], &|usage| Cell::Count(sum(usage).jobs()), Some(true)),
        figure(
            "success",
            ["Com êxito", "Succeeded"],
            &|usage| {
                let sum = sum(usage);
                if sum.jobs() == 0 {
                    Cell::Nothing
                } else {
                    Cell::Percent(sum.succeeded as f64 / sum.jobs() as f64)
                }
            },
            Some(true),
        ),
        figure(
            "processing_seconds",
            ["Processamento", "Processing"],
            &|usage| Cell::Seconds(sum(usage).processing_seconds),
            None,
        ),
        figure(
            "video_seconds",
            ["Vídeo produzido", "Video made"],
            &|usage| Cell::Seconds(media(usage).0),
            Some(true),
        ),
        figure(
            "audio_seconds",
            ["Áudio transcrito", "Audio transcribed"],
            &|usage| Cell::Seconds(media(usage).1),
            Some(true),
        ),
        figure("pages", ["Páginas lidas", "Pages read"], &|usage| Cell::Count(sum(usage).pages), Some(true)),
        // What was kept in the period before nobody has noted.
        Figure {
            before: None,
            ..figure(
                "bytes_kept",
                ["Guardado", "Kept"],
                &|usage| usage.bytes_kept.map_or(Cell::Nothing, Cell::Bytes),
                None,
            )
        },
    ];
    match &data.prices {
        Some(prices) => figures.push(figure(
            "cost",
            ["Custo estimado", "Estimated cost"],
            &|usage| Cell::Money(cost::total(&cost::lines(usage, prices))),
            None,
        )),
        None => figures.push(figure(
            "bytes_moved",
            ["Tráfego", "Traffic"],
            &|usage| Cell::Bytes(sum(usage).bytes_moved),
            None,
        )),
    }
    figures
}

fn trend<'a>(data: &Dataset, usage: &'a Usage, locale: Locale) -> Section<'a> {
    let days = usage.days.iter().map(|row| Outcomes {
        day: row.day,
        succeeded: row.succeeded,
        failed: row.failed,
        cancelled: row.cancelled,
    });
    Section {
        heading: locale.say("Evolução", "Trend").to_owned(),
        lead: String::new(),
        charts: days::trend(&data.period, days, locale),
        table: None,
    }
}

/// The columns of amounts, with their names; `all` has those that are of interest to programs alone.
fn amounts(locale: Locale, all: bool) -> Vec<Column> {
    let column = |name, [portuguese, english]: [&str; 2], form, shown: bool| Column {
        name,
        heading: locale.say(portuguese, english).to_owned(),
        form,
        place: if shown || all { Place::Own } else { Place::Hidden },
    };
    vec![
        column("succeeded", ["Concluídos", "Succeeded"], Form::Count, true),
        column("failed", ["Falharam", "Failed"], Form::Count, true),
        column("cancelled", ["Cancelados", "Cancelled"], Form::Count, true),
        column("attempts", ["Tentativas", "Attempts"], Form::Count, false),
        column("processing_seconds", ["Processamento", "Processing"], Form::Seconds, true),
        column("cpu_seconds", ["Processador", "Processor"], Form::Seconds, false),
        column("media_seconds", ["Mídia", "Media"], Form::Seconds, true),
        column("pages", ["Páginas", "Pages"], Form::Count, true),
        column("bytes_stored", ["Novos dados", "Stored"], Form::Bytes, true),
        column("bytes_moved", ["Tráfego", "Traffic"], Form::Bytes, false),
    ]
}

fn amounts_of(row: &UsageRow) -> Vec<Cell<'static>> {
    vec![
        Cell::Count(row.succeeded),
        Cell::Count(row.failed),
        Cell::Count(row.cancelled),
        Cell::Count(row.attempts),
        Cell::Seconds(row.processing_seconds),
        Cell::Seconds(row.cpu_seconds),
        Cell::Seconds(row.media_seconds),
        Cell::Count(row.pages),
        Cell::Bytes(row.bytes_stored),
        Cell::Bytes(row.bytes_moved),
    ]
}

/// The name of each row, and its amounts after it.
fn cells<'a>(first: Cell<'a>, row: &UsageRow) -> Vec<Cell<'a>> {
    std::iter::once(first).chain(amounts_of(row)).collect()
}

fn nothing_used(locale: Locale) -> String {
    locale.say("Nada foi usado no período.", "Nothing was used in the period.").to_owned()
}

fn by_kind<'a>(usage: &'a Usage, sum: &UsageRow, locale: Locale) -> Section<'a> {
    let mut kinds: BTreeMap<&str, UsageRow> = BTreeMap::new();
    for row in &usage.days {
        kinds.entry(&row.kind).or_insert_with(|| UsageRow::new(NaiveDate::MIN, row.kind.clone())).add(row);
    }
    // Whoever took most time stands first; uploads, which take none, last.
    let mut kinds: Vec<UsageRow> = kinds.into_values().collect();
    kinds.sort_by(|one, two| {
        two.processing_seconds.total_cmp(&one.processing_seconds).then(two.kind.cmp(&one.kind))
    });
    let bars: Vec<Bar> = kinds
        .iter()
        .filter(|row| row.processing_seconds > 0.0)
        .take(8)
        .map(|row| Bar {
            label: kind_name(&row.kind, locale),
            value: row.processing_seconds,
            text: locale.duration(row.processing_seconds),
        })
        .collect();
    let title = locale.say("Tempo de processamento por tipo", "Processing time by kind").to_owned();
    let mut columns = vec![Column {
        name: "kind",
        heading: locale.say("Tipo", "Kind").to_owned(),
        form: Form::Text,
        place: Place::Wide(1.0),
    }];
    columns.extend(amounts(locale, false));
    Section {
        heading: locale.say("Por tipo de trabalho", "By kind of job").to_owned(),
        lead: String::new(),
        charts: if bars.len() > 1 { vec![Chart::Bars { title, bars }] } else { Vec::new() },
        table: Some(Table {
            name: "kinds",
            title: locale.say("Por tipo", "By kind").to_owned(),
            columns,
            rows: kinds.len(),
            row: Box::new(move |at| {
                kinds
                    .get(at)
                    .map(|row| cells(Cell::Text(kind_name(&row.kind, locale).into()), row))
                    .unwrap_or_default()
            }),
            total: Some(cells(Cell::Text("Total".into()), sum)),
            empty: nothing_used(locale),
            main: false,
            shown: true,
            of: None,
        }),
    }
}

fn by_day<'a>(usage: &'a Usage, sum: &UsageRow, locale: Locale) -> Section<'a> {
    let mut days: BTreeMap<NaiveDate, UsageRow> = BTreeMap::new();
    for row in &usage.days {
        days.entry(row.day).or_insert_with(|| UsageRow::new(row.day, "")).add(row);
    }
    let days: Vec<UsageRow> = days.into_values().collect();
    let mut columns = vec![Column {
        name: "day",
        heading: locale.say("Dia", "Day").to_owned(),
        form: Form::Day,
        place: Place::Wide(1.0),
    }];
    columns.extend(amounts(locale, false));
    Section {
        heading: locale.say("Por dia", "By day").to_owned(),
        lead: String::new(),
        charts: Vec::new(),
        table: Some(Table {
            name: "days",
            title: locale.say("Por dia", "By day").to_owned(),
            columns,
            rows: days.len(),
            row: Box::new(move |at| {
                days.get(at).map(|row| cells(Cell::Day(row.day), row)).unwrap_or_default()
            }),
            total: Some(cells(Cell::Text("Total".into()), sum)),
            empty: nothing_used(locale),
            main: false,
            shown: true,
            of: None,
        }),
    }
}

/// Each day and kind, for whoever calculates further.
fn rows(usage: &Usage, locale: Locale) -> Section<'_> {
    let mut columns = vec![
        Column {
            name: "day",
            heading: locale.say("Dia", "Day").to_owned(),
            form: Form::Day,
            place: Place::Own,
        },
        Column {
            name: "kind",
            heading: locale.say("Tipo", "Kind").to_owned(),
            form: Form::Code,
            place: Place::Own,
        },
    ];
    columns.extend(amounts(locale, true));
    Section {
        heading: String::new(),
        lead: String::new(),
        charts: Vec::new(),
        table: Some(Table {
            name: "usage",
            title: locale.say("Uso por dia e tipo", "Usage by day and kind").to_owned(),
            columns,
            rows: usage.days.len(),
            row: Box::new(move |at| {
                let Some(row) = usage.days.get(at) else { return Vec::new() };
                let mut cells = vec![Cell::Day(row.day), Cell::Code(row.kind.as_str().into())];
                cells.extend(amounts_of(row));
                cells
            }),
            total: None,
            empty: nothing_used(locale),
            main: true,
            shown: false,
            of: None,
        }),
    }
}
