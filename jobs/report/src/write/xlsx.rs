//! `report.xlsx`: a sheet for the key figures with a chart, and a sheet a table, with typed cells and all rows.
//!
//! Rows go to the disk as they are written (the library's constant memory), so that a long table costs little memory.

use std::path::Path;

use chrono_tz::Tz;
use rust_xlsxwriter::{
    Chart, ChartFormat, ChartLegendPosition, ChartSolidFill, ChartType, Color, DocProperties, Format,
    FormatAlign, FormatBorder, Url, Workbook, Worksheet, XlsxError,
};

use crate::error::ReportError;
use crate::model::{self, Cell, Column, Columns, Form, Report, Table, Tone};
use crate::render::Made;
use crate::words::{Locale, shortened};

/// Rows of a sheet below its header, and characters of a cell (Excel's own limits).
const MOST_ROWS: usize = 1_048_574;
const MOST_CHARACTERS: usize = 32_767;

/// Links of a sheet: Excel takes 65,530.
const MOST_LINKS: usize = 65_000;

/// Bytes of a link: Excel takes 2,079 characters.
const MOST_ADDRESS: usize = 2_000;

/// Writes the workbook.
///
/// # Errors
/// Where the disk takes no rows, or this program has a fault.
pub fn xlsx(report: &Report<'_>, scratch: &Path) -> Result<Made, ReportError> {
    let bytes = workbook(report, scratch)
        .map_err(|error| ReportError::Write { format: "XLSX", cause: error.to_string() })?;
    let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(Made { name: "report.xlsx", media_type, bytes, warning: None })
}

fn workbook(report: &Report<'_>, scratch: &Path) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_tempdir(scratch)?;
    let properties = DocProperties::new()
        .set_title(&report.title)
        .set_author(&report.owner)
        .set_creation_datetime(&report.data_until.naive_utc());
    workbook.set_properties(&properties);
    let styles = Styles::new(report);
    let summary = workbook.add_worksheet();
    summary.set_name(report.locale.say("Resumo", "Summary"))?;
    write_summary(summary, report, &styles)?;
    for table in report.tables() {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(sheet_name(&table.title))?;
        write_table(sheet, table, report, &styles)?;
    }
    workbook.save_to_buffer()
}

/// Names of sheets have 31 characters at most; titles are the program's own, and have no sign that is forbidden there.
fn sheet_name(title: &str) -> String {
    shortened(title, 31)
}

/// How cells look.
struct Styles {
    title: Format,
    quiet: Format,
    head: Format,
    locale: Locale,
    currency: String,
}

impl Styles {
    fn new(report: &Report<'_>) -> Self {
        let accent = Color::from(report.colour.to_string().as_str());
        Self {
            title: Format::new().set_bold().set_font_size(16).set_font_color(accent),
            quiet: Format::new().set_font_color(Color::RGB(0x6b_72_80)),
            head: Format::new()
                .set_bold()
                .set_font_color(accent)
                .set_border_bottom(FormatBorder::Thin)
                .set_text_wrap()
                .set_align(FormatAlign::Top),
            locale: report.locale,
            currency: report.currency.to_owned(),
        }
    }

    /// How cells of a form are shown; Excel writes its marks by the reader's own language.
    fn of(&self, form: Form) -> Format {
        let money = match self.currency.as_str() {
            "BRL" => "\"R$\" #,##0.00".to_owned(),
            "USD" => "\"US$\" #,##0.00".to_owned(),
            "EUR" => "\"€\" #,##0.00".to_owned(),
            // A code has three capital letters, or it is left out.
            code if code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase()) => {
                format!("\"{code}\" #,##0.00")
            }
            _ => "#,##0.00".to_owned(),
        };
        let pattern: &str = match form {
            Form::Text | Form::Code => return Format::new(),
            Form::Count => "#,##0",
            Form::Bytes => "#,##0",
            Form::Number(0) => "#,##0",
            Form::Number(2) => "#,##0.00",
            Form::Number(_) => "#,##0.00##",
            Form::Percent => "0.0%",
            Form::Seconds => "[h]:mm:ss",
            Form::Money => &money,
            Form::Day => self.locale.say("dd/mm/yyyy", "mm/dd/yyyy"),
            Form::Moment => self.locale.say("dd/mm/yyyy hh:mm", "mm/dd/yyyy hh:mm"),
        };
        Format::new().set_num_format(pattern)
    }
}

fn write_summary(sheet: &mut Worksheet, report: &Report<'_>, styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 34)?;
    sheet.set_column_width(1, 18)?;
    sheet.set_column_width(2, 18)?;
    sheet.write_string_with_format(0, 0, &report.title, &styles.title)?;
    sheet.write_string_with_format(1, 0, &report.owner, &styles.quiet)?;
    sheet.write_string_with_format(2, 0, report.locale.span(&report.period), &styles.quiet)?;
    sheet.write_string(3, 0, &report.lead)?;
    let compared = report.figures.iter().any(|figure| figure.before.is_some());
    sheet.write_string_with_format(5, 0, report.locale.say("Números", "Figures"), &styles.head)?;
    sheet.write_string_with_format(5, 1, report.locale.say("Período", "Period"), &styles.head)?;
    if compared {
        sheet.write_string_with_format(
            5,
            2,
            report.locale.say("Período anterior", "Period before"),
            &styles.head,
        )?;
    }
    let mut row = 6;
    for figure in &report.figures {
        sheet.write_string(row, 0, &figure.label)?;
        write_cell(sheet, row, 1, &figure.value, &styles.of(form_of(&figure.value)), report.timezone, true)?;
        if let Some(before) = &figure.before {
            write_cell(sheet, row, 2, before, &styles.of(form_of(before)), report.timezone, true)?;
        }
        row += 1;
    }
    row += 1;
    for note in &report.notes {
        sheet.write_string_with_format(row, 0, note, &styles.quiet)?;
        row += 1;
    }
    let chart = report.sections.iter().flat_map(|section| &section.charts).find_map(|chart| match chart {
        model::Chart::Columns(columns) => Some(columns),
        model::Chart::Bars { .. } => None,
    });
    if let Some(columns) = chart {
        write_chart(sheet, row + 1, columns, report, styles)?;
    }
    Ok(())
}

/// A chart beside the figures, and the numbers that it is drawn of below them.
fn write_chart(
    sheet: &mut Worksheet,
    top: u32,
    columns: &Columns,
    report: &Report<'_>,
    styles: &Styles,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(top, 0, &columns.title, &styles.head)?;
    let last = top + u32::try_from(columns.labels.len()).unwrap_or(0);
    for (row, label) in (top + 1..).zip(&columns.labels) {
        sheet.write_string(row, 0, label)?;
    }
    let name = sheet.name();
    let mut chart = Chart::new(ChartType::ColumnStacked);
    for (column, series) in (1u16..).zip(&columns.series) {
        sheet.write_string_with_format(top, column, &series.name, &styles.head)?;
        for (row, value) in (top + 1..).zip(&series.values) {
            sheet.write_number_with_format(row, column, *value, &styles.of(Form::Count))?;
        }
        let colour = match series.tone {
            Tone::Accent => Color::from(report.colour.to_string().as_str()),
            Tone::Warn => Color::RGB(0xd9_77_06),
            Tone::Quiet => Color::RGB(0x9c_a3_af),
        };
        chart
            .add_series()
            .set_name((name.as_str(), top, column))
            .set_categories((name.as_str(), top + 1, 0, last, 0))
            .set_values((name.as_str(), top + 1, column, last, column))
            .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(colour)))
            .set_gap(60);
    }
    chart.title().set_name(&columns.title);
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.set_width(640).set_height(300);
    sheet.insert_chart(5, 4, &chart)?;
    Ok(())
}

fn write_table(
    sheet: &mut Worksheet,
    table: &Table<'_>,
    report: &Report<'_>,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let formats: Vec<Format> = table.columns.iter().map(|column| styles.of(column.form)).collect();
    for (at, column) in (0u16..).zip(&table.columns) {
        sheet.set_column_width(at, width(column))?;
        sheet.write_string_with_format(0, at, &column.heading, &styles.head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    if let Some(last) = table.columns.len().checked_sub(1).and_then(|last| u16::try_from(last).ok()) {
        sheet.autofilter(0, 0, u32::try_from(table.rows.min(MOST_ROWS)).unwrap_or(0), last)?;
    }
    let mut links = 0;
    let mut row = 1;
    for cells in table.each_row().take(MOST_ROWS) {
        for ((at, cell), format) in (0u16..).zip(&cells).zip(&formats) {
            links += usize::from(matches!(cell, Cell::Link { .. }));
            write_cell(sheet, row, at, cell, format, report.timezone, links <= MOST_LINKS)?;
        }
        row += 1;
    }
    if table.rows == 0 {
        sheet.write_string_with_format(1, 0, &table.empty, &styles.quiet)?;
    }
    for ((at, cell), format) in (0u16..).zip(table.total.iter().flatten()).zip(&formats) {
        let format = format.clone().set_bold().set_border_top(FormatBorder::Thin);
        write_cell(sheet, row, at, cell, &format, report.timezone, true)?;
    }
    Ok(())
}

fn width(column: &Column) -> f64 {
    match column.form {
        Form::Text if matches!(column.name, "what_to_do" | "message") => 60.0,
        Form::Text => 36.0,
        Form::Code if column.name == "job" => 38.0,
        Form::Code => 24.0,
        Form::Moment => 18.0,
        _ => 14.0,
    }
}

/// The form of a cell that stands in no column.
fn form_of(cell: &Cell<'_>) -> Form {
    match cell {
        Cell::Nothing | Cell::Text(_) | Cell::Link { .. } => Form::Text,
        Cell::Code(_) => Form::Code,
        Cell::Count(_) => Form::Count,
        Cell::Number(_, places) => Form::Number(*places),
        Cell::Percent(_) => Form::Percent,
        Cell::Seconds(_) => Form::Seconds,
        Cell::Bytes(_) => Form::Bytes,
        Cell::Money(_) => Form::Money,
        Cell::Day(_) => Form::Day,
        Cell::Moment(_) => Form::Moment,
    }
}

/// Writes a cell as what it is. A text is never a formula here: the library has another call for these.
fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell<'_>,
    format: &Format,
    zone: Tz,
    links: bool,
) -> Result<(), XlsxError> {
    let number = match cell {
        Cell::Nothing => return Ok(()),
        Cell::Link { text, href } if links && href.len() <= MOST_ADDRESS => {
            let url = Url::new(href.as_str()).set_text(shortened(text, 255));
            return sheet.write_url(row, column, url).map(|_| ());
        }
        Cell::Text(text) | Cell::Code(text) | Cell::Link { text, .. } => {
            let text = shortened(text, MOST_CHARACTERS);
            return sheet.write_string_with_format(row, column, text, format).map(|_| ());
        }
        Cell::Day(day) => {
            return sheet.write_datetime_with_format(row, column, day, format).map(|_| ());
        }
        Cell::Moment(instant) => {
            let local = instant.with_timezone(&zone).naive_local();
            return sheet.write_datetime_with_format(row, column, local, format).map(|_| ());
        }
        Cell::Count(whole) | Cell::Bytes(whole) => *whole as f64,
        Cell::Money(hundredths) => *hundredths as f64 / 100.0,
        Cell::Number(number, _) | Cell::Percent(number) => *number,
        // A duration is a part of a day there.
        Cell::Seconds(seconds) => *seconds / 86_400.0,
    };
    if number.is_finite() {
        sheet.write_number_with_format(row, column, number, format)?;
    }
    Ok(())
}
