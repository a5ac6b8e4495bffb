//! How is an ODT read?

use std::path::Path;

use super::super::super::error::ReadError;
use super::super::super::model::{BlockKind, Metadata};
use super::super::lines::plain;
use super::super::output::Output;
use super::super::story::Story;
use super::super::word::docx::joined;
use super::super::xml::{Rules, Token, Xml, XmlFault};
use super::flow::{Flow, Item};
use super::lists::Lists;
use super::package::Package;

/// Reads the document at `path`.
pub fn read(path: &Path, output: &mut Output<'_>) -> Result<Metadata, ReadError> {
    let mut package = Package::open(path, output)?;
    let content = std::mem::take(&mut package.content);
    let mut metadata = std::mem::take(&mut package.metadata);
    let mut story = Story::new(output);
    let footers = furniture(&mut package, &mut story);
    let fault = walk(&content, &mut package, &mut story)?;
    if let Some(fault) = fault {
        let refusal = fault.of_part("content.xml");
        if story.is_blank() {
            return Err(refusal);
        }
        story.out.truncate(&refusal.message);
    }
    footers.into_iter().for_each(|it| story.footer(plain(BlockKind::Footer, &it)));
    metadata.pages = Some(story.finish()?);
    Ok(metadata)
}

/// Gives the headers of the pages; their footers, for the end.
fn furniture(package: &mut Package, story: &mut Story<'_, '_>) -> Vec<String> {
    let mut told = std::collections::HashSet::new();
    let mut footers = Vec::new();
    for (is_header, mut element) in std::mem::take(&mut package.styles.furniture) {
        element.children.retain(|it| match it {
            super::super::xml::Node::Element(it) => !only_numbers_pages(it),
            super::super::xml::Node::Text(_) => true,
        });
        let mut flow = Flow::new(package, story.out);
        let text = joined(&flow.apart(&element));
        if text.is_empty() || !told.insert(text.clone()) {
            continue;
        }
        if is_header {
            story.push(plain(BlockKind::Header, &text));
        } else {
            footers.push(text);
        }
    }
    footers
}

/// Whether a paragraph says nothing but which page it is.
fn only_numbers_pages(paragraph: &super::super::xml::Element) -> bool {
    let words = paragraph.text();
    let words = words.split_whitespace().filter(|it| it.chars().any(char::is_alphabetic)).count();
    words <= 2 && ["page-number", "page-count"].iter().any(|it| paragraph.find(it).is_some())
}

/// Reads the text element by element; the fault that ended it early.
fn walk(
    content: &str,
    package: &mut Package,
    story: &mut Story<'_, '_>,
) -> Result<Option<XmlFault>, ReadError> {
    let mut xml = Xml::new(content, Rules::Strict, story.out.limits);
    let mut lists = Lists::default();
    loop {
        match xml.next() {
            Ok(Token::Start(start)) => match &*start.name {
                "document-content" | "body" | "text" if xml.depth() <= 3 => {}
                "automatic-styles" | "font-face-decls" | "scripts" | "tracked-changes" | "forms" => {
                    xml.skip();
                }
                _ => {
                    let element = xml.element(start);
                    let mut flow = Flow::new(package, story.out);
                    flow.lists = std::mem::take(&mut lists);
                    flow.element(&element);
                    let items = std::mem::take(&mut flow.items);
                    lists = std::mem::take(&mut flow.lists);
                    tell(items, story)?;
                }
            },
            Ok(Token::Done) => return Ok(None),
            Ok(_) => {}
            Err(fault) => return Ok(Some(fault)),
        }
        if story.is_done() {
            return Ok(None);
        }
    }
}

fn tell(items: Vec<Item>, story: &mut Story<'_, '_>) -> Result<(), ReadError> {
    for item in items {
        match item {
            Item::Block(block) if block.text.is_empty() && block.kind != BlockKind::Figure => {}
            Item::Block(block) => story.push(block),
            Item::Note(block) => story.note(block),
            Item::EndNote(block) => story.end_note(block),
            Item::Page { explicit: true } => story.break_page()?,
            Item::Page { explicit: false } => story.break_rendered()?,
            Item::PageWithin => {
                story.break_after_block();
                story.settle_breaks()?;
            }
        }
    }
    Ok(())
}
