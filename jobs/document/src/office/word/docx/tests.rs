//! Tests of whole documents.

use super::super::super::super::error::ReadError;
use super::super::super::super::format::Format;
use super::super::super::super::limits::DocumentLimits;
use super::super::super::super::model::{BlockKind, Mark, Metadata};
use super::super::super::super::recorder::Recorder;
use super::super::super::archive::tests::packed;
use super::super::super::output::tests::{kept, kept_within};

const RELATIONS: &str = "<Relationships><Relationship Id='rId1' Type='http://x/officeDocument' \
    Target='word/document.xml'/></Relationships>";
const OWN_RELATIONS: &str = "<Relationships>\
    <Relationship Id='l' Type='x/hyperlink' Target='https://example.org/' TargetMode='External'/>\
    <Relationship Id='f' Type='x/footnotes' Target='footnotes.xml'/>\
    <Relationship Id='s' Type='x/styles' Target='styles.xml'/>\
    <Relationship Id='h' Type='x/header' Target='header1.xml'/></Relationships>";
const STYLES: &str =
    "<styles><style type='paragraph' styleId='Ttulo1'><name val='heading 1'/></style></styles>";
const NOTES: &str = "<footnotes><footnote id='2'><p><r><t>a note</t><footnoteReference id='2'/></r></p></footnote></footnotes>";

fn with(body: &str) -> tempfile::NamedTempFile {
    let document = format!("<w:document xmlns:w='w' xmlns:r='r'><w:body>{body}</w:body></w:document>");
    packed(&[
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("word/document.xml", document.as_bytes()),
        ("word/_rels/document.xml.rels", OWN_RELATIONS.as_bytes()),
        ("word/styles.xml", STYLES.as_bytes()),
        ("word/footnotes.xml", NOTES.as_bytes()),
        ("word/header1.xml", b"<hdr><p><r><t>Empresa</t></r></p></hdr>"),
    ])
}

fn read(body: &str) -> (Recorder, Result<Metadata, ReadError>) {
    kept(Format::Docx, with(body).path())
}

#[test]
fn headings_links_notes_and_changes_are_read_as_a_reader_sees_them() {
    let (kept, _) = read(
        "<w:p><w:pPr><w:pStyle w:val='Ttulo1'/></w:pPr><w:r><w:t>Início</w:t></w:r></w:p>\
         <w:p><w:r><w:rPr><w:b/></w:rPr><w:t>bold</w:t></w:r><w:r><w:t xml:space='preserve'> and </w:t></w:r>\
         <w:hyperlink r:id='l'><w:r><w:t>a link</w:t></w:r></w:hyperlink>\
         <w:ins><w:r><w:t>, new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del>\
         <w:r><w:footnoteReference w:id='2'/></w:r></w:p>",
    );
    assert_eq!(kept.texts(), ["Início", "bold and a link, new¹", "a note²"]);
    let blocks = &kept.pages[0].blocks;
    assert_eq!(blocks[0].kind, BlockKind::Heading { level: 1 });
    assert_eq!((&blocks[2].kind, blocks[2].label.as_deref()), (&BlockKind::Footnote, Some("1")));
    let marks = blocks[1].spans.iter().map(|it| (it.start, it.end, &it.mark)).collect::<Vec<_>>();
    let link = Mark::Link { url: "https://example.org/".to_owned() };
    let note = Mark::Note { label: "1".to_owned() };
    assert_eq!(marks, [(0, 4, &Mark::Strong), (9, 15, &link), (20, 22, &note)]);
}

#[test]
fn pages_begin_at_breaks_and_headers_stand_on_the_first() {
    let (kept, metadata) = read(
        "<w:p><w:r><w:t>one</w:t><w:br w:type='page'/><w:t>two</w:t></w:r></w:p>\
         <w:p><w:r><w:lastRenderedPageBreak/><w:t>three</w:t></w:r></w:p>\
         <w:sectPr><w:headerReference w:type='default' r:id='h'/></w:sectPr>",
    );
    let pages = kept.pages.iter().map(|it| it.blocks.iter().map(|it| it.text.as_str()).collect::<Vec<_>>());
    assert_eq!(pages.collect::<Vec<_>>(), [vec!["Empresa", "one"], vec!["two"], vec!["three"]]);
    assert_eq!(metadata.unwrap().pages, Some(3));
}

#[test]
fn tables_keep_their_spans_and_frames_are_opened() {
    let cell = |properties: &str, text: &str| {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let (kept, _) = read(&format!(
        "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}{}</w:tr></w:tbl><w:tbl><w:tr>{}</w:tr></w:tbl>",
        cell("<w:vMerge w:val='restart'/>", "a"),
        cell("<w:gridSpan w:val='2'/>", "b"),
        cell("<w:vMerge/>", ""),
        cell("", "c"),
        cell("", "d"),
        cell("", "framed"),
    ));
    assert_eq!(kept.texts(), ["a\tb\tb\na\tc\td", "framed"]);
    let BlockKind::Table(table) = &kept.pages[0].blocks[0].kind else { panic!("no table") };
    assert_eq!((table.cells[0].row_span, table.cells[1].column_span), (2, 2));
}

#[test]
fn a_document_that_breaks_off_gives_what_came_before() {
    let (kept, metadata) = read("<w:p><w:r><w:t>whole</w:t></w:r></w:p><w:p><w:r><w:t>half</w:t></w:x>");
    assert!(metadata.is_ok() && kept.warned("truncated"));
    assert_eq!(kept.texts(), ["whole", "half"]);
}

#[test]
fn a_dtd_and_deep_nesting_are_refused() {
    let file = packed(&[(
        "word/document.xml",
        b"<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><document><body><p><r><t>&x;</t></r></p></body></document>",
    )]);
    let (kept, refusal) = kept(Format::Docx, file.path());
    assert_eq!((kept.pages.len(), refusal.unwrap_err().code), (0, "malformed_document"));
    let (_, refusal) = read(&"<w:sdt><w:sdtContent>".repeat(100_000));
    assert_eq!(refusal.unwrap_err().code, "document_too_large");
}

#[test]
fn the_text_is_limited() {
    let limits = DocumentLimits { text_bytes: 100, ..DocumentLimits::default() };
    let file = with(&"<w:p><w:r><w:t>twenty characters...</w:t></w:r></w:p>".repeat(1000));
    let (kept, metadata) = kept_within(Format::Docx, file.path(), &limits);
    assert!(metadata.is_ok() && kept.warned("truncated"));
    assert!(kept.texts().len() <= 5);
}

#[test]
fn text_that_tables_in_a_cell_repeat_counts() {
    let cell = |properties: &str, text: &str| {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let inner = format!(
        "<w:tbl><w:tr>{}<w:tc/></w:tr></w:tbl>",
        cell("<w:gridSpan w:val='64'/>", &"a".repeat(3_000))
    );
    let body = format!("<w:tbl><w:tr><w:tc>{}</w:tc><w:tc/></w:tr></w:tbl><w:p/>", inner.repeat(200));
    let limits = DocumentLimits { text_bytes: 1_000_000, ..DocumentLimits::default() };
    let (kept, metadata) = kept_within(Format::Docx, with(&body).path(), &limits);
    assert!(metadata.is_ok() && kept.warned("truncated"));
    assert!(kept.texts().iter().map(|text| text.len()).sum::<usize>() <= 1_000_000);
}
