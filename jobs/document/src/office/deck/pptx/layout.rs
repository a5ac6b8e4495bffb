//! What does a shape of a slide have from its layout and its master?

use std::collections::HashMap;
use std::rc::Rc;

use super::super::super::drawing::words::{Bullet, of_level};
use super::super::super::ooxml::{Package, Relations};
use super::super::super::output::Output;
use super::super::super::xml::Element;
use super::super::reading_order::Place;

/// Layouts that are kept; a presentation has a dozen.
const MOST_KEPT: usize = 64;

/// A layout with its master.
#[derive(Debug, Default)]
pub struct Layout {
    layout: Element,
    master: Element,
}

/// The layouts read so far, by their parts.
#[derive(Debug, Default)]
pub struct Layouts {
    known: HashMap<String, Rc<Layout>>,
}

/// The place in a layout that a shape fills.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placeholder {
    pub kind: String,
    pub index: String,
}

impl Placeholder {
    /// Of a shape (`p:nvPr/p:ph`).
    pub fn of(shape: &Element) -> Option<Self> {
        let properties = shape.elements().find(|it| it.name.starts_with("nv"))?;
        let place = properties.at(&["nvPr", "ph"])?;
        Some(Self {
            kind: place.attr("type").unwrap_or("obj").to_owned(),
            index: place.attr("idx").unwrap_or("0").to_owned(),
        })
    }

    /// Whether it is the slide's title.
    pub fn is_title(&self) -> bool {
        matches!(self.kind.as_str(), "title" | "ctrTitle")
    }
}

impl Layouts {
    /// The layout that a slide with these relations has.
    pub fn of(&mut self, slide: &Relations, package: &mut Package, output: &mut Output<'_>) -> Rc<Layout> {
        let part = |relations: &Relations, kind: &str| {
            relations.values().find(|it| it.kind == kind && !it.is_external).map(|it| it.target.clone())
        };
        let Some(layout_part) = part(slide, "slideLayout") else { return Rc::default() };
        if let Some(known) = self.known.get(&layout_part) {
            return Rc::clone(known);
        }
        let layout = package.tree(&layout_part, output).unwrap_or_default();
        let relations = package.relations(&layout_part, output.limits);
        let master = part(&relations, "slideMaster").and_then(|it| package.tree(&it, output));
        let layout = Rc::new(Layout { layout, master: master.unwrap_or_default() });
        if self.known.len() < MOST_KEPT {
            self.known.insert(layout_part, Rc::clone(&layout));
        }
        layout
    }
}

impl Layout {
    /// Where a shape stands that does not say so itself.
    pub fn place(&self, placeholder: &Placeholder) -> Option<Place> {
        let own = self.shapes(placeholder).find_map(|shape| place(shape.child("spPr")?.child("xfrm")?));
        own.filter(|it| it.right > it.left || it.bottom > it.top)
    }

    /// The bullet of a level of a shape that does not say so itself.
    pub fn bullet(&self, placeholder: &Placeholder, level: u8) -> Option<Bullet> {
        let style = |shape: &Element| of_level(shape.at(&["txBody", "lstStyle"])?, level);
        let by_shape = self.shapes(placeholder).find_map(style);
        by_shape.or_else(|| {
            let name = match placeholder.kind.as_str() {
                "title" | "ctrTitle" => "titleStyle",
                "body" | "obj" | "subTitle" => "bodyStyle",
                _ => "otherStyle",
            };
            of_level(self.master.at(&["txStyles", name])?, level)
        })
    }

    /// The shapes of the layout, then of the master, that hold the same place.
    fn shapes(&self, placeholder: &Placeholder) -> impl Iterator<Item = &Element> {
        let same = |it: &Placeholder, by_index: bool| {
            let is_same_kind = it.kind == placeholder.kind || (it.is_title() && placeholder.is_title());
            if by_index {
                it.index == placeholder.index && (is_same_kind || it.index != "0")
            } else {
                is_same_kind
            }
        };
        let body = ["body", "obj", "subTitle"];
        let same_in_master = move |it: &Placeholder| {
            same(it, false) || (it.kind == "body" && body.contains(&placeholder.kind.as_str()))
        };
        let holding = |root| shapes(root).filter_map(|shape| Some((Placeholder::of(shape)?, shape)));
        let in_layout = holding(&self.layout).find(move |(it, _)| same(it, true));
        let in_master = holding(&self.master).find(move |(it, _)| same_in_master(it));
        in_layout.into_iter().chain(in_master).map(|(_, shape)| shape)
    }
}

fn shapes(root: &Element) -> impl Iterator<Item = &Element> {
    root.at(&["cSld", "spTree"]).into_iter().flat_map(Element::elements)
}

/// The place that a transformation names.
pub fn place(transform: &Element) -> Option<Place> {
    let (offset, size) = (transform.child("off")?, transform.child("ext")?);
    let (left, top) = (offset.number::<f64>("x")?, offset.number::<f64>("y")?);
    let (width, height) = (size.number::<f64>("cx")?, size.number::<f64>("cy")?);
    let place = Place { left, top, right: left + width, bottom: top + height };
    [left, top, width, height].iter().all(|it| it.is_finite()).then_some(place)
}
