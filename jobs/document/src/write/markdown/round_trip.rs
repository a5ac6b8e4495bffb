//! Is what the Markdown says, to somebody who reads it, what the model says? For whatever a document may hold.

use proptest::collection::vec;
use proptest::prelude::*;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::MarkdownWriter;
use crate::formula::{Formula, row};
use crate::model::{Block, BlockKind, Cell, Mark, Page, Span, Table};

/// A character as it is shown: with its marks, as letters in their order.
type Shown = (char, String);

fn letter(mark: &Mark) -> char {
    match mark {
        Mark::Strong => 's',
        Mark::Emphasis => 'e',
        Mark::Strike => 'd',
        Mark::Code => 'c',
        Mark::Link { .. } => 'l',
        Mark::Formula { .. } => 'f',
    }
}

/// What somebody reads in the Markdown.
#[derive(Default)]
struct Reading {
    shown: Vec<Shown>,
    marks: Vec<char>,
    in_html: bool,
}

impl Reading {
    fn text(&mut self, text: &str, code: bool) {
        let mut marks = self.marks.clone();
        marks.extend(code.then_some('c'));
        marks.sort_unstable();
        let marks: String = marks.into_iter().collect();
        self.shown.extend(text.chars().map(|c| (c, marks.clone())));
    }

    fn space(&mut self) {
        self.shown.push((' ', String::new()));
    }

    fn close(&mut self, mark: char) {
        let at = self.marks.iter().rposition(|open| *open == mark).expect("a mark that closes was open");
        self.marks.remove(at);
    }

    fn event(&mut self, event: Event<'_>) {
        let mark = |tag: &TagEnd| match tag {
            TagEnd::Strong => Some('s'),
            TagEnd::Emphasis => Some('e'),
            TagEnd::Strikethrough => Some('d'),
            TagEnd::Link => Some('l'),
            _ => None,
        };
        match event {
            Event::Start(Tag::HtmlBlock) => self.in_html = true,
            Event::End(TagEnd::HtmlBlock) => self.in_html = false,
            Event::Start(Tag::Image { dest_url, .. }) => assert!(dest_url.is_empty(), "{dest_url}"),
            Event::End(TagEnd::Image) => {}
            Event::Start(tag) => match mark(&tag.to_end()) {
                Some(mark) => self.marks.push(mark),
                None => self.space(),
            },
            Event::End(tag) => match mark(&tag) {
                Some(mark) => self.close(mark),
                None => self.space(),
            },
            Event::Text(text) => self.text(&text, false),
            Event::Code(text) => self.text(&text, true),
            // Its number, or what somebody noted: no part of the text.
            Event::Html(html) => assert!(self.in_html, "{html}"),
            Event::InlineHtml(html) => match html.as_ref() {
                "<strong>" => self.marks.push('s'),
                "<em>" => self.marks.push('e'),
                "<del>" => self.marks.push('d'),
                "</strong>" => self.close('s'),
                "</em>" => self.close('e'),
                "</del>" => self.close('d'),
                "<br>" => self.space(),
                other => panic!("nobody wrote {other}"),
            },
            Event::SoftBreak => panic!("lines are parted by hard breaks"),
            Event::HardBreak => self.space(),
            other => panic!("nobody wrote {other:?}"),
        }
    }
}

/// Spaces say nothing of their number, nor of their marks.
fn settled(shown: Vec<Shown>) -> Vec<Shown> {
    let mut out: Vec<Shown> = Vec::new();
    for (c, marks) in shown {
        if !c.is_whitespace() {
            out.push((c, marks));
        } else if out.last().is_some_and(|last| last.0 != ' ') {
            out.push((' ', String::new()));
        }
    }
    if out.last().is_some_and(|last| last.0 == ' ') {
        out.pop();
    }
    out
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
}

fn markdown(blocks: Vec<Block>) -> String {
    let mut bytes = Vec::new();
    let mut writer = MarkdownWriter::new(&mut bytes);
    writer.page(&Page { number: 1, blocks, ..Page::default() }).unwrap();
    writer.finish().unwrap();
    String::from_utf8(bytes).unwrap()
}

fn read(markdown: &str) -> Vec<Shown> {
    let mut reading = Reading::default();
    Parser::new_ext(markdown, options()).for_each(|event| reading.event(event));
    assert!(reading.marks.is_empty());
    settled(reading.shown)
}

/// What the model says.
fn said(blocks: &[Block]) -> Vec<Shown> {
    let mut shown = Vec::new();
    for block in blocks {
        if let BlockKind::Table(table) = &block.kind {
            for cell in &table.cells {
                shown.extend(cell.text.chars().map(|c| (c, String::new())));
                shown.push((' ', String::new()));
            }
            continue;
        }
        if block.kind == BlockKind::Comment {
            continue;
        }
        for (at, c) in block.text.char_indices() {
            let mut marks: Vec<char> = block
                .spans
                .iter()
                .filter(|span| (span.start as usize..span.end as usize).contains(&at))
                .map(|span| letter(&span.mark))
                .collect();
            if matches!(block.kind, BlockKind::Code { .. } | BlockKind::Figure) {
                marks.clear();
            }
            marks.sort_unstable();
            marks.dedup();
            shown.push((c, marks.into_iter().collect()));
        }
        shown.push((' ', String::new()));
    }
    shown.retain(|(c, _)| c.is_whitespace() || !c.is_control());
    settled(shown)
}

/// Texts full of what Markdown takes for marks.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        4 => r"[\\`*_{}\[\]()#+.!|<>~&^:=$-]",
        2 => "[a-zA-Zéãç0-9]{1,3}",
        2 => "[ \n]",
        1 => prop::sample::select(vec![
            "1. ", "- ", "# ", "> ", "```", "~~~", "---", "===", "***", "&lt;", "&#35;", "<b>", "<!--", "[^1]", "[a](b)",
            "[a]: b", "![", "http://a.b/_c_", "www.x.br", "| - |", "- [ ] ", "\u{0}", "\u{a0}", "”", "€", "\u{301}", "::",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

fn kind() -> impl Strategy<Value = BlockKind> {
    prop_oneof![
        3 => Just(BlockKind::Paragraph),
        2 => (1u8..=6).prop_map(|level| BlockKind::Heading { level }),
        4 => (0u8..4, proptest::option::of(0u32..12)).prop_map(|(level, number)| BlockKind::ListItem { level, number }),
        1 => Just(BlockKind::Quote),
        1 => Just(BlockKind::Comment),
        1 => Just(BlockKind::Footnote),
        1 => Just(BlockKind::Field),
        1 => Just(BlockKind::Figure),
        1 => proptest::option::of("[a-z`]{1,5}").prop_map(|code_language| BlockKind::Code { code_language }),
    ]
}

fn table() -> impl Strategy<Value = Block> {
    vec(vec(text(), 2), 1..4).prop_map(|rows| {
        let cells = (0..).zip(&rows).flat_map(|(row, texts)| {
            (0..).zip(texts).map(move |(column, text)| Cell {
                row,
                column,
                text: text.clone(),
                ..Cell::default()
            })
        });
        let table = Table { rows: rows.len() as u32, columns: 2, cells: cells.collect(), caption: None };
        Block { kind: BlockKind::Table(table), ..Block::default() }
    })
}

/// A block with marks that nest and do not cross, as the model promises.
fn marked() -> impl Strategy<Value = Block> {
    (kind(), vec(text(), 1..6), vec((0usize..5, 0usize..6, 0usize..6), 0..4)).prop_map(
        |(kind, parts, wanted)| {
            // Addresses become links by themselves.
            let parts: Vec<String> =
                parts.iter().map(|part| part.replace("http", "").replace("www", "")).collect();
            let bounds: Vec<u32> = std::iter::once(0)
                .chain(parts.iter().scan(0, |sum, part| {
                    *sum += part.len() as u32;
                    Some(*sum)
                }))
                .collect();
            let marks = [
                Mark::Strong,
                Mark::Emphasis,
                Mark::Strike,
                Mark::Code,
                Mark::Link { url: "https://x.br/a_(b)&c;".into() },
            ];
            let mut spans: Vec<Span> = Vec::new();
            for (mark, from, to) in wanted {
                let at = |index: usize| bounds[index.min(bounds.len() - 1)];
                let (start, end) = (at(from).min(at(to)), at(from).max(at(to)));
                let mark = marks[mark].clone();
                let fits = spans.iter().all(|other| {
                    let apart = other.end <= start || end <= other.start;
                    let inside = other.start <= start && end <= other.end && other.mark != Mark::Code;
                    let around = start <= other.start && other.end <= end && mark != Mark::Code;
                    apart || (inside || around) && other.mark != mark
                });
                if fits && start < end {
                    spans.push(Span { start, end, mark });
                }
            }
            spans.sort_by_key(|span| (span.start, u32::MAX - span.end));
            Block { kind, text: parts.concat(), spans, ..Block::default() }
        },
    )
}

/// Numbers and levels of the items, as a renderer shows them.
fn numbers(markdown: &str) -> Vec<(usize, Option<u64>)> {
    let mut open: Vec<Option<u64>> = Vec::new();
    let mut found = Vec::new();
    for event in Parser::new_ext(markdown, options()) {
        match event {
            Event::Start(Tag::List(first)) => open.push(first),
            Event::End(TagEnd::List(_)) => drop(open.pop()),
            Event::Start(Tag::Item) => {
                let depth = open.len() - 1;
                found.push((depth, open[depth]));
                open[depth] = open[depth].map(|number| number + 1);
            }
            _ => {}
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_of_any_text_say_what_they_said(blocks in vec((kind(), text()), 1..5)) {
        let blocks: Vec<Block> =
            blocks.into_iter().map(|(kind, text)| Block { kind, text, ..Block::default() }).collect();
        let written = markdown(blocks.clone());
        // Addresses become links: what they say is what counts here.
        let bare = |shown: Vec<Shown>| shown.into_iter().map(|shown| shown.0).collect::<String>();
        prop_assert_eq!(bare(read(&written)), bare(said(&blocks)), "{}", written);
    }

    #[test]
    fn cells_of_any_text_say_what_they_said(table in table()) {
        let blocks = vec![table];
        let written = markdown(blocks.clone());
        let bare = |shown: Vec<Shown>| shown.into_iter().map(|shown| shown.0).collect::<String>();
        prop_assert_eq!(bare(read(&written)), bare(said(&blocks)), "{}", written);
    }

    #[test]
    fn marks_stand_on_the_very_characters(block in marked()) {
        let no_address = |shown: Vec<Shown>| -> Vec<Shown> {
            let linked = block.spans.iter().any(|span| matches!(span.mark, Mark::Link { .. }));
            shown.into_iter().map(|(c, marks)| (c, if linked { marks } else { marks.replace('l', "") })).collect()
        };
        prop_assume!(!block.text.contains("http") && !block.text.contains("www") && !block.text.contains("]:"));
        let written = markdown(vec![block.clone()]);
        prop_assert_eq!(no_address(read(&written)), said(std::slice::from_ref(&block)), "{}", written);
    }

    #[test]
    fn items_are_shown_with_their_own_numbers(items in vec((0u8..3, proptest::option::of(1u32..6)), 1..10)) {
        let blocks = items.iter().map(|(level, number)| {
            Block { kind: BlockKind::ListItem { level: *level, number: *number }, text: "x".into(), ..Block::default() }
        });
        let written = markdown(blocks.collect());
        let shown: Vec<Option<u64>> = numbers(&written).into_iter().map(|item| item.1).collect();
        let wanted: Vec<Option<u64>> = items.iter().map(|item| item.1.map(u64::from)).collect();
        prop_assert_eq!(shown, wanted, "{}", written);
    }
}

proptest! {
    #[test]
    fn formulas_of_any_signs_are_read_as_they_were_written(signs in vec((0u8..4, text()), 1..6)) {
        let part = |(kind, text): (u8, String)| match kind {
            0 => Formula::Name(text),
            1 => Formula::Operator(text),
            2 => Formula::Text(text),
            _ => Formula::Fenced { open: text, between: None, close: "]".into(), parts: vec![] },
        };
        let latex = row(signs.into_iter().map(part).collect()).written().latex.unwrap_or_default();
        prop_assume!(!latex.is_empty());
        let span = Span { start: 0, end: 1, mark: Mark::Formula { latex: latex.clone() } };
        let apart = Block { text: "x".into(), spans: vec![span], ..Block::default() };
        let in_text = Block { text: "x US$5".into(), ..apart.clone() };
        let written = markdown(vec![apart, in_text]);
        let found = Parser::new_ext(&written, options() | Options::ENABLE_MATH).filter_map(|event| match event {
            Event::DisplayMath(latex) => Some((true, latex.to_string())),
            Event::InlineMath(latex) => Some((false, latex.to_string())),
            _ => None,
        });
        prop_assert_eq!(found.collect::<Vec<_>>(), [(true, latex.clone()), (false, latex)], "{}", written);
    }
}

#[test]
fn tables_and_headings_are_read_as_such() {
    let cell = |row, text: &str| Cell { row, text: text.into(), ..Cell::default() };
    let table = Table { rows: 2, columns: 1, cells: vec![cell(0, "a"), cell(1, "b")], caption: None };
    let written = markdown(vec![
        Block { kind: BlockKind::Heading { level: 3 }, text: "t".into(), ..Block::default() },
        Block { kind: BlockKind::Table(table), ..Block::default() },
    ]);
    let events: Vec<Event<'_>> = Parser::new_ext(&written, options()).collect();
    let has = |wanted: &dyn Fn(&Tag<'_>) -> bool| {
        events.iter().any(|e| matches!(e, Event::Start(tag) if wanted(tag)))
    };
    assert!(has(&|tag| matches!(tag, Tag::Heading { level: HeadingLevel::H3, .. })));
    assert!(has(&|tag| matches!(tag, Tag::Table(_))) && has(&|tag| matches!(tag, Tag::TableHead)));
}
