//! How is an ODP read?

use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::{Block, BlockKind, Metadata, PageKind};
use super::super::deck::reading_order::{Place, sort};
use super::super::lines::plain;
use super::super::output::Output;
use super::super::word::docx::joined;
use super::super::xml::{Element, Rules, Token, Xml};
use super::flow::{Flow, Item};
use super::package::Package;

/// Reads the presentation at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let mut package = Package::open(path, output)?;
    let content = std::mem::take(&mut package.content);
    let mut metadata = std::mem::take(&mut package.metadata);
    let mut xml = Xml::new(&content, Rules::Strict, output.limits);
    let mut count = 0_u32;
    while !output.is_done() {
        match xml.token() {
            Ok(Token::Start(start)) if &*start.name == "page" => {
                count += 1;
                if output.wants_next() {
                    let page = xml.element(start);
                    let (title, blocks) = slide(&page, &mut package, output);
                    output.page(PageKind::Slide, title, blocks)?;
                } else {
                    xml.skip();
                    output.page(PageKind::Slide, None, Vec::new())?;
                }
            }
            Ok(Token::Start(start)) if matches!(&*start.name, "automatic-styles" | "settings") => xml.skip(),
            Ok(Token::Done) => break,
            Ok(_) => {}
            Err(fault) => {
                let refusal = fault.of_part("content.xml");
                if count == 0 {
                    return Err(refusal);
                }
                output.truncate(&refusal.message);
                break;
            }
        }
    }
    metadata.pages = Some(count);
    Ok(metadata)
}

/// A slide's title and blocks.
fn slide(page: &Element, package: &mut Package, output: &mut Output<'_>) -> (Option<String>, Vec<Block>) {
    let mut flow = Flow::new(package, output);
    let mut titles = Vec::new();
    let mut shapes = Vec::new();
    let mut last = Vec::new();
    for shape in page.elements() {
        let class = shape.attr("class").unwrap_or_default();
        if &*shape.name == "notes" {
            last.extend(notes(shape, &mut flow));
            continue;
        }
        if matches!(class, "page-number" | "date-time") || shape.attr("placeholder") == Some("true") {
            continue;
        }
        flow.object(shape);
        let mut blocks = Vec::new();
        for item in std::mem::take(&mut flow.items) {
            match item {
                Item::Block(block) => blocks.push(block),
                Item::Note(block) | Item::EndNote(block) => last.push(block),
                Item::Page { .. } | Item::PageWithin => {}
            }
        }
        match class {
            "title" => {
                titles.push(plain(BlockKind::Heading { level: 1 }, &joined(&blocks).replace('\n', " ")));
            }
            "footer" => last.insert(0, plain(BlockKind::Footer, &joined(&blocks))),
            "header" => last.insert(0, plain(BlockKind::Header, &joined(&blocks))),
            _ => shapes.push((place(shape), blocks)),
        }
    }
    let title = titles.first().map(|it| it.text.clone()).filter(|it| !it.is_empty());
    let title = title.or_else(|| page.attr("name").map(str::to_owned));
    let mut blocks = titles;
    blocks.extend(sort(shapes).into_iter().flatten());
    blocks.append(&mut last);
    blocks.retain(|it| !it.text.is_empty() || it.kind == BlockKind::Figure);
    blocks.retain(|it| output.block_fits(it));
    (title, blocks)
}

/// What the speaker wrote for the slide.
fn notes(notes: &Element, flow: &mut Flow<'_, '_>) -> Vec<Block> {
    let frames = notes.elements().filter(|it| it.attr("class") == Some("notes"));
    let texts = frames.map(|frame| {
        let blocks = frame.child("text-box").map(|it| flow.apart(it)).unwrap_or_default();
        plain(BlockKind::Comment, &joined(&blocks))
    });
    texts.collect()
}

fn place(shape: &Element) -> Place {
    let length = |name: &str| shape.attr(name).and_then(points).unwrap_or_default();
    let (left, top) = (length("x"), length("y"));
    Place { left, top, right: left + length("width"), bottom: top + length("height") }
}

/// A length in points.
fn points(length: &str) -> Option<f64> {
    let unit = length.trim_start_matches(|it: char| it.is_ascii_digit() || matches!(it, '.' | '-' | '+'));
    let number: f64 = length.strip_suffix(unit)?.parse().ok()?;
    let factor = match unit {
        "cm" => 72.0 / 2.54,
        "mm" => 72.0 / 25.4,
        "in" => 72.0,
        "pc" => 12.0,
        "px" => 0.75,
        _ => 1.0,
    };
    Some(number * factor).filter(|it| it.is_finite())
}
