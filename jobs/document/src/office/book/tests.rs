//! Tests of whole books.

use super::super::super::format::Format;
use super::super::super::model::{BlockKind, Mark, PageKind};
use super::super::archive::tests::packed;
use super::super::output::tests::kept;

const CONTAINER: &[u8] =
    b"<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>";
const PACKAGE: &[u8] = "<package><metadata><title>Livro</title><creator>Ana</creator><language>pt</language></metadata>\
    <manifest><item id='a' href='a%20b.xhtml'/><item id='n' href='toc.ncx' media-type='application/x-dtbncx+xml'/></manifest>\
    <spine><itemref idref='a'/></spine></package>"
    .as_bytes();
const CONTENTS: &[u8] =
    "<!DOCTYPE ncx PUBLIC 'x' 'y'><ncx><navMap><navPoint><navLabel><text>Capítulo 1</text></navLabel>\
    <content src='a%20b.xhtml#x'/></navPoint></navMap></ncx>"
        .as_bytes();

fn book(chapter: &str, more: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("META-INF/container.xml", CONTAINER),
        ("OPS/book.opf", PACKAGE),
        ("OPS/toc.ncx", CONTENTS),
        ("OPS/a b.xhtml", chapter.as_bytes()),
    ];
    parts.extend(more);
    packed(&parts)
}

#[test]
fn a_chapter_is_headings_paragraphs_lists_tables_and_notes() {
    let file = book(
        "<!DOCTYPE html><html><head><title>no</title></head><body><h1>T&iacute;tulo</h1>\
         <p>One <b>bold</b><a epub:type='noteref' href='#n'>1</a>\n  line<br/>next</p>\
         <ol start='3'><li><p>three</p></li><li>four<ul><li>deep</li></ul></li></ol>\
         <table><tr><th>a</th><th>b</th></tr><tr><td colspan='2'>c</td></tr></table>\
         <pre class='language-rust'>fn a() {\n}</pre><blockquote><p>said</p></blockquote>\
         <img src='x.png' alt='a duck'><aside epub:type='footnote'>the note</aside><p hidden=''>x</p></body></html>",
        &[],
    );
    let (kept, metadata) = kept(Format::Epub, file.path());
    let metadata = metadata.unwrap();
    assert_eq!((metadata.title.as_deref(), metadata.language.as_deref()), (Some("Livro"), Some("pt")));
    let page = &kept.pages[0];
    assert_eq!((page.kind, page.name.as_deref()), (PageKind::Part, Some("Capítulo 1")));
    let found = page.blocks.iter().map(|it| (it.kind.clone(), it.text.as_str())).collect::<Vec<_>>();
    assert_eq!(found[0], (BlockKind::Heading { level: 1 }, "Título"));
    assert_eq!(found[1], (BlockKind::Paragraph, "One bold line\nnext"));
    assert_eq!(found[2], (BlockKind::ListItem { level: 0, number: Some(3) }, "three"));
    assert_eq!(found[3], (BlockKind::ListItem { level: 0, number: Some(4) }, "four"));
    assert_eq!(found[4], (BlockKind::ListItem { level: 1, number: None }, "deep"));
    assert_eq!(found[5].1, "a\tb\nc");
    assert_eq!(found[6], (BlockKind::Code { code_language: Some("rust".to_owned()) }, "fn a() {\n}"));
    assert_eq!(found[7], (BlockKind::Quote, "said"));
    assert_eq!(found[8], (BlockKind::Figure, "a duck"));
    assert_eq!(found[9], (BlockKind::Footnote, "the note"));
    assert_eq!(found.len(), 10);
}

#[test]
fn a_book_whose_chapters_are_encrypted_is_locked() {
    let encryption: &[u8] =
        b"<encryption><EncryptedData><CipherData><CipherReference URI='OPS/a%20b.xhtml'/></CipherData>\
        </EncryptedData></encryption>";
    let file = book("x", &[("META-INF/encryption.xml", encryption)]);
    assert_eq!(kept(Format::Epub, file.path()).1.unwrap_err().code, "document_locked");
}

#[test]
fn a_chapter_that_is_not_there_or_declares_entities_is_told_and_left_out() {
    let bomb = "<!DOCTYPE html [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><html><body>&b;</body></html>";
    let (kept, metadata) = kept(Format::Epub, book(bomb, &[]).path());
    assert!(metadata.is_ok() && kept.warned("part_left_out"));
    assert_eq!(kept.texts(), Vec::<&str>::new());
}

#[test]
fn a_file_that_the_spine_names_again_and_again_is_read_once() {
    let spine = "<itemref idref='a'/>".repeat(9_000);
    let package = format!(
        "<package><manifest><item id='a' href='a%20b.xhtml'/></manifest><spine>{spine}</spine></package>"
    );
    let file = packed(&[
        ("META-INF/container.xml", CONTAINER),
        ("OPS/book.opf", package.as_bytes()),
        ("OPS/a b.xhtml", "<p>um</p>".repeat(5_000).as_bytes()),
    ]);
    let (kept, metadata) = kept(Format::Epub, file.path());
    assert_eq!((metadata.unwrap().pages, kept.pages.len()), (Some(1), 1));
    assert!(kept.warned("repeated_chapter") && !kept.warned("truncated"));
}

#[test]
fn formulas_of_chapters_are_latex() {
    let chapter = "<html><body><p>com <math><msup><mi>x</mi><mn>2</mn></msup></math></p>\
                   <math display='block'><mfrac><mi>a</mi><mi>b</mi></mfrac></math></body></html>";
    let (kept, _) = kept(Format::Epub, book(chapter, &[]).path());
    assert_eq!(kept.texts(), ["com x^2", "a/b"]);
    let marks = kept.pages[0].blocks.iter().flat_map(|block| &block.spans).map(|span| &span.mark);
    let formula = |latex: &str| Mark::Formula { latex: latex.to_owned() };
    assert_eq!(marks.collect::<Vec<_>>(), [&formula("x^{2}"), &formula("\\frac{a}{b}")]);
}
