//! Whole files of Markdown.

use super::super::super::recorder::Recorder;
use super::*;

fn blocks(text: &str) -> Vec<(BlockKind, String)> {
    let mut recorder = Recorder::default();
    read(text.as_bytes(), &DocumentLimits::default(), &mut recorder).unwrap();
    recorder.blocks().map(|block| (block.kind.clone(), block.text.clone())).collect()
}

#[test]
fn headings_lists_code_and_quotes_are_told_apart() {
    let found =
        blocks("# Título\n\ntexto com\nduas linhas\n\n3. a\n   - b\n\n```rust\nfn x() {}\n```\n\n> c\n");
    let item = |level, number| BlockKind::ListItem { level, number };
    assert_eq!(
        found,
        [
            (BlockKind::Heading { level: 1 }, "Título".to_owned()),
            (BlockKind::Paragraph, "texto com duas linhas".to_owned()),
            (item(0, Some(3)), "a".to_owned()),
            (item(1, None), "b".to_owned()),
            (BlockKind::Code { code_language: Some("rust".to_owned()) }, "fn x() {}".to_owned()),
            (BlockKind::Quote, "c".to_owned()),
        ]
    );
}

#[test]
fn tables_footnotes_and_html_are_read() {
    let found = blocks("|a|b|\n|-|-|\n|1|2|\n\nx[^n]\n\n[^n]: nota\n\n<div><b>negrito</b></div>\n");
    let texts: Vec<_> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["a\tb\n1\t2", "xⁿ", "nota", "negrito"]);
    assert_eq!(found[2].0, BlockKind::Footnote);
}

#[test]
fn marks_and_links_have_their_places() {
    let mut recorder = Recorder::default();
    read(b"um **dois** [tres](https://x.org)", &DocumentLimits::default(), &mut recorder).unwrap();
    let spans: Vec<_> = recorder.blocks().flat_map(|block| &block.spans).map(|s| (s.start, s.end)).collect();
    assert_eq!(spans, [(3, 7), (8, 12)]);
}

#[test]
fn a_hundred_thousand_nested_quotes_end_soon() {
    let found = blocks(&format!("{} x\n", ">".repeat(100_000)));
    assert!(found.len() <= 2);
    blocks(&format!("{}x", "- ".repeat(50_000)));
    blocks(&format!("{}x", "[".repeat(100_000)));
    blocks(&"*a_ ".repeat(50_000));
}
