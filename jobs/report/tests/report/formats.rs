//! Each format of each report, of each tenant one can think of.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use esteira_report::{
    Asked, Dataset, Format, Input, Materials, Note, ReportError, ReportLimits, Totals, dataset_schema,
    render, render_one, report_schema,
};
use serde_json::{Value, json};

use crate::samples;

const REPORTS: [&str; 3] = ["usage", "activity", "quality"];
const LOCALES: [&str; 2] = ["pt-BR", "en-US"];

fn input(report: &str, locale: &str) -> Input {
    serde_json::from_value(json!({
        "report": report, "period": "last_7_days", "locale": locale, "compare": true,
        "formats": ["pdf", "xlsx", "csv", "json", "html"],
    }))
    .unwrap()
}

fn file(format: Format, report: &str, locale: &str, data: &Dataset) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let materials = Materials { logo: None, template: None, scratch: folder.path() };
    let made = render_one(format, &input(report, locale), data, &materials, &ReportLimits::default());
    made.unwrap().bytes
}

fn json_of(data: &Dataset, report: &str, locale: &str) -> Value {
    serde_json::from_slice(&file(Format::Json, report, locale, data)).unwrap()
}

fn table<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["tables"].as_array().unwrap().iter().find(|table| table["name"] == name).unwrap()
}

#[test]
fn the_same_dataset_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let materials = Materials { logo: None, template: None, scratch: folder.path() };
    for report in REPORTS {
        let made = || {
            render(&input(report, "pt-BR"), &samples::busy(), &materials, &ReportLimits::default()).unwrap()
        };
        let first = made();
        let names: Vec<&str> = first.iter().map(|file| file.name).collect();
        assert_eq!(names, ["report.pdf", "report.xlsx", "report.csv", "report.json", "report.html"]);
        for (one, two) in first.iter().zip(made()) {
            assert!(*one == two, "{} of {report} changed", one.name);
            assert_eq!(two.warning, None);
        }
    }
}

#[test]
fn every_report_of_every_tenant_speaks_both_languages() {
    for data in [samples::busy(), samples::nothing(Asked::MonthToDate), samples::failing()] {
        for report in REPORTS {
            let [portuguese, english] =
                LOCALES.map(|locale| String::from_utf8(file(Format::Html, report, locale, &data)).unwrap());
            assert!(portuguese.contains("lang=\"pt-BR\"") && portuguese.contains("Sobre os dados"));
            assert!(english.contains("lang=\"en-US\"") && english.contains("About the data"));
            for word in ["Relatório", "Trabalhos", "Falharam", "Nenhum", "Nada "] {
                let clean = english.replace("Relatório_", "").replace("Relatório trimestral", "");
                assert!(!clean.contains(word), "{report} in English says {word}");
            }
        }
    }
}

#[test]
fn every_pdf_can_be_read_aloud_and_says_which_language_it_is_in() {
    for data in [samples::busy(), samples::nothing(Asked::MonthToDate), samples::failing()] {
        for report in REPORTS {
            for locale in LOCALES {
                let pdf = file(Format::Pdf, report, locale, &data);
                let has = |wanted: &str| pdf.windows(wanted.len()).any(|window| window == wanted.as_bytes());
                assert!(has("pdfuaid"), "{report} does not promise PDF/UA-1");
                assert!(has(&format!("({locale})")), "{report} names no language");
                assert!(has("/StructTreeRoot"), "{report} has no tags");
            }
        }
    }
}

#[test]
fn totals_add_up_in_every_table_and_figure() {
    for data in [samples::busy(), samples::failing(), samples::nothing(Asked::Yesterday)] {
        let report = json_of(&data, "usage", "en-US");
        let rows = &data.usage.as_ref().unwrap().days;
        let jobs: i64 = rows.iter().map(|row| row.succeeded + row.failed + row.cancelled).sum();
        assert_eq!(report["figures"][0]["value"], jobs);
        for name in ["kinds", "days", "cost"] {
            let table = table(&report, name);
            let rows = table["rows"].as_array().unwrap();
            for (at, column) in table["columns"].as_array().unwrap().iter().enumerate() {
                let total = &table["total"][at];
                if total.is_string() || total.is_null() {
                    continue;
                }
                let sum: f64 = rows.iter().map(|row| row[at].as_f64().unwrap()).sum();
                assert!((sum - total.as_f64().unwrap()).abs() < 1e-6 * sum.abs().max(1.0), "{name} {column}");
            }
        }
        let succeeded = |name: &str, at: usize| table(&report, name)["total"][at].as_i64().unwrap();
        assert_eq!(succeeded("kinds", 1), succeeded("days", 1));
        let cost =
            report["figures"].as_array().unwrap().iter().find(|figure| figure["name"] == "cost").unwrap();
        assert_eq!(cost["value"], table(&report, "cost")["total"][4]);
    }
}

#[test]
fn json_fits_its_schema_and_so_does_the_dataset() {
    let (of_report, of_dataset) = (report_schema(), dataset_schema());
    assert!(jsonschema::meta::is_valid(&of_report) && jsonschema::meta::is_valid(&of_dataset));
    let of_report = jsonschema::validator_for(&of_report).unwrap();
    let of_dataset = jsonschema::validator_for(&of_dataset).unwrap();
    for data in [samples::busy(), samples::nothing(Asked::LastMonth), samples::failing(), samples::hostile()]
    {
        let value = serde_json::to_value(&data).unwrap();
        let faults: Vec<String> = of_dataset.iter_errors(&value).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(serde_json::from_value::<Dataset>(value).unwrap(), data);
        for report in REPORTS {
            let report = json_of(&data, report, "pt-BR");
            let faults: Vec<String> = of_report.iter_errors(&report).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{faults:?}");
        }
    }
}

#[test]
fn the_published_schemas_are_those_of_the_program() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for (name, schema) in
        [("report.schema.json", report_schema()), ("report.dataset.schema.json", dataset_schema())]
    {
        let published: Value = serde_json::from_slice(&std::fs::read(docs.join(name)).unwrap()).unwrap();
        assert_eq!(published, schema, "write docs/{name} anew: the example render has `schemas`");
    }
}

#[test]
fn a_workbook_has_typed_cells_and_all_rows() {
    let rows = 2_500;
    let data = samples::long(rows);
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(file(Format::Xlsx, "activity", "pt-BR", &data))).unwrap();
    let names = book.sheet_names();
    assert_eq!(names[0], "Resumo");
    let sheet = book.worksheet_range("O que foi feito").unwrap();
    assert_eq!(sheet.height(), rows + 1);
    let row: Vec<&Data> = sheet.rows().nth(1).unwrap().iter().collect();
    assert!(matches!(row[0], Data::DateTime(_)), "{:?}", row[0]);
    assert!(matches!(row[1], Data::String(_)), "{:?}", row[1]);
    assert!(matches!(row[5], Data::Float(_) | Data::Int(_)), "{:?}", row[5]);
    let summary = book.worksheet_range("Resumo").unwrap();
    assert!(summary.rows().flatten().any(|cell| *cell == Data::String("Concluídos".to_owned())));
}

#[test]
fn a_table_of_a_workbook_adds_up() {
    let data = samples::busy();
    let mut book: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(file(Format::Xlsx, "usage", "en-US", &data))).unwrap();
    let sheet = book.worksheet_range("By day").unwrap();
    let number = |cell: &Data| match cell {
        Data::Float(number) => *number,
        Data::Int(number) => *number as f64,
        other => panic!("no number: {other:?}"),
    };
    let rows: Vec<f64> = sheet.rows().skip(1).map(|row| number(&row[1])).collect();
    let (total, days) = rows.split_last().unwrap();
    assert_eq!(days.iter().sum::<f64>(), *total);
}

#[test]
fn a_csv_file_keeps_to_rfc_4180_and_holds_no_formula() {
    let data = samples::hostile();
    let csv = file(Format::Csv, "activity", "pt-BR", &data);
    let text = String::from_utf8(csv).unwrap();
    assert!(text.starts_with("at,name,kind,"));
    assert!(text.ends_with("\r\n"));
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().len();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.unwrap();
        assert_eq!(row.len(), columns);
        for value in &row {
            let number = value.parse::<f64>().is_ok();
            assert!(number || !value.starts_with(['=', '+', '-', '@', '\t', '\r', '%', '|']), "{value}");
        }
        rows += 1;
    }
    assert_eq!(rows, data.activity.unwrap().made.len());
    // As spreadsheets of other countries read it.
    for delimiter in [b';', b'\t'] {
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        let mut fields = 0;
        for row in reader.records() {
            for value in &row.unwrap() {
                let value = value.trim_start();
                assert!(!value.starts_with(['=', '+', '-', '@', '%', '|', '−']), "{value}");
                fields += 1;
            }
        }
        assert!(fields >= rows);
    }
}

#[test]
fn no_text_becomes_markup_of_a_page() {
    for report in REPORTS {
        let html = file(Format::Html, report, "en-US", &samples::hostile());
        let html = String::from_utf8(html).unwrap();
        let allowed = [
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "header",
            "main",
            "p",
            "h1",
            "h2",
            "dl",
            "div",
            "dt",
            "dd",
            "section",
            "figure",
            "figcaption",
            "svg",
            "line",
            "text",
            "rect",
            "ul",
            "li",
            "i",
            "table",
            "caption",
            "thead",
            "tbody",
            "tfoot",
            "tr",
            "th",
            "td",
            "code",
            "small",
            "a",
            "span",
        ];
        for token in html5gum::Tokenizer::new(&html) {
            let Ok(html5gum::Token::StartTag(tag)) = token else { continue };
            let name = String::from_utf8_lossy(&tag.name).into_owned();
            assert!(allowed.contains(&name.as_str()), "<{name}> in {report}");
            for (attribute, value) in &tag.attributes {
                let attribute = String::from_utf8_lossy(attribute).into_owned();
                let value = String::from_utf8_lossy(value).into_owned();
                assert!(!attribute.starts_with("on"), "{attribute}");
                if attribute == "href" {
                    assert!(value.starts_with("https://esteira.example"), "{value}");
                }
            }
        }
        assert!(html.contains("default-src 'none'"));
    }
}

#[test]
fn no_text_becomes_markup_of_typst() {
    // A text that was taken for source would end the report with a panic, an import or a missing file, or vanish.
    for report in REPORTS {
        for locale in LOCALES {
            assert!(file(Format::Pdf, report, locale, &samples::hostile()).starts_with(b"%PDF-"));
        }
    }
}

#[test]
fn forty_kinds_of_failures_each_say_what_to_do() {
    for locale in LOCALES {
        let report = json_of(&samples::failing(), "activity", locale);
        let failures = table(&report, "failures")["rows"].as_array().unwrap();
        assert_eq!(failures.len(), 40);
        for row in failures {
            let advice = row[3].as_str().unwrap();
            assert!(advice.len() > 30 && advice.ends_with('.'), "{row}");
            // What is said of a code that nobody knows is said of no other.
            let is_unknown = row[1].as_str().unwrap().starts_with("a_code_of_a_kind");
            let says_nothing =
                ["Leia a mensagem", "Read the message"].iter().any(|start| advice.starts_with(start));
            assert_eq!(says_nothing, is_unknown, "{row}");
        }
    }
}

#[test]
fn a_report_says_what_was_missing_and_when_its_data_end() {
    let notes = |data: &Dataset| json_of(data, "usage", "pt-BR")["notes"].to_string();
    assert!(notes(&samples::nothing(Asked::Yesterday)).contains("Nada faltou"));
    let busy = notes(&samples::busy());
    assert!(
        busy.contains("30/11/2026 02:00")
            && busy.contains("3 trabalhos enviados até o fim do período ainda não terminaram"),
        "{busy}"
    );
    let failing = notes(&samples::failing());
    assert!(failing.contains("ainda não terminou") && failing.contains("1.234.567"), "{failing}");
}

#[test]
fn what_is_pruned_is_told_and_of_the_period_before_it_is_not_compared() {
    let mut data = samples::busy();
    let before = data.period.from;
    data.notes = vec![
        Note::Pruned { before },
        Note::Before { note: Box::new(Note::Pruned { before }) },
        Note::Before { note: Box::new(Note::Shortened { list: "documents".to_owned(), rows: 7 }) },
    ];
    if let Some(earlier) = &mut data.before {
        (earlier.activity, earlier.quality) = (None, None);
    }
    for report in ["activity", "quality"] {
        let made = json_of(&data, report, "en-US");
        let notes = made["notes"].to_string();
        assert!(notes.contains("sums by day have them") && notes.contains("are not compared"), "{notes}");
        assert!(notes.contains("Of the period before: The list “Documents” has 7 rows"), "{notes}");
        assert!(made["figures"].as_array().unwrap().iter().all(|figure| figure.get("before").is_none()));
    }
}

#[test]
fn figures_count_what_is_beyond_a_cut_list_and_bytes_kept_are_not_compared() {
    let mut data = samples::failing();
    data.quality.as_mut().unwrap().totals =
        Totals { video_warnings: 5_000, transcripts: 6_000, documents: 7_000 };
    let value = |report: &str, name: &str| {
        let made = json_of(&data, report, "en-US");
        let figures = made["figures"].as_array().unwrap();
        figures.iter().find(|figure| figure["name"] == name).unwrap()["value"].clone()
    };
    assert_eq!(value("activity", "causes"), 1_040);
    assert_eq!(value("quality", "video_warnings"), 5_000);
    assert_eq!(
        (value("quality", "transcripts"), value("quality", "documents")),
        (json!(6_000), json!(7_000))
    );
    assert_eq!(value("quality", "empty_pages"), 250 * 12);
    let usage = json_of(&samples::busy(), "usage", "en-US");
    let figures = usage["figures"].as_array().unwrap();
    for figure in figures {
        assert_eq!(figure.get("before").is_none(), figure["name"] == "bytes_kept", "{figure}");
    }
}

#[test]
fn a_price_that_nobody_can_have_meant_is_told_and_no_amount_counts_as_nothing() {
    let mut data = samples::busy();
    data.prices.as_mut().unwrap().prices[0].amount = 1e15;
    let folder = tempfile::tempdir().unwrap();
    let materials = Materials { logo: None, template: None, scratch: folder.path() };
    let error = render(&input("usage", "pt-BR"), &data, &materials, &ReportLimits::default()).unwrap_err();
    assert_eq!(error, ReportError::Price(1e15));
    let told = esteira_engine::job::KindError::from(error);
    assert_eq!((told.code.as_str(), told.retryable), ("bad_settings", false));
}

#[test]
fn a_dataset_of_another_report_is_refused() {
    let mut data = samples::busy();
    data.quality = None;
    let folder = tempfile::tempdir().unwrap();
    let materials = Materials { logo: None, template: None, scratch: folder.path() };
    let error = render(&input("quality", "pt-BR"), &data, &materials, &ReportLimits::default());
    assert_eq!(error.unwrap_err(), ReportError::Dataset("quality"));
}
