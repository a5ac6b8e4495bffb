//! What does a diagram (SmartArt) say?

use super::super::super::model::{Block, BlockKind};
use super::super::lines::plain;
use super::super::xml::Element;

/// The texts of the points of `dgm:dataModel`, an item of a list each.
pub fn blocks(root: &Element) -> Vec<Block> {
    let points = root.child("ptLst").into_iter().flat_map(Element::elements);
    let shown = points.filter(|it| matches!(it.attr("type"), None | Some("node" | "asst")));
    let texts = shown.filter_map(|it| it.child("t")).map(|text| {
        let lines = text.elements().filter(|it| &*it.name == "p").map(Element::text);
        lines.collect::<Vec<_>>().join(" ").trim().to_owned()
    });
    let kind = || BlockKind::ListItem { level: 0, number: None };
    texts.filter(|it| !it.is_empty()).map(|it| plain(kind(), &it)).collect()
}
