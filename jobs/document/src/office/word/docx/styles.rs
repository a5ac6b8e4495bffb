//! What does a style of a DOCX make of its paragraphs and runs?

use std::collections::HashMap;

use super::super::super::super::script::Script;
use super::super::super::lines::Look;
use super::super::super::ooxml::is_on;
use super::super::super::xml::Element;
use super::super::role::{Role, is_code};

/// The longest id of a style or a list that is known: no program writes longer ones, and each paragraph would look for it.
const LONGEST_ID: usize = 255;
/// How long a chain of styles that are based on each other may be; a longer one, or a circle, ends here.
const LONGEST_CHAIN: usize = 32;

/// What an element of run properties changes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change {
    pub strong: Option<bool>,
    pub emphasis: Option<bool>,
    pub strike: Option<bool>,
    pub hidden: Option<bool>,
    pub script: Option<Script>,
    pub code: bool,
}

impl Change {
    /// Of `w:rPr`.
    pub fn of(properties: &Element) -> Self {
        let mut change = Self::default();
        for property in properties.elements() {
            let on = Some(is_on(property));
            match &*property.name {
                "b" => change.strong = on,
                "i" => change.emphasis = on,
                "strike" | "dstrike" => change.strike = on,
                "vanish" => change.hidden = on,
                "vertAlign" => {
                    change.script = match property.attr("val") {
                        Some("superscript") => Some(Script::Raised),
                        Some("subscript") => Some(Script::Lowered),
                        _ => None,
                    };
                }
                _ => {}
            }
        }
        change
    }

    /// This one, and what it leaves open by `base`.
    pub fn over(self, base: Self) -> Self {
        Self {
            strong: self.strong.or(base.strong),
            emphasis: self.emphasis.or(base.emphasis),
            strike: self.strike.or(base.strike),
            hidden: self.hidden.or(base.hidden),
            script: self.script.or(base.script),
            code: self.code || base.code,
        }
    }

    /// The look, without a link.
    pub fn look(self) -> Look {
        Look {
            strong: self.strong == Some(true),
            emphasis: self.emphasis == Some(true),
            strike: self.strike == Some(true),
            code: self.code,
            script: self.script,
            ..Look::default()
        }
    }
}

/// A paragraph's place in a list, as `w:numPr` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberAt {
    pub list: Option<String>,
    pub level: Option<u8>,
}

impl NumberAt {
    /// Of `w:numPr`.
    pub fn of(properties: &Element) -> Self {
        Self {
            list: properties.child("numId").and_then(|it| it.attr("val")).filter(is_id).map(str::to_owned),
            level: properties.child("ilvl").and_then(|it| it.number("val")),
        }
    }
}

#[derive(Debug, Default)]
struct Style {
    base: Option<String>,
    role: Role,
    outline: Option<u8>,
    number: Option<NumberAt>,
    breaks_page: Option<bool>,
    change: Change,
}

/// All styles by their ids.
#[derive(Debug, Default)]
pub struct Styles {
    by_id: HashMap<String, Style>,
    default_paragraph: Option<String>,
    /// The language that the document is set in.
    pub language: Option<String>,
}

/// What a paragraph is by its style.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ParagraphStyle {
    pub role: Role,
    /// From 0 on; 9 is that of text.
    pub outline: Option<u8>,
    pub list: Option<String>,
    pub level: Option<u8>,
    pub breaks_page: bool,
}

impl Styles {
    /// Of `word/styles.xml`.
    pub fn of(root: &Element) -> Self {
        let language = root.at(&["docDefaults", "rPrDefault", "rPr", "lang"]).and_then(|it| it.attr("val"));
        let mut styles = Self { language: language.map(str::to_owned), ..Self::default() };
        for element in root.elements().filter(|it| &*it.name == "style") {
            let Some(id) = element.attr("styleId").filter(is_id) else { continue };
            let is_default = matches!(element.attr("default"), Some("1" | "true" | "on"));
            if element.attr("type") == Some("paragraph") && is_default {
                styles.default_paragraph = Some(id.to_owned());
            }
            styles.by_id.insert(id.to_owned(), style(element));
        }
        styles
    }

    /// What a paragraph with the style `id` is.
    pub fn paragraph(&self, id: Option<&str>) -> ParagraphStyle {
        let mut found = ParagraphStyle::default();
        let (mut breaks, mut role) = (None, None);
        for style in self.chain(id.or(self.default_paragraph.as_deref())) {
            role = role.or(Some(style.role).filter(|it| *it != Role::Body));
            found.outline = found.outline.or(style.outline);
            breaks = breaks.or(style.breaks_page);
            if let Some(number) = &style.number {
                found.list = found.list.or_else(|| number.list.clone());
                found.level = found.level.or(number.level);
            }
        }
        found.role = role.unwrap_or_default();
        found.breaks_page = breaks == Some(true);
        found
    }

    /// What the style `id` changes about runs.
    pub fn run(&self, id: &str) -> Change {
        self.chain(Some(id)).fold(Change::default(), |change, style| change.over(style.change))
    }

    /// The style `id` and those that it is based on.
    fn chain<'a>(&'a self, id: Option<&'a str>) -> impl Iterator<Item = &'a Style> {
        let first = id.and_then(|id| self.by_id.get(id));
        std::iter::successors(first, |style| self.by_id.get(style.base.as_deref()?)).take(LONGEST_CHAIN)
    }
}

/// Whether a name is short enough to be one.
fn is_id(name: &&str) -> bool {
    name.len() <= LONGEST_ID
}

fn style(element: &Element) -> Style {
    let value = |name: &str| element.child(name).and_then(|it| it.attr("val"));
    let paragraph = element.child("pPr");
    let name = value("name").unwrap_or_default();
    let mut change = element.child("rPr").map(Change::of).unwrap_or_default();
    change.code = element.attr("type") == Some("character") && is_code(name);
    Style {
        base: value("basedOn").filter(is_id).map(str::to_owned),
        role: Role::of(name),
        outline: paragraph.and_then(|it| it.child("outlineLvl")).and_then(|it| it.number("val")),
        number: paragraph.and_then(|it| it.child("numPr")).map(NumberAt::of),
        breaks_page: paragraph.and_then(|it| it.child("pageBreakBefore")).map(is_on),
        change,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::super::limits::DocumentLimits;
    use super::super::super::super::xml::{Rules, Xml};
    use super::*;

    fn styles(text: &str) -> Styles {
        let text = format!("<styles>{text}</styles>");
        Styles::of(&Xml::new(&text, Rules::Strict, &DocumentLimits::default()).tree().0)
    }

    #[test]
    fn a_style_has_what_those_it_is_based_on_have() {
        let styles = styles(
            "<style styleId='a'><name val='heading 2'/><pPr><outlineLvl val='1'/></pPr></style>\
             <style styleId='b'><name val='Mine'/><basedOn val='a'/></style>",
        );
        let found = styles.paragraph(Some("b"));
        assert_eq!((found.role, found.outline), (Role::Heading(2), Some(1)));
    }

    #[test]
    fn names_that_are_too_long_are_none() {
        let id = "x".repeat(LONGEST_ID + 1);
        let styles = styles(&format!("<style styleId='{id}'><name val='heading 2'/></style>"));
        assert_eq!(styles.paragraph(Some(&id)), ParagraphStyle::default());
    }

    #[test]
    fn styles_that_are_based_on_each_other_end() {
        let styles = styles(
            "<style styleId='a'><basedOn val='b'/></style><style styleId='b'><basedOn val='a'/></style>",
        );
        assert_eq!(styles.paragraph(Some("a")), ParagraphStyle::default());
    }
}
