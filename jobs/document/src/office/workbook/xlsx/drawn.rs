//! What lies on a sheet of an XLSX, and what do people say about its cells?

use std::collections::HashSet;

use super::super::super::super::model::{Block, BlockKind};
use super::super::super::drawing::{chart, diagram, words};
use super::super::super::lines::{picture, plain};
use super::super::super::ooxml::{Package, Relations};
use super::super::super::output::Output;
use super::super::super::sheet::Sheet;
use super::super::super::xml::Element;
use super::strings::rich_text;

/// Adds the drawings and comments that the relations of `part` lead to.
pub fn read(package: &mut Package, part: &str, sheet: &mut Sheet, output: &mut Output<'_>) {
    let relations = package.relations(part, output.limits);
    let links = links(sheet, &relations);
    sheet.comments.extend(links.into_iter().filter(|it| output.block_fits(it)));
    let mut kinds: Vec<_> = relations.values().filter(|it| !it.is_external).collect();
    kinds.sort_by(|a, b| a.target.cmp(&b.target));
    let has_threads = kinds.iter().any(|it| it.kind == "threadedComment");
    for relation in kinds {
        // Binary parts have the same kinds.
        if !relation.target.ends_with(".xml") {
            continue;
        }
        match relation.kind.as_str() {
            "drawing" => drawing(package, &relation.target, sheet, output),
            // A thread has a copy among the older comments.
            "comments" if !has_threads => {
                let root = package.tree(&relation.target, output).unwrap_or_default();
                sheet.comments.extend(comments(&root).filter(|it| output.block_fits(it)));
            }
            "threadedComment" => {
                let root = package.tree(&relation.target, output).unwrap_or_default();
                sheet.comments.extend(threads(&root).filter(|it| output.block_fits(it)));
            }
            _ => {}
        }
    }
}

/// Where cells lead that do not say so themselves: a cell has no marks, so it is told as a comment is.
fn links(sheet: &mut Sheet, relations: &Relations) -> Vec<Block> {
    let links = std::mem::take(&mut sheet.links);
    let texts: HashSet<&str> = sheet.cells.iter().map(|cell| cell.text.trim()).collect();
    let target = |id: &str| relations.get(id).filter(|it| it.is_external).map(|it| it.target.as_str());
    let told = |(reference, id): &(String, String)| {
        let target = target(id).filter(|target| !texts.contains(target))?;
        Some(comment(reference, target))
    };
    links.iter().filter_map(told).collect()
}

fn comments(root: &Element) -> impl Iterator<Item = Block> {
    let list = root.child("commentList").into_iter().flat_map(Element::elements);
    list.filter_map(|it| Some(comment(it.attr("ref")?, &rich_text(it.child("text")?))))
}

fn threads(root: &Element) -> impl Iterator<Item = Block> {
    root.elements().filter_map(|it| Some(comment(it.attr("ref")?, &it.child("text")?.text())))
}

/// A comment with the cell that it is about.
pub fn comment(reference: &str, text: &str) -> Block {
    plain(BlockKind::Comment, &format!("{reference}: {}", text.trim()))
}

fn drawing(package: &mut Package, part: &str, sheet: &mut Sheet, output: &mut Output<'_>) {
    let Some(root) = package.tree(part, output) else { return };
    let relations = package.relations(part, output.limits);
    let mut blocks = Vec::new();
    shapes(&root, &relations, package, output, &mut blocks);
    sheet.drawn.extend(blocks.into_iter().filter(|it| output.block_fits(it)));
}

fn shapes(
    parent: &Element,
    relations: &Relations,
    package: &mut Package,
    output: &mut Output<'_>,
    blocks: &mut Vec<Block>,
) {
    for element in parent.elements() {
        match &*element.name {
            "pic" => {
                let text = element.at(&["nvPicPr", "cNvPr"]).and_then(|it| it.attr("descr"));
                blocks.push(picture(text.unwrap_or_default()));
            }
            "sp" => {
                let body = element.child("txBody");
                blocks.extend(body.map(|it| words::blocks(it, relations, &|_| None)).unwrap_or_default());
            }
            "chart" | "relIds" => {
                let is_chart = &*element.name == "chart";
                let id = element.prefixed_attr(if is_chart { "id" } else { "dm" });
                let part = id.and_then(|it| relations.get(it)).filter(|it| !it.is_external);
                let Some(root) = part.and_then(|it| package.tree_once(&it.target, output)) else { continue };
                blocks.extend(if is_chart { chart::blocks(&root) } else { diagram::blocks(&root) });
            }
            _ => shapes(element, relations, package, output, blocks),
        }
    }
}
