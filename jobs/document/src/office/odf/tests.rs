//! Tests of whole documents of OpenDocument.

use super::super::super::format::Format;
use super::super::super::limits::DocumentLimits;
use super::super::super::model::{BlockKind, PageKind};
use super::super::super::recorder::Recorder;
use super::super::archive::tests::packed;
use super::super::output::tests::{kept, kept_within};

fn document(styles: &str, body: &str) -> tempfile::NamedTempFile {
    let content = format!(
        "<office:document-content><office:automatic-styles>{styles}</office:automatic-styles>\
         <office:body>{body}</office:body></office:document-content>"
    );
    let meta = "<office:document-meta><office:meta><dc:title>Título</dc:title>\
        <meta:initial-creator>Ana</meta:initial-creator></office:meta></office:document-meta>";
    packed(&[("content.xml", content.as_bytes()), ("meta.xml", meta.as_bytes())])
}

#[test]
fn a_text_is_headings_lists_notes_and_pages() {
    let styles = "<style:style style:name='P1' style:family='paragraph'><style:paragraph-properties fo:break-before='page'/>\
        </style:style><text:list-style style:name='L'><text:list-level-style-number text:level='1' style:num-format='1' \
        style:num-suffix='.'/><text:list-level-style-number text:level='2' style:num-format='1' style:num-suffix='.' \
        text:display-levels='2'/></text:list-style>";
    let item =
        |text: &str, more: &str| format!("<text:list-item><text:p>{text}</text:p>{more}</text:list-item>");
    let inner = format!("<text:list>{}</text:list>", item("deep", ""));
    let body = format!(
        "<office:text><text:h text:outline-level='2'>Capítulo</text:h><text:p>a<text:s text:c='3'/>b \n c\
         <text:note text:note-class='footnote'><text:note-citation>1</text:note-citation><text:note-body><text:p>note</text:p>\
         </text:note-body></text:note></text:p><text:list text:style-name='L'>{}{}</text:list>\
         <text:p text:style-name='P1'>next</text:p></office:text>",
        item("one", ""),
        item("two", &inner)
    );
    let (kept, metadata) = kept(Format::Odt, document(styles, &body).path());
    let metadata = metadata.unwrap();
    assert_eq!((metadata.title.as_deref(), metadata.pages), (Some("Título"), Some(2)));
    assert_eq!(kept.texts(), ["Capítulo", "a   b c¹", "one", "two", "2.1. deep", "note", "next"]);
    let kinds = kept.pages[0].blocks.iter().map(|it| it.kind.clone()).collect::<Vec<_>>();
    assert_eq!(kinds[0], BlockKind::Heading { level: 2 });
    assert_eq!(kinds[3], BlockKind::ListItem { level: 0, number: Some(2) });
    assert_eq!(kinds[5], BlockKind::Footnote);
    assert_eq!(kept.pages[0].blocks[5].label.as_deref(), Some("1"));
}

#[test]
fn cells_are_repeated_as_far_as_it_makes_sense() {
    let body = "<office:spreadsheet><table:table table:name='Folha'><table:table-row>\
        <table:table-cell office:value='1.5'><text:p>1,5</text:p></table:table-cell>\
        <table:table-cell table:number-columns-repeated='2'><text:p>x</text:p></table:table-cell></table:table-row>\
        <table:table-row table:number-rows-repeated='1048000'><table:table-cell/></table:table-row>\
        <table:table-row table:number-rows-repeated='4294967295'><table:table-cell table:number-columns-repeated='4294967295'>\
        <text:p>z</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>";
    let limits = DocumentLimits { cells: 1_000, ..DocumentLimits::default() };
    let (kept, metadata) = kept_within(Format::Ods, document("", body).path(), &limits);
    assert!(metadata.is_ok() && kept.warned("truncated"));
    assert_eq!(kept.pages[0].kind, PageKind::Sheet);
    assert_eq!(kept.texts()[..2], ["Folha", "1,5\tx\tx"]);
}

#[test]
fn slides_have_their_title_first_and_their_notes_last() {
    let shape = |class: &str, top: u32, text: &str| {
        format!(
            "<draw:frame presentation:class='{class}' svg:x='1cm' svg:y='{top}cm' svg:width='5cm' svg:height='1cm'>\
             <draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"
        )
    };
    let body = format!(
        "<office:presentation><draw:page draw:name='p1'><presentation:notes>{}</presentation:notes>{}{}{}</draw:page>\
         </office:presentation>",
        shape("notes", 1, "fale"),
        shape("outline", 9, "last"),
        shape("outline", 5, "first"),
        shape("title", 20, "Título"),
    );
    let (kept, _) = kept(Format::Odp, document("", &body).path());
    assert_eq!(kept.texts(), ["Título", "first", "last", "fale"]);
    assert_eq!(kept.pages[0].name.as_deref(), Some("Título"));
}

#[test]
fn an_encrypted_document_is_locked_and_circles_of_styles_end() {
    let manifest = "<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let file = packed(&[("content.xml", b"x"), ("META-INF/manifest.xml", manifest.as_bytes())]);
    assert_eq!(kept(Format::Odt, file.path()).1.unwrap_err().code, "document_locked");
    let styles = "<style:style style:name='a' style:family='paragraph' style:parent-style-name='b'/>\
        <style:style style:name='b' style:family='paragraph' style:parent-style-name='a'/>";
    let body = "<office:text><text:p text:style-name='a'>text</text:p></office:text>";
    assert_eq!(kept(Format::Odt, document(styles, body).path()).0.texts(), ["text"]);
}

/// A text with `body`, within limits of which `change` makes what it needs.
fn limited(body: &str, limits: &DocumentLimits) -> Recorder {
    let body = format!("<office:text>{body}</office:text>");
    let (kept, metadata) = kept_within(Format::Odt, document("", &body).path(), limits);
    metadata.unwrap();
    kept
}

#[test]
fn a_row_that_is_repeated_is_read_once_and_each_copy_counts() {
    let table = |rows: &str| format!("<table:table><table:table-row/>{rows}</table:table>");
    let row = |times: u32, cell: &str| {
        format!(
            "<table:table-row table:number-rows-repeated='{times}'><table:table-cell>{cell}</table:table-cell></table:table-row>"
        )
    };
    let kept = limited(&table(&row(3, "<text:p>a</text:p>")), &DocumentLimits::default());
    assert_eq!(kept.texts(), ["a\na\na"]);
    // Rows within rows within rows: a thousand millions of them, if each were read.
    let mut inner = table(&"<table:table-row table:number-rows-repeated='1000'/>".repeat(1_000));
    for _ in 0..3 {
        inner = table(&row(1_000, &inner));
    }
    let kept = limited(&format!("<text:p>x</text:p>{inner}"), &DocumentLimits::default());
    assert_eq!((kept.texts(), kept.warned("truncated")), (vec!["x"], false));
    let limits = DocumentLimits { text_bytes: 10_000, ..DocumentLimits::default() };
    let long = format!("<text:p>{}</text:p>", "a".repeat(9_000));
    let kept = limited(&table(&row(1_000, &long)), &limits);
    assert!(kept.warned("truncated") && kept.texts().iter().map(|text| text.len()).sum::<usize>() < 50_000);
}

#[test]
fn rows_under_a_span_that_are_repeated_keep_their_places() {
    let body = "<table:table><table:table-row><table:table-cell table:number-rows-spanned='3'><text:p>a</text:p></table:table-cell>\
        <table:table-cell><text:p>b</text:p></table:table-cell></table:table-row>\
        <table:table-row table:number-rows-repeated='2'><table:covered-table-cell/></table:table-row>\
        <table:table-row><table:table-cell><text:p>c</text:p></table:table-cell></table:table-row></table:table>";
    let kept = limited(body, &DocumentLimits::default());
    let BlockKind::Table(table) = &kept.pages[0].blocks[0].kind else { panic!("no table") };
    let places: Vec<_> = table.cells.iter().map(|cell| (cell.row, cell.column, cell.text.as_str())).collect();
    assert_eq!(places, [(0, 0, "a"), (0, 1, "b"), (3, 0, "c")]);
}

#[test]
fn names_that_are_too_long_are_none_and_an_object_is_read_once() {
    let name = "x".repeat(300);
    let styles = format!(
        "<style:style style:name='{name}' style:family='paragraph'><style:paragraph-properties fo:break-before='page'/></style:style>"
    );
    let body =
        format!("<office:text><text:p>a</text:p><text:p text:style-name='{name}'>b</text:p></office:text>");
    assert_eq!(kept(Format::Odt, document(&styles, &body).path()).0.pages.len(), 1);
    let frame = "<draw:frame><draw:object xlink:href='./Object 1'/></draw:frame>";
    let content = format!(
        "<office:document-content><office:body><office:text><text:p>{0}{0}</text:p></office:text></office:body></office:document-content>",
        frame
    );
    let object = "<office:document-content><office:body><office:chart><chart:chart chart:class='chart:bar'><table:table><table:table-rows>\
        <table:table-row><table:table-cell><text:p>v</text:p></table:table-cell></table:table-row></table:table-rows></table:table>\
        </chart:chart></office:chart></office:body></office:document-content>";
    let file = packed(&[("content.xml", content.as_bytes()), ("Object 1/content.xml", object.as_bytes())]);
    assert_eq!(kept(Format::Odt, file.path()).0.texts(), ["Bar chart", "v"]);
}
