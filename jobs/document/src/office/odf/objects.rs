//! What do frames, shapes and the objects in them say?

use super::super::super::formula;
use super::super::super::model::{Block, BlockKind, Cell};
use super::super::grid::Grid;
use super::super::lines::{self, picture, plain};
use super::super::ooxml::resolved;
use super::super::output::Output;
use super::super::xml::{Element, Place};
use super::flow::Flow;

/// Series of a chart that are shown.
const MOST_COLUMNS: usize = 1_000;
/// How deep shapes may stand in shapes.
const DEEPEST: u32 = 32;

impl Flow<'_, '_> {
    /// A frame, a shape, a group of them, a note or an annotation.
    pub fn object(&mut self, element: &Element) {
        if self.depth >= DEEPEST {
            return;
        }
        self.depth += 1;
        match &*element.name {
            "note" | "annotation" => self.note(element),
            "frame" => self.frame(element),
            "g" | "text-box" | "custom-shape" | "rect" | "ellipse" | "line" | "circle" | "polygon"
            | "polyline" | "path" | "connector" | "caption" | "shapes" | "a" | "forms" => {
                self.elements(element);
            }
            _ => {}
        }
        self.depth -= 1;
    }

    fn frame(&mut self, frame: &Element) {
        let said = ["desc", "title"].iter().find_map(|name| frame.child(name)).map(Element::text);
        let said = said.unwrap_or_default();
        // An object comes with a picture of itself.
        if let Some(object) = frame.child("object") {
            let blocks = self.embedded(object);
            if !blocks.is_empty() {
                blocks.into_iter().for_each(|block| self.give(block));
                return;
            }
        }
        for element in frame.elements() {
            match &*element.name {
                "image" => {
                    self.give(picture(&said));
                    return;
                }
                "text-box" => self.elements(element),
                "table" => self.table(element),
                _ => {}
            }
        }
    }

    /// The blocks of an embedded formula or chart.
    fn embedded(&mut self, object: &Element) -> Vec<Block> {
        if let Some(formula) = object.child("math") {
            return vec![formula_block(formula)];
        }
        let Some(folder) = object.attr("href") else { return Vec::new() };
        let part = resolved("", &format!("{folder}/content.xml"));
        // One that is shown again says nothing new.
        if !self.package.objects.insert(part.clone()) {
            return Vec::new();
        }
        let Some(root) = self.package.tree(&part, self.output) else { return Vec::new() };
        if &*root.name == "math" {
            return vec![formula_block(&root)];
        }
        root.at(&["body", "chart", "chart"]).map(|it| chart(it, self.output)).unwrap_or_default()
    }
}

fn formula_block(math: &Element) -> Block {
    lines::formula(&formula::from_mathml(Place::Element(math)))
}

/// A chart: its title, and its own table.
fn chart(chart: &Element, output: &mut Output<'_>) -> Vec<Block> {
    let title = chart.child("title").map(Element::text).unwrap_or_default();
    let kind = match chart.attr("class").and_then(|it| it.rsplit(':').next()) {
        Some("bar") => "Bar chart",
        Some("line") => "Line chart",
        Some("circle" | "ring") => "Pie chart",
        Some("area") => "Area chart",
        Some("scatter") => "Scatter chart",
        _ => "Chart",
    };
    let mut blocks = vec![plain(BlockKind::Paragraph, title.trim()), plain(BlockKind::Figure, kind)];
    blocks.retain(|it| !it.text.is_empty());
    let mut grid = Grid::default();
    let groups = chart.child("table").into_iter().flat_map(Element::elements);
    for row in groups.flat_map(Element::elements).filter(|it| &*it.name == "table-row") {
        grid.begin_row();
        for cell in row.elements().take(MOST_COLUMNS) {
            if !output.cell_fits() {
                break;
            }
            let value = cell.number::<f64>("value").filter(|it| it.is_finite());
            let text = cell.child("p").map(Element::text).unwrap_or_default();
            grid.add(Cell { text, value, ..Cell::default() });
        }
    }
    grid.head(1);
    if !grid.is_blank() {
        blocks.push(grid.block());
    }
    blocks
}
