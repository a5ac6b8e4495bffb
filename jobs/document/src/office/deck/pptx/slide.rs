//! What does a slide say?

use super::super::super::super::model::{Block, BlockKind};
use super::super::super::drawing::words::{self, Bullet};
use super::super::super::drawing::{chart, diagram, frame};
use super::super::super::lines::{Line, Look, picture as picture_of, plain};
use super::super::super::ooxml::{Package, Relations};
use super::super::super::output::Output;
use super::super::super::word::docx::joined;
use super::super::super::xml::Element;
use super::super::reading_order::{Place, sort};
use super::layout::{Layout, Layouts, Placeholder, place};

/// A slide.
#[derive(Debug, Default)]
pub struct Slide {
    pub title: Option<String>,
    pub blocks: Vec<Block>,
    pub is_hidden: bool,
}

/// A shape that is read, and when.
struct Read {
    blocks: Vec<Block>,
    is_title: bool,
    is_footer: bool,
}

/// Reads the slide in `part`.
pub fn read(package: &mut Package, part: &str, layouts: &mut Layouts, output: &mut Output<'_>) -> Slide {
    let Some(root) = package.tree(part, output) else { return Slide::default() };
    let relations = package.relations(part, output.limits);
    let layout = layouts.of(&relations, package, output);
    let mut reader = Reader { package, output, relations: &relations, layout: &layout };
    let shapes = root.at(&["cSld", "spTree"]).map(|tree| reader.shapes(tree)).unwrap_or_default();
    let (titles, others): (Vec<_>, Vec<_>) = shapes.into_iter().partition(|(_, shape)| shape.is_title);
    let (footers, body): (Vec<_>, Vec<_>) = others.into_iter().partition(|(_, shape)| shape.is_footer);
    let mut blocks: Vec<Block> = Vec::new();
    for shapes in [titles, body, footers] {
        blocks.extend(sort(shapes).into_iter().flat_map(|shape| shape.blocks));
    }
    blocks.extend(reader.notes());
    blocks.extend(reader.comments());
    blocks.retain(|block| !block.text.is_empty() || block.kind == BlockKind::Figure);
    blocks.retain(|block| output.block_fits(block));
    let title =
        blocks.iter().find(|it| matches!(it.kind, BlockKind::Heading { .. })).map(|it| it.text.clone());
    let is_hidden = matches!(root.attr("show"), Some("0" | "false"));
    Slide { title, blocks, is_hidden }
}

struct Reader<'r, 'a> {
    package: &'r mut Package,
    output: &'r mut Output<'a>,
    relations: &'r Relations,
    layout: &'r Layout,
}

impl Reader<'_, '_> {
    /// The shapes of a tree or a group, with their places.
    fn shapes(&mut self, parent: &Element) -> Vec<(Place, Read)> {
        let mut shapes = Vec::new();
        for shape in parent.elements() {
            let placeholder = Placeholder::of(shape);
            let kind = placeholder.as_ref().map_or("", |it| it.kind.as_str());
            if matches!(kind, "sldNum" | "dt") {
                continue;
            }
            let is_title = placeholder.as_ref().is_some_and(Placeholder::is_title);
            let is_footer = matches!(kind, "ftr" | "hdr");
            let blocks = match &*shape.name {
                "sp" => self.shape(shape, placeholder.as_ref()),
                "pic" => vec![picture(shape)],
                "graphicFrame" => self.frame(shape),
                "grpSp" => sort(self.shapes(shape)).into_iter().flat_map(|it| it.blocks).collect(),
                _ => continue,
            };
            let own = shape.elements().find_map(|it| match &*it.name {
                "xfrm" => place(it),
                "spPr" | "grpSpPr" => place(it.child("xfrm")?),
                _ => None,
            });
            let place = own.or_else(|| self.layout.place(placeholder.as_ref()?)).unwrap_or_default();
            shapes.push((place, Read { blocks, is_title, is_footer }));
        }
        shapes
    }

    fn shape(&mut self, shape: &Element, placeholder: Option<&Placeholder>) -> Vec<Block> {
        let Some(body) = shape.child("txBody") else { return Vec::new() };
        if let Some(kind) = placeholder.and_then(|it| one_block(&it.kind)) {
            return one(body, self.relations, kind);
        }
        let inherited = |level: u8| -> Option<Bullet> { self.layout.bullet(placeholder?, level) };
        words::blocks(body, self.relations, &inherited)
    }

    fn frame(&mut self, shape: &Element) -> Vec<Block> {
        let Some(data) = shape.at(&["graphic", "graphicData"]) else { return Vec::new() };
        let mut blocks = Vec::new();
        for element in data.elements() {
            match &*element.name {
                "tbl" => blocks.extend(frame::table(element, self.relations, self.output)),
                "chart" => blocks.extend(
                    self.related(element.prefixed_attr("id"))
                        .map(|it| chart::blocks(&it))
                        .unwrap_or_default(),
                ),
                "relIds" => {
                    blocks.extend(
                        self.related(element.prefixed_attr("dm"))
                            .map(|it| diagram::blocks(&it))
                            .unwrap_or_default(),
                    );
                }
                _ => {
                    let text = shape.at(&["nvGraphicFramePr", "cNvPr"]).and_then(|it| it.attr("descr"));
                    blocks.push(picture_of(text.unwrap_or_default()));
                }
            }
        }
        blocks
    }

    fn related(&mut self, id: Option<&str>) -> Option<Element> {
        let relation = self.relations.get(id?).filter(|it| !it.is_external)?;
        self.package.tree_once(&relation.target, self.output)
    }

    fn of_kind(&self, kind: &str) -> Option<String> {
        let mut parts: Vec<_> = self
            .relations
            .values()
            .filter(|it| it.kind == kind && !it.is_external)
            .map(|it| &it.target)
            .collect();
        parts.sort();
        parts.first().map(|it| (*it).clone())
    }

    /// What the speaker wrote for the slide.
    fn notes(&mut self) -> Vec<Block> {
        let Some(root) = self.of_kind("notesSlide").and_then(|part| self.package.tree(&part, self.output))
        else {
            return Vec::new();
        };
        let tree = root.at(&["cSld", "spTree"]).into_iter().flat_map(Element::elements);
        let bodies = tree.filter(|it| Placeholder::of(it).is_some_and(|it| it.kind == "body"));
        let none = Relations::new();
        let texts =
            bodies.filter_map(|it| it.child("txBody")).map(|it| joined(&words::blocks(it, &none, &|_| None)));
        texts.map(|it| plain(BlockKind::Comment, &it)).collect()
    }

    /// What people say about the slide, in the older and the newer form.
    fn comments(&mut self) -> Vec<Block> {
        let Some(root) = self.of_kind("comments").and_then(|part| self.package.tree(&part, self.output))
        else {
            return Vec::new();
        };
        let texts = root.elements().filter(|it| &*it.name == "cm").map(|comment| {
            if let Some(text) = comment.child("text") {
                return text.text();
            }
            let body = comment.child("txBody").into_iter().flat_map(Element::elements);
            body.filter(|it| &*it.name == "p").map(Element::text).collect::<Vec<_>>().join("\n")
        });
        texts.map(|it| plain(BlockKind::Comment, &it)).collect()
    }
}

/// What a placeholder is whose paragraphs are one block.
fn one_block(kind: &str) -> Option<BlockKind> {
    match kind {
        "title" | "ctrTitle" => Some(BlockKind::Heading { level: 1 }),
        "ftr" => Some(BlockKind::Footer),
        "hdr" => Some(BlockKind::Header),
        _ => None,
    }
}

/// All paragraphs of a shape as one block of `kind`.
fn one(body: &Element, relations: &Relations, kind: BlockKind) -> Vec<Block> {
    let mut line = Line::default();
    for paragraph in body.elements().filter(|it| &*it.name == "p") {
        let next = words::line(paragraph, relations);
        if !next.is_blank() {
            if !line.is_blank() {
                line.push("\n", &Look::default());
            }
            line.append(&next);
        }
    }
    let mut block = line.block(kind);
    block.text = block.text.replace('\n', " ");
    vec![block]
}

fn picture(shape: &Element) -> Block {
    let text = shape.at(&["nvPicPr", "cNvPr"]).and_then(|it| it.attr("descr"));
    picture_of(text.unwrap_or_default())
}
