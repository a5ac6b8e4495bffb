//! How do bytes become pages, for what comes behind the readers?

use arbitrary::{Result, Unstructured};
use esteira_document::fuzzing::{Block, BlockKind, Cell, Mark, Page, Rect, Span, Table};

const MARKS: [fn(String) -> Mark; 6] = [
    |_| Mark::Strong,
    |_| Mark::Emphasis,
    |_| Mark::Strike,
    |_| Mark::Code,
    |url| Mark::Link { url },
    |latex| Mark::Formula { latex },
];

/// A page of any blocks; marks lie within their texts, and may cross.
pub fn page(bytes: &mut Unstructured<'_>) -> Result<Page> {
    let mut page = Page { number: bytes.arbitrary()?, ..Page::default() };
    while !bytes.is_empty() && page.blocks.len() < 64 {
        page.blocks.push(block(bytes)?);
    }
    Ok(page)
}

fn block(bytes: &mut Unstructured<'_>) -> Result<Block> {
    let text: String = bytes.arbitrary()?;
    let kind = match bytes.int_in_range(0..=6)? {
        0 => BlockKind::Heading { level: bytes.arbitrary()? },
        1 => BlockKind::ListItem { level: bytes.arbitrary()?, number: bytes.arbitrary()? },
        2 => BlockKind::Table(table(bytes)?),
        3 => BlockKind::Figure,
        4 => BlockKind::Code { code_language: bytes.arbitrary()? },
        5 => BlockKind::Quote,
        _ => BlockKind::Paragraph,
    };
    let mut spans = Vec::new();
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    for _ in 0..bytes.int_in_range(0..=6)? {
        let (a, b) = (*bytes.choose(&bounds)?, *bytes.choose(&bounds)?);
        let mark = bytes.choose(&MARKS)?(bytes.arbitrary()?);
        let at = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        spans.push(Span { start: at(a.min(b)), end: at(a.max(b)), mark });
    }
    Ok(Block { kind, text, spans, ..Block::default() })
}

fn table(bytes: &mut Unstructured<'_>) -> Result<Table> {
    let mut table = Table::default();
    for _ in 0..bytes.int_in_range(0..=24)? {
        table.cells.push(Cell {
            row: bytes.arbitrary::<u8>()?.into(),
            column: bytes.arbitrary::<u8>()?.into(),
            row_span: bytes.arbitrary()?,
            column_span: bytes.arbitrary()?,
            header: bytes.arbitrary()?,
            text: bytes.arbitrary()?,
            value: bytes.arbitrary()?,
            ..Cell::default()
        });
    }
    Ok(table)
}

/// Words with their places, and boxes: about as many as bytes allow. Lengths are any that a PDF may have, or those of a page.
pub fn layout(bytes: &mut Unstructured<'_>) -> Result<(Vec<(String, Rect, bool)>, [Vec<Rect>; 4])> {
    let mut words = Vec::new();
    let mut drawn: [Vec<Rect>; 4] = Default::default();
    while !bytes.is_empty() && words.len() < 2_000 {
        let bounds = rect(bytes)?;
        match bytes.int_in_range(0..=7)? {
            at @ 0..=3 => drawn[at].push(bounds),
            _ => words.push((word(bytes)?, bounds, bytes.arbitrary()?)),
        }
    }
    Ok((words, drawn))
}

fn word(bytes: &mut Unstructured<'_>) -> Result<String> {
    const WORDS: [&str; 12] = [
        "Total",
        "1.234,50",
        "-",
        "\u{2022}",
        "a)",
        "12",
        "conti-",
        "fn",
        "\u{5d0}\u{5d1}",
        "2.1",
        "%",
        "de",
    ];
    if bytes.arbitrary()? { bytes.arbitrary() } else { Ok((*bytes.choose(&WORDS)?).to_owned()) }
}

fn rect(bytes: &mut Unstructured<'_>) -> Result<Rect> {
    if bytes.ratio(1, 64)? {
        return Ok(Rect {
            x0: bytes.arbitrary()?,
            y0: bytes.arbitrary()?,
            x1: bytes.arbitrary()?,
            y1: bytes.arbitrary()?,
        });
    }
    let (x, y, width, height): (u16, u16, u8, u8) = bytes.arbitrary()?;
    let (x, y) = (f32::from(x % 1_200) / 2.0, f32::from(y % 1_700) / 2.0);
    Ok(Rect { x0: x, y0: y, x1: x + f32::from(width), y1: y + f32::from(height % 24) })
}
