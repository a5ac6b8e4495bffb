//! What does a reader of a PDF get? Asked of PDFs that are written here, through PDFium.

use super::writer::{Font, Sheet, open, open_with, pdf};
use super::*;
use crate::limits::DocumentLimits;
use crate::model::{Block, BlockKind, Mark};

const DETAIL: Detail = Detail { words: false, tables: true };

fn blocks(sheet: Sheet) -> Vec<Block> {
    let (mut file, _folder) = open(&pdf(&[sheet], "", "", &[]));
    file.page(1, DETAIL).unwrap().page.blocks
}

/// Lines of a paragraph that is 60 characters wide, from `y` down.
fn prose(mut sheet: Sheet, x: f32, y: f32, lines: &[&str]) -> Sheet {
    for (at, line) in lines.iter().enumerate() {
        sheet = sheet.text(x, y - 12.0 * at as f32, line);
    }
    sheet
}

const LOREM: [&str; 4] = [
    "A extração de texto devolve os parágrafos na ordem da lei-",
    "tura, com as linhas juntas e sem os hífenes que só servem",
    "para partir uma palavra no fim de uma linha do original, e",
    "termina aqui.",
];

#[test]
fn headings_and_paragraphs_come_in_reading_order() {
    let sheet = prose(Sheet::default().set(Font::Bold, 18.0, 50.0, 740.0, "Introdução"), 50.0, 700.0, &LOREM);
    let found = blocks(sheet);
    let kinds: Vec<&BlockKind> = found.iter().map(|block| &block.kind).collect();
    assert_eq!(kinds, [&BlockKind::Heading { level: 1 }, &BlockKind::Paragraph]);
    assert!(found.last().is_some_and(|block| {
        block.text.starts_with("A extração de texto devolve os parágrafos na ordem da leitura,")
    }));
}

#[test]
fn columns_are_read_one_after_the_other() {
    let left: Vec<String> = (0..8).map(|at| format!("coluna da esquerda com a linha {at} cheia")).collect();
    let right: Vec<String> = (0..8).map(|at| format!("coluna da direita com a linha {at} cheia")).collect();
    let mut sheet = Sheet::default();
    for (at, (left, right)) in left.iter().zip(&right).enumerate() {
        let y = 700.0 - 12.0 * at as f32;
        sheet = sheet.text(50.0, y, left).text(320.0, y, right);
    }
    let text: Vec<String> = blocks(sheet).into_iter().map(|block| block.text).collect();
    let text = text.join(" ");
    assert!(text.find("esquerda com a linha 7") < text.find("direita com a linha 0"), "{text}");
}

#[test]
fn a_table_with_rules_has_its_cells() {
    let mut sheet = prose(Sheet::default(), 50.0, 740.0, &LOREM);
    for y in [650.0, 630.0, 610.0] {
        sheet = sheet.line((50.0, y), (350.0, y));
    }
    for x in [50.0, 200.0, 350.0] {
        sheet = sheet.line((x, 650.0), (x, 610.0));
    }
    sheet = sheet
        .text(55.0, 636.0, "Produto")
        .text(205.0, 636.0, "Preço")
        .text(55.0, 616.0, "Café")
        .text(205.0, 616.0, "1,50");
    let found = blocks(sheet);
    let table = found.iter().find_map(|block| match &block.kind {
        BlockKind::Table(table) => Some(table),
        _ => None,
    });
    let cells: Vec<&str> = table.unwrap().cells.iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(cells, ["Produto", "Preço", "Café", "1,50"]);
}

#[test]
fn a_table_without_rules_has_its_cells() {
    let rows = [
        ("Artigo", "Quantidade", "Total"),
        ("Caneta", "12", "6,00"),
        ("Papel", "3", "15,30"),
        ("Tinta", "1", "40,00"),
    ];
    let mut sheet = prose(Sheet::default(), 50.0, 740.0, &LOREM);
    for (at, (a, b, c)) in rows.iter().enumerate() {
        let y = 650.0 - 16.0 * at as f32;
        sheet = sheet.text(50.0, y, a).text(200.0, y, b).text(320.0, y, c);
    }
    let found = blocks(sheet);
    let table = found.iter().find_map(|block| match &block.kind {
        BlockKind::Table(table) => Some(table),
        _ => None,
    });
    assert_eq!(table.map(|table| (table.rows, table.columns)), Some((4, 3)));
    assert!(table.is_some_and(|table| table.cells.iter().take(3).all(|cell| cell.header)));
}

#[test]
fn items_of_lists_lose_their_markers_and_keep_their_numbers() {
    let sheet = prose(
        Sheet::default(),
        50.0,
        700.0,
        &["\u{95} um item", "\u{95} outro item", "1. primeiro", "2. segundo"],
    );
    let found: Vec<(BlockKind, String)> =
        blocks(sheet).into_iter().map(|block| (block.kind, block.text)).collect();
    let item = |number, text: &str| (BlockKind::ListItem { level: 0, number }, text.to_owned());
    assert_eq!(
        found,
        [
            item(None, "um item"),
            item(None, "outro item"),
            item(Some(1), "primeiro"),
            item(Some(2), "segundo")
        ]
    );
}

#[test]
fn code_keeps_its_lines() {
    let sheet = prose(Sheet::default(), 50.0, 740.0, &LOREM)
        .set(Font::Mono, 10.0, 50.0, 660.0, "fn main() {")
        .set(Font::Mono, 10.0, 74.0, 648.0, "run();")
        .set(Font::Mono, 10.0, 50.0, 636.0, "}");
    let code = blocks(sheet).into_iter().find(|block| matches!(block.kind, BlockKind::Code { .. }));
    assert_eq!(code.map(|block| block.text).as_deref(), Some("fn main() {\n    run();\n}"));
}

#[test]
fn links_mark_their_words() {
    let note = "/Annots [<< /Type /Annot /Subtype /Link /Rect [88 695 130 712] /A << /S /URI /URI (https://exemplo.pt/a) >> >>]";
    let found = blocks(Sheet::default().text(50.0, 700.0, "Veja o sítio da rede.").entry(note));
    let spans: Vec<&Mark> = found.iter().flat_map(|block| &block.spans).map(|span| &span.mark).collect();
    assert_eq!(spans, [&Mark::Link { url: "https://exemplo.pt/a".into() }]);
}

#[test]
fn notes_and_fields_are_told() {
    let notes =
        "/Annots [<< /Type /Annot /Subtype /Text /Rect [10 10 20 20] /Contents (rever isto) >> 10 0 R]";
    let field = "<< /Type /Annot /Subtype /Widget /FT /Tx /T (Nome) /V (Ana) /Rect [50 600 150 620] >>";
    let sheet = Sheet::default().text(50.0, 700.0, "Formulário").entry(notes);
    let (mut file, _folder) = open(&pdf(&[sheet], "/AcroForm << /Fields [10 0 R] >>", "", &[field]));
    let found: Vec<(BlockKind, String)> =
        file.page(1, DETAIL).unwrap().page.blocks.into_iter().map(|block| (block.kind, block.text)).collect();
    assert!(found.contains(&(BlockKind::Comment, "rever isto".into())), "{found:?}");
    assert!(found.contains(&(BlockKind::Field, "Nome: Ana".into())), "{found:?}");
}

#[test]
fn a_page_that_is_turned_is_read_upright() {
    let turned =
        Sheet::default().draw("BT /F1 10 Tf 0 1 -1 0 100 100 Tm (Texto de lado) Tj ET").entry("/Rotate 90");
    let (mut file, _folder) = open(&pdf(&[turned], "", "", &[]));
    let page = file.page(1, DETAIL).unwrap().page;
    assert_eq!((page.width, page.height, page.rotation), (Some(800.0), Some(600.0), 90.0));
    assert_eq!(page.blocks.first().map(|block| block.text.as_str()), Some("Texto de lado"));
}

#[test]
fn text_that_lies_on_its_side_turns_its_page() {
    let lying = Sheet::default().draw("BT /F1 10 Tf 0 1 -1 0 100 100 Tm (Texto de lado) Tj ET");
    let (mut file, _folder) = open(&pdf(&[lying], "", "", &[]));
    let page = file.page(1, DETAIL).unwrap().page;
    assert_eq!((page.width, page.rotation), (Some(800.0), 90.0));
    assert_eq!(page.blocks.first().map(|block| block.text.as_str()), Some("Texto de lado"));
}

#[test]
fn what_is_on_every_page_is_no_text() {
    let sheets: Vec<Sheet> = (1..=6)
        .map(|number| {
            let sheet =
                Sheet::default().text(50.0, 770.0, "Relatório anual").text(290.0, 30.0, &number.to_string());
            prose(sheet, 50.0, 700.0, &LOREM)
        })
        .collect();
    let (mut file, _folder) = open(&pdf(&sheets, "", "", &[]));
    let kinds: Vec<BlockKind> =
        file.page(1, DETAIL).unwrap().page.blocks.into_iter().map(|block| block.kind).collect();
    assert_eq!(kinds, [BlockKind::Header, BlockKind::Paragraph, BlockKind::Footer]);
}

#[test]
fn metadata_is_told() {
    let info =
        "<< /Title (Um título) /Author (Ana; Rui) /CreationDate (D:20240131120000Z) /Keywords (a, b) >>";
    let (file, _folder) = open(&pdf(&[Sheet::default()], "/Lang (pt-BR)", "/Info 10 0 R", &[info]));
    let metadata = file.metadata();
    assert_eq!(metadata.authors, ["Ana", "Rui"]);
    assert_eq!(metadata.created.as_deref(), Some("2024-01-31T12:00:00Z"));
    assert_eq!((metadata.language.as_deref(), metadata.pages), (Some("pt-BR"), Some(1)));
}

#[test]
fn embedded_files_are_given_up_to_the_limit() {
    let names = "/Names << /EmbeddedFiles << /Names [(a.txt) 10 0 R] >> >>";
    let spec = "<< /Type /Filespec /F (../a.txt) /UF (../a.txt) /EF << /F 11 0 R >> >>";
    let stream = "<< /Type /EmbeddedFile /Length 4 >>\nstream\nabcd\nendstream";
    let bytes = pdf(&[Sheet::default()], names, "", &[spec, stream]);
    let (file, _folder) = open(&bytes);
    let inner = crate::sink::Inner { name: "a.txt".into(), bytes: b"abcd".to_vec() };
    assert_eq!(file.attachments().collect::<Vec<_>>(), [Embedded::File(inner)]);
    drop(file);
    let limits = DocumentLimits { archive_part_bytes: 3, ..DocumentLimits::default() };
    let (file, _folder) = open_with(&bytes, None, &limits).unwrap();
    assert_eq!(
        file.attachments().collect::<Vec<_>>(),
        [Embedded::TooLarge { name: "a.txt".into(), bytes: 4 }]
    );
}

#[test]
fn an_embedded_file_is_given_once_and_none_after_the_limit_is_spent() {
    let names = |names: &str| format!("/Names << /EmbeddedFiles << /Names [{names}] >> >>");
    let spec = |file: u32| format!("<< /Type /Filespec /F (a.txt) /UF (a.txt) /EF << /F {file} 0 R >> >>");
    let stream = "<< /Type /EmbeddedFile /Length 4 >>\nstream\nabcd\nendstream";
    let again = "(a) 10 0 R (b) 10 0 R (c) 10 0 R";
    let (file, _folder) = open(&pdf(&[Sheet::default()], &names(again), "", &[&spec(11), stream]));
    assert_eq!(file.attachments().count(), 1);
    drop(file);
    let (a, b, c) = (spec(13), spec(13), spec(13));
    let bytes =
        pdf(&[Sheet::default()], &names("(a) 10 0 R (b) 11 0 R (c) 12 0 R"), "", &[&a, &b, &c, stream]);
    let limits = DocumentLimits { archive_bytes: 3, ..DocumentLimits::default() };
    let (file, _folder) = open_with(&bytes, None, &limits).unwrap();
    assert_eq!(
        file.attachments().collect::<Vec<_>>(),
        [Embedded::TooLarge { name: "a.txt".into(), bytes: 4 }]
    );
}

#[test]
fn a_page_is_drawn_at_the_size_that_is_asked_for() {
    let (file, _folder) = open(&pdf(&[Sheet::default().draw("1 0 0 rg 0 400 600 400 re f")], "", "", &[]));
    let picture = file.render(1, Scale::Width(60), PixelLayout::Rgb).unwrap();
    assert_eq!((picture.width, picture.height, picture.bytes.len()), (60, 80, 60 * 80 * 3));
    assert_eq!(picture.bytes.get(..3), Some([255, 0, 0].as_slice()));
    assert_eq!(picture.bytes.last(), Some(&255));
    let gray = file.render(1, Scale::Dpi(7.2), PixelLayout::Gray).unwrap();
    assert_eq!(gray.bytes.len(), 60 * 80);
}

#[test]
fn a_page_that_is_a_picture_is_told_from_one_that_says_its_text() {
    let image = "q 600 0 0 600 0 100 cm BI /W 1 /H 1 /CS /G /BPC 8 ID a EI Q";
    let (mut file, _folder) = open(&pdf(
        &[Sheet::default().draw(image), prose(Sheet::default(), 50.0, 700.0, &LOREM)],
        "",
        "",
        &[],
    ));
    let scan = file.page(1, DETAIL).unwrap().picture;
    assert!(scan.characters == 0 && (0.7..0.8).contains(&scan.image_cover), "{scan:?}");
    let text = file.page(2, DETAIL).unwrap().picture;
    assert!(text.characters > 100 && text.image_cover == 0.0 && text.broken_share == 0.0, "{text:?}");
}

#[test]
fn what_is_no_pdf_is_refused() {
    for bytes in [b"".as_slice(), b"nothing", b"%PDF-1.7\n"] {
        let refused = open_with(bytes, None, &DocumentLimits::default()).map(|_| ()).unwrap_err();
        assert_eq!(refused.code, "malformed_document");
    }
    let limits = DocumentLimits { bytes: 10, ..DocumentLimits::default() };
    let refused = open_with(&pdf(&[Sheet::default()], "", "", &[]), None, &limits).map(|_| ()).unwrap_err();
    assert_eq!(refused.code, "document_too_large");
}

#[test]
fn a_page_that_is_not_there_is_named() {
    let (mut file, _folder) = open(&pdf(&[Sheet::default()], "", "", &[]));
    assert_eq!(file.page(2, DETAIL).unwrap_err().code, "no_such_page");
    assert!(file.page(0, DETAIL).unwrap_err().message.contains("page 0"));
}

#[test]
fn the_same_page_is_the_same_twice() {
    let (mut file, _folder) = open(&pdf(&[prose(Sheet::default(), 50.0, 700.0, &LOREM)], "", "", &[]));
    let first = file.page(1, Detail { words: true, ..DETAIL }).unwrap().page;
    assert_eq!(file.page(1, Detail { words: true, ..DETAIL }).unwrap().page, first);
    assert!(first.blocks.iter().all(|block| !block.words.is_empty()));
}
