//! Whole pages of the web.

use super::super::super::model::{Block, BlockKind, Mark};
use super::super::super::recorder::Recorder;
use super::*;

fn read_all(page: &str) -> Recorder {
    crate::seeds::keep(page.as_bytes());
    let mut recorder = Recorder::default();
    read(page.as_bytes(), &DocumentLimits::default(), &mut recorder).unwrap();
    recorder
}

fn kinds(page: &str) -> Vec<(BlockKind, String)> {
    read_all(page).blocks().map(|block| (block.kind.clone(), block.text.clone())).collect()
}

fn paragraph(text: &str) -> (BlockKind, String) {
    (BlockKind::Paragraph, text.to_owned())
}

fn item(level: u8, number: Option<u32>, text: &str) -> (BlockKind, String) {
    (BlockKind::ListItem { level, number }, text.to_owned())
}

fn table(block: &Block) -> Option<Vec<(u32, u32, &str)>> {
    let BlockKind::Table(table) = &block.kind else { return None };
    Some(table.cells.iter().map(|cell| (cell.row, cell.column, cell.text.as_str())).collect())
}

#[test]
fn headings_paragraphs_quotes_and_code_are_told_apart() {
    let page = "<h2>Título <small>menor</small></h2><p>Um\n <b>texto</b>.<p>Outro<blockquote>citado</blockquote>\
                <pre><code class='hljs language-sh'>\n  ls\n\n  cd\n</code></pre>fim";
    let code = BlockKind::Code { code_language: Some("sh".to_owned()) };
    let expected = [
        (BlockKind::Heading { level: 2 }, "Título menor".to_owned()),
        paragraph("Um texto."),
        paragraph("Outro"),
        (BlockKind::Quote, "citado".to_owned()),
        (code, "  ls\n\n  cd".to_owned()),
        paragraph("fim"),
    ];
    assert_eq!(kinds(page), expected);
}

#[test]
fn lists_nest_and_go_on_behind_their_items() {
    let page = "<ol start=3><li>a<ul><li>b</ul><li><p>c<p>d</ol>";
    assert_eq!(
        kinds(page),
        [item(0, Some(3), "a"), item(1, None, "b"), item(0, Some(4), "c"), paragraph("d")]
    );
}

#[test]
fn what_nobody_sees_is_left_out() {
    let page = "<title>T</title><script>x</script><style>y</style><p hidden>z<p style='display: none'>w<template>v</template>\
                <noscript>u</noscript><!-- t --><p>visto<details><summary>resumo</summary>detalhe</details>";
    assert_eq!(kinds(page), [paragraph("visto"), paragraph("resumo"), paragraph("detalhe")]);
}

#[test]
fn links_follow_the_base_and_marks_have_their_places() {
    let page = "<base href='https://x.org/a/'><p>ver <a href='../b'><b>aqui</b></a> e <a href='javascript:x'>ali</a>";
    let recorder = read_all(page);
    let spans: Vec<_> = recorder.blocks().flat_map(|block| &block.spans).collect();
    assert_eq!(spans[0].mark, Mark::Link { url: "https://x.org/b".to_owned() });
    assert_eq!((spans[0].start, spans[0].end, spans.len()), (4, 8, 2));
}

#[test]
fn pictures_say_their_alternative_text() {
    let page = "<img alt='Mapa da cidade'><p>ícone <img alt=novo> aqui <img alt=''>";
    assert_eq!(kinds(page), [(BlockKind::Figure, "Mapa da cidade".to_owned()), paragraph("ícone novo aqui")]);
}

#[test]
fn fields_show_what_is_in_them() {
    let page = "<form><label>Nome: <input value='Ana'></label><p><input type=checkbox checked> Aceito\
                <p>Cor <select><option>azul<option selected>verde</select><p><textarea>a\n b</textarea>\
                <input type=hidden value=x><input type=password value=y></form>";
    let field = |text: &str| (BlockKind::Field, text.to_owned());
    assert_eq!(kinds(page), [field("Nome: Ana"), field("☒ Aceito"), field("Cor verde"), field("a\n b")]);
}

#[test]
fn tables_have_spans_headers_captions_and_links() {
    let page = "<table><caption>Preços</caption><thead><tr><th colspan=2>Café<th>Chá</thead><tfoot><tr><td>soma<td>3<td>4\
                </tfoot><tbody><tr><td rowspan=2>1<td><a href=/x>2</a><td><ul><li>a<li>b</ul><tr><td>5<td></table>";
    let recorder = read_all(page);
    let block = recorder.blocks().next().unwrap();
    let BlockKind::Table(found) = &block.kind else { panic!("no table") };
    assert_eq!((found.rows, found.columns, found.caption.as_deref()), (4, 3, Some("Preços")));
    assert!(found.cells[0].header && !found.cells[2].header);
    assert_eq!(block.text, "Café\tCafé\tChá\n1\t2\ta b\n1\t5\nsoma\t3\t4");
    let link = &block.spans[0];
    assert_eq!(&block.text[link.start as usize..link.end as usize], "2");
}

#[test]
fn a_table_that_places_things_is_no_table() {
    let page = "<table role=presentation><tr><td><h1>Olá</h1><td>um<tr><td><table><tr><th>a<th>b<tr><td>1<td>2</table></table>";
    let recorder = read_all(page);
    let texts = recorder.texts();
    assert_eq!(texts, ["Olá", "um", "a\tb\n1\t2"]);
}

#[test]
fn a_table_within_a_cell_is_a_part_of_its_text() {
    let page = "<table border=1><tr><td>A<td><table border=1><tr><td>x<td>y<tr><td>z<td>w</table><tr><td>B<td>C</table>";
    let recorder = read_all(page);
    let found = table(recorder.blocks().next().unwrap()).unwrap();
    assert_eq!(found, [(0, 0, "A"), (0, 1, "x\ty\nz\tw"), (1, 0, "B"), (1, 1, "C")]);
}

#[test]
fn a_page_tells_what_it_is() {
    let page = "<html lang=pt-BR><head><title> Um\n título </title><meta name=author content=Ana>\
                <meta name=keywords content='a, b'><meta property='article:published_time' content='2024-05-06T07:08:09-03:00'>";
    let mut recorder = Recorder::default();
    let metadata = read(page.as_bytes(), &DocumentLimits::default(), &mut recorder).unwrap();
    assert_eq!(metadata.title.as_deref(), Some("Um título"));
    assert_eq!(
        (metadata.authors, metadata.keywords),
        (vec!["Ana".to_owned()], vec!["a".to_owned(), "b".to_owned()])
    );
    assert_eq!(metadata.language.as_deref(), Some("pt-BR"));
    assert_eq!(metadata.created.as_deref(), Some("2024-05-06T07:08:09-03:00"));
}

#[test]
fn a_charset_that_is_declared_wrongly_is_found() {
    let page = "<meta charset=utf-8><p>Manutenção não é só reparação, às vezes é prevenção.";
    let bytes = encoding_rs::WINDOWS_1252.encode(page).0;
    let mut recorder = Recorder::default();
    read(&bytes, &DocumentLimits::default(), &mut recorder).unwrap();
    assert_eq!(recorder.texts(), ["Manutenção não é só reparação, às vezes é prevenção."]);
}

#[test]
fn elements_nested_too_deep_keep_their_text() {
    for (open, close) in
        [("<div>", "</div>"), ("<span>", "</span>"), ("<table><tr><td>", "</table>"), ("<ul><li>", "</ul>")]
    {
        let page = format!("<p>antes</p>{}fundo{}<p>depois", open.repeat(20_000), close.repeat(20_000));
        let recorder = read_all(&page);
        let text = recorder.texts().join(" ");
        assert!(text.contains("antes") && text.contains("fundo") && text.contains("depois"), "{open}");
        assert_eq!(recorder.codes(), ["nested_too_deep"], "{open}");
    }
}

#[test]
fn spans_beyond_all_bounds_are_brought_back() {
    let page = "<table border=1><tr><td colspan=1000000000 rowspan=1000000000>a<td>b<tr><td>c</table>";
    let recorder = read_all(page);
    let BlockKind::Table(found) = &recorder.blocks().next().unwrap().kind else { panic!("no table") };
    assert!(found.rows <= 2 && found.columns <= 3);
    let page = format!("<table border=1>{}</table>", "<tr><td colspan=1000 rowspan=65000>a".repeat(20_000));
    assert_eq!(read_all(&page).codes(), ["truncated"]);
}

#[test]
fn bombs_of_tags_attributes_and_text_end_soon() {
    let formats: String = (0..20_000).map(|n| format!("<div><b id={n}></div>x")).collect();
    read_all(&formats);
    let attributes: String = (0..500_000).map(|n| format!(" a{n}=1")).collect();
    assert_eq!(read_all(&format!("<p{attributes}>ok")).texts(), ["ok"]);
    assert_eq!(read_all(&format!("<p {}>ok", "href=x ".repeat(1_000_000))).texts(), ["ok"]);
    read_all(&"<a href=x>".repeat(200_000));
    read_all(&"<table>".repeat(100_000));
    read_all(&"<select><option>".repeat(100_000));
    read_all(&"</p>".repeat(500_000));
    read_all(&"<svg><foreignObject>".repeat(50_000));
    read_all(&"<p>x<b><i><s>".repeat(100_000));
    read_all(&"&#x41;&lt;&notanentity".repeat(200_000));
    read_all(&format!("<p>{}", "palavra ".repeat(2_000_000)));
}

#[test]
fn formulas_are_in_the_line_or_apart() {
    let page = "<p>onde <math><msup><mi>x</mi><mn>2</mn></msup></math>, com<math display=block><mfrac><mi>a</mi><mi>b</mi>\
                </mfrac></math>fim";
    assert_eq!(kinds(page), [paragraph("onde x^2, com"), paragraph("a/b"), paragraph("fim")]);
    let recorder = read_all(page);
    let spans: Vec<_> = recorder.blocks().flat_map(|block| block.spans.clone()).collect();
    let formula = |latex: &str| Mark::Formula { latex: latex.to_owned() };
    assert_eq!((spans[0].start, spans[0].end, &spans[0].mark), (5, 8, &formula("x^{2}")));
    assert_eq!((spans[1].start, spans[1].end, &spans[1].mark), (0, 3, &formula("\\frac{a}{b}")));
}

#[test]
fn formulas_count_as_they_come_and_end_a_text_that_is_full() {
    let formula = format!("<math>{}</math> ", "<mo>⟺</mo>".repeat(50));
    let page = format!("<p>{}</p>", formula.repeat(100));
    let limits = DocumentLimits { text_bytes: 20_000, ..DocumentLimits::default() };
    let mut recorder = Recorder::default();
    read(page.as_bytes(), &limits, &mut recorder).unwrap();
    let spans: usize = recorder.blocks().map(|block| block.spans.len()).sum();
    let marks: usize = recorder.blocks().flat_map(|block| &block.spans).map(|span| span.mark.bytes()).sum();
    assert!((5..20).contains(&spans) && (5_000..20_000).contains(&marks), "{spans} formulas, {marks} bytes");
    assert_eq!(recorder.codes(), ["truncated"]);
}
