//! Tests of whole documents.

use std::io::Write;

use super::super::super::format::Format;
use super::super::super::model::{BlockKind, Mark};
use super::super::super::recorder::Recorder;
use super::super::output::tests::kept;

fn read(text: &[u8]) -> Recorder {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    let (kept, metadata) = kept(Format::Rtf, file.path());
    metadata.unwrap();
    kept
}

#[test]
fn characters_are_found_by_code_page_font_and_unicode() {
    let kept = read(
        b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 Arial;}{\\f2\\fcharset2 Symbol;}}\
          \\f0 a\\'e7\\u227\\'e3o \\u8364 ? \\u-10179?\\u-8704? {\\f1 \\'e4\\'e0} {\\f2 a}\\par}",
    );
    assert_eq!(kept.texts(), ["ação € 😀 да α"]);
}

#[test]
fn styles_lists_links_and_notes_are_read() {
    let kept = read(
        b"{\\rtf1{\\stylesheet{\\s1 heading 1;}{\\*\\cs9 x;}}{\\*\\generator Word;}{\\info{\\title T}}\
          \\pard\\s1 Head\\par\\pard{\\listtext\\'b7\\tab}\\ls1 one\\par{\\listtext 2.\\tab}two\\par\\pard\
          {\\field{\\*\\fldinst{HYPERLINK \"http://a/\"}}{\\fldrslt{\\b go}}} on{\\footnote note}{\\v hidden}\\par}",
    );
    let found = kept.pages[0].blocks.iter().map(|it| (it.kind.clone(), it.text.as_str())).collect::<Vec<_>>();
    assert_eq!(found[0], (BlockKind::Heading { level: 1 }, "Head"));
    assert_eq!(found[1], (BlockKind::ListItem { level: 0, number: None }, "one"));
    assert_eq!(found[2], (BlockKind::ListItem { level: 0, number: Some(2) }, "two"));
    assert_eq!(found[3], (BlockKind::Paragraph, "go on"));
    assert_eq!(found[4], (BlockKind::Footnote, "note"));
    let marks: Vec<_> =
        kept.pages[0].blocks[3].spans.iter().map(|span| (span.start, span.end, &span.mark)).collect();
    assert_eq!(marks, [(0, 2, &Mark::Strong), (0, 2, &Mark::Link { url: "http://a/".to_owned() })]);
}

#[test]
fn a_link_ends_with_its_field() {
    let kept = read(
        b"{\\rtf1 {\\field{\\*\\fldinst HYPERLINK \"http://a/\"}{\\fldrslt go}} on\\par next\\par\
          {\\field{\\*\\fldinst{HYPERLINK \"http://b/\"}}{\\fldrslt{\\b to {\\i b}}}}\\par}",
    );
    assert_eq!(kept.texts(), ["go on", "next", "to b"]);
    let links = |block: &super::super::super::model::Block| -> Vec<_> {
        let links = block.spans.iter().filter(|span| matches!(span.mark, Mark::Link { .. }));
        links.map(|span| (span.start, span.end)).collect()
    };
    let found: Vec<_> = kept.pages[0].blocks.iter().map(links).collect();
    assert_eq!(found, [vec![(0, 2)], vec![], vec![(0, 4)]]);
}

#[test]
fn rows_are_tables_and_breaks_are_pages() {
    let kept = read(
        b"{\\rtf1\\trowd\\cellx1000\\cellx2000\\pard\\intbl a\\cell b\\cell\\row\\trowd\\cellx2000\\pard\\intbl c\\par d\\cell\\row\
          \\pard after\\par\\page next\\par}",
    );
    assert_eq!(kept.pages.len(), 2);
    assert_eq!(kept.texts(), ["a\tb\nc d", "after", "next"]);
}

#[test]
fn deep_groups_and_what_is_cut_off_do_no_harm() {
    let mut text = b"{\\rtf1 before".to_vec();
    text.extend(std::iter::repeat_n(b'{', 1_000_000));
    text.extend(b"deep");
    assert_eq!(read(&text).texts(), ["before"]);
    assert_eq!(read(b"{\\rtf1 a\\'").texts(), ["a"]);
}
