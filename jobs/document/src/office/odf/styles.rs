//! What does a style of OpenDocument make of its text?

use std::collections::HashMap;

use super::super::super::script::Script;
use super::super::labels::Counting;
use super::super::lines::Look;
use super::super::word::role::{Role, is_code};
use super::super::xml::Element;

/// How long a chain of parents may be; a longer one, or a circle, ends here.
const LONGEST_CHAIN: usize = 32;
/// The longest name that is known: no program writes longer ones, and each paragraph would look for it.
const LONGEST_NAME: usize = 255;

#[derive(Debug, Default)]
struct Style {
    parent: Option<String>,
    role: Role,
    outline: Option<u8>,
    breaks_page: Option<bool>,
    strong: Option<bool>,
    emphasis: Option<bool>,
    strike: Option<bool>,
    script: Option<Script>,
    is_hidden: bool,
    is_code: bool,
}

/// A level of a list.
#[derive(Debug, Clone, Default)]
pub struct Level {
    pub counting: Counting,
    pub prefix: String,
    pub suffix: String,
    pub start: u32,
    /// How many levels its label shows.
    pub shows: usize,
}

/// All styles, by family and then by name.
#[derive(Debug, Default)]
pub struct Styles {
    all: HashMap<String, HashMap<String, Style>>,
    lists: HashMap<String, HashMap<usize, Level>>,
    /// How headings are numbered.
    pub outline: HashMap<usize, Level>,
    /// Headers and footers of pages, as elements.
    pub furniture: Vec<(bool, Element)>,
}

impl Styles {
    /// Adds those of a part.
    pub fn add(&mut self, root: &Element) {
        for group in root.elements() {
            for element in group.elements() {
                match &*element.name {
                    "style" => self.add_style(element),
                    "list-style" => {
                        if let Some(name) = name_of(element, "name") {
                            self.lists.insert(name.to_owned(), levels(element));
                        }
                    }
                    "outline-style" => self.outline = levels(element),
                    "master-page" => {
                        for part in element.elements() {
                            let is_header = part.name.starts_with("header");
                            if is_header || part.name.starts_with("footer") {
                                self.furniture.push((is_header, part.clone()));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn add_style(&mut self, element: &Element) {
        let family = name_of(element, "family").unwrap_or_default();
        let Some(name) = name_of(element, "name") else { return };
        let style = style(element, family, name);
        self.all.entry(family.to_owned()).or_default().insert(name.to_owned(), style);
    }

    fn chain<'a>(&'a self, family: &str, name: Option<&str>) -> impl Iterator<Item = &'a Style> {
        let family = self.all.get(family);
        let first = family.zip(name).and_then(|(family, name)| family.get(name));
        let next = move |style: &&'a Style| family?.get(style.parent.as_deref()?);
        std::iter::successors(first, next).take(LONGEST_CHAIN)
    }

    /// What a paragraph with the style `name` is.
    pub fn role(&self, name: Option<&str>) -> Role {
        let found = self.chain("paragraph", name).map(|it| it.role).find(|it| *it != Role::Body);
        found.unwrap_or_default()
    }

    /// The level of headings that the style `name` has.
    pub fn outline_level(&self, name: Option<&str>) -> Option<u8> {
        self.chain("paragraph", name).find_map(|it| it.outline)
    }

    /// Whether a paragraph with the style `name` begins a page.
    pub fn breaks_page(&self, name: Option<&str>) -> bool {
        self.chain("paragraph", name).find_map(|it| it.breaks_page) == Some(true)
    }

    /// Whether a table with the style `name` is not shown.
    pub fn is_hidden(&self, name: Option<&str>) -> bool {
        self.chain("table", name).any(|it| it.is_hidden)
    }

    /// The look of characters with the style `name` inside of `outer`; none when they are not shown.
    pub fn look(&self, name: Option<&str>, outer: &Look) -> Option<Look> {
        let mut change = (None, None, None, None);
        let mut look = outer.clone();
        for style in self.chain("text", name) {
            if style.is_hidden {
                return None;
            }
            change.0 = change.0.or(style.strong);
            change.1 = change.1.or(style.emphasis);
            change.2 = change.2.or(style.strike);
            change.3 = change.3.or(style.script);
            look.code |= style.is_code;
        }
        look.strong = change.0.unwrap_or(look.strong);
        look.emphasis = change.1.unwrap_or(look.emphasis);
        look.strike = change.2.unwrap_or(look.strike);
        look.script = change.3.or(look.script);
        Some(look)
    }

    /// A level, from 0 on, of the list style `name`.
    pub fn level(&self, name: &str, level: usize) -> Option<&Level> {
        self.lists.get(name)?.get(&level)
    }
}

/// The name that an attribute of an element tells; none if it is too long to be one.
pub fn name_of<'e>(element: &'e Element, attribute: &str) -> Option<&'e str> {
    element.attr(attribute).filter(|name| name.len() <= LONGEST_NAME)
}

fn style(element: &Element, family: &str, name: &str) -> Style {
    let shown = element.attr("display-name").map_or_else(|| name.replace("_20_", " "), str::to_owned);
    let paragraph = element.child("paragraph-properties");
    let text = element.child("text-properties");
    let value = |name: &str| text.and_then(|it| it.attr(name));
    let weight = value("font-weight");
    Style {
        parent: name_of(element, "parent-style-name").map(str::to_owned),
        role: if family == "paragraph" { Role::of(&shown) } else { Role::Body },
        outline: element.number("default-outline-level").filter(|it| *it > 0),
        breaks_page: paragraph.and_then(|it| it.attr("break-before")).map(|it| it == "page"),
        strong: weight.map(|it| it == "bold" || it.parse::<u32>().is_ok_and(|it| it >= 600)),
        emphasis: value("font-style").map(|it| it != "normal"),
        strike: value("text-line-through-style").map(|it| it != "none"),
        script: value("text-position").and_then(script),
        is_hidden: value("display") == Some("none")
            || element.child("table-properties").and_then(|it| it.attr("display")) == Some("false"),
        is_code: family == "text" && is_code(&shown),
    }
}

/// `super 58%`, `sub`, or a share of the height of the font by which it is raised (OpenDocument 1.3, 20.384).
fn script(position: &str) -> Option<Script> {
    let place = position.split_whitespace().next().unwrap_or_default();
    match (place, place.trim_end_matches('%').parse::<f32>()) {
        ("super", _) => Some(Script::Raised),
        ("sub", _) => Some(Script::Lowered),
        (_, Ok(share)) if share > 0.0 => Some(Script::Raised),
        (_, Ok(share)) if share < 0.0 => Some(Script::Lowered),
        _ => None,
    }
}

fn levels(style: &Element) -> HashMap<usize, Level> {
    let levels = style.elements().filter_map(|level| {
        let place = level.number::<usize>("level")?.checked_sub(1)?;
        let counting = match &*level.name {
            "list-level-style-bullet" | "list-level-style-image" => Counting::Bullet,
            _ => Counting::of_open(level.attr("num-format").unwrap_or_default()),
        };
        let text = |name: &str| level.attr(name).unwrap_or_default().chars().take(50).collect::<String>();
        let found = Level {
            counting,
            prefix: text("num-prefix"),
            suffix: text("num-suffix"),
            start: level.number("start-value").unwrap_or(1),
            shows: level.number("display-levels").unwrap_or(1),
        };
        Some((place, found))
    });
    levels.take(10).collect()
}
