//! Tests of whole workbooks.

use super::super::super::super::format::Format;
use super::super::super::super::limits::DocumentLimits;
use super::super::super::super::model::{BlockKind, PageKind};
use super::super::super::archive::tests::packed;
use super::super::super::output::tests::{kept, kept_within};

const RELATIONS: &str = "<Relationships><Relationship Id='rId1' \
    Type='http://x/officeDocument' Target='xl/workbook.xml'/></Relationships>";
const BOOK_RELATIONS: &str = "<Relationships>\
    <Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/>\
    <Relationship Id='r2' Type='x/worksheet' Target='worksheets/sheet2.xml'/>\
    <Relationship Id='r3' Type='x/sharedStrings' Target='sharedStrings.xml'/>\
    <Relationship Id='r4' Type='x/styles' Target='styles.xml'/></Relationships>";
const BOOK: &str = "<workbook xmlns:r='r'><sheets><sheet name='Vendas' r:id='r1'/>\
    <sheet name='Oculta' state='hidden' r:id='r2'/></sheets></workbook>";
const STRINGS: &str =
    "<sst><si><t>Mês</t></si><si><r><t>Va</t></r><r><t>lor</t></r><rPh><t>x</t></rPh></si></sst>";
const STYLES: &str = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd/mm/yyyy'/></numFmts>\
    <cellXfs><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='10'/></cellXfs></styleSheet>";

fn book(sheet: &str) -> tempfile::NamedTempFile {
    packed(&[
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELATIONS.as_bytes()),
        ("xl/sharedStrings.xml", STRINGS.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/worksheets/sheet2.xml", b"<worksheet><sheetData/></worksheet>"),
    ])
}

#[test]
fn cells_show_what_a_reader_of_the_sheet_sees() {
    let file = book(
        "<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c></row>\
         <row r='2'><c r='A2' s='1'><v>44197</v></c><c r='B2' s='2'><v>0.256</v></c></row>\
         <row r='3'><c t='b'><v>1</v></c><c t='e'><v>#DIV/0!</v></c></row></sheetData></worksheet>",
    );
    let (kept, metadata) = kept(Format::Xlsx, file.path());
    assert_eq!(metadata.unwrap().pages, Some(2));
    assert_eq!(kept.texts(), ["Vendas", "Mês\tValor\n01/01/2021\t25.60%\nTRUE\t#DIV/0!", "Oculta"]);
    assert!(kept.warned("hidden_sheet"));
    assert_eq!(kept.pages[0].kind, PageKind::Sheet);
    let BlockKind::Table(table) = &kept.pages[0].blocks[1].kind else { panic!("no table") };
    assert_eq!((table.cells[2].value, table.cells[0].header), (Some(44197.0), true));
}

#[test]
fn cells_are_counted_while_they_are_read() {
    let rows = "<row><c><v>1</v></c></row>".repeat(50);
    let file = book(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"));
    let limits = DocumentLimits { cells: 10, ..DocumentLimits::default() };
    let (kept, metadata) = kept_within(Format::Xlsx, file.path(), &limits);
    assert!(metadata.is_ok() && kept.warned("truncated"));
    assert_eq!(kept.texts()[1].lines().count(), 10);
}

#[test]
fn far_cells_and_strange_references_cost_nothing() {
    let file = book(
        "<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c><c r='XFD1048576'><v>2</v></c>\
         <c r='ZZZ99999999'><v>3</v></c><c r='A4294967296'><v>4</v></c></row></sheetData>\
         <mergeCells><mergeCell ref='A1:XFD1048576'/></mergeCells></worksheet>",
    );
    let (kept, metadata) = kept(Format::Xlsx, file.path());
    assert!(metadata.is_ok());
    assert!(kept.texts().len() >= 2, "{:?}", kept.texts());
}

#[test]
fn formulas_that_nobody_has_computed_are_told() {
    let file = book(
        "<worksheet><sheetData><row r='1'><c r='A1'><f>1+1</f></c><c r='B1'><f>2</f><v>2</v></c>\
         <c r='C1' t='str'><f>\"\"</f><v></v></c></row></sheetData></worksheet>",
    );
    let (kept, metadata) = kept(Format::Xlsx, file.path());
    assert!(metadata.is_ok() && kept.warned("formula_without_value"));
    assert!(kept.warnings.iter().any(|warning| warning.loss && warning.message.starts_with("1 formulas")));
}

#[test]
fn where_a_cell_leads_is_told() {
    let sheet = "<worksheet xmlns:r='r'><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>loja</t></is></c>\
        <c r='B1' t='inlineStr'><is><t>x</t></is></c></row></sheetData>\
        <hyperlinks><hyperlink ref='A1' r:id='l1'/><hyperlink ref='B1' location='A1'/></hyperlinks></worksheet>";
    let relations = "<Relationships><Relationship Id='l1' Type='x/hyperlink' TargetMode='External' \
        Target='https://loja.example/'/></Relationships>";
    let file = packed(&[
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELATIONS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/worksheets/_rels/sheet1.xml.rels", relations.as_bytes()),
        ("xl/worksheets/sheet2.xml", b"<worksheet><sheetData/></worksheet>"),
    ]);
    let (kept, _) = kept(Format::Xlsx, file.path());
    assert!(kept.texts().contains(&"A1: https://loja.example/"), "{:?}", kept.texts());
}
