//! What do the paragraphs of a shape say (DrawingML)?

use std::rc::Rc;

use super::super::super::model::{Block, BlockKind};
use super::super::super::script::Script;
use super::super::labels::{Counting, Label};
use super::super::lines::{Line, Look};
use super::super::ooxml::Relations;
use super::super::word::docx::read_formula;
use super::super::xml::Element;

/// What stands before a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bullet {
    /// Nothing.
    None,
    /// A mark.
    Mark,
    /// A number, counted and written as `a:buAutoNum` names it, from a first one on.
    Number(String, u32),
}

impl Bullet {
    /// What `a:pPr` or a level of a list style says about it.
    pub fn of(properties: &Element) -> Option<Self> {
        properties.elements().find_map(|it| match &*it.name {
            "buNone" => Some(Self::None),
            "buChar" | "buBlip" => Some(Self::Mark),
            "buAutoNum" => {
                let kind = it.attr("type").unwrap_or("arabicPeriod").to_owned();
                Some(Self::Number(kind, it.number("startAt").unwrap_or(1)))
            }
            _ => None,
        })
    }
}

/// The bullet that a level has in a list style.
pub fn of_level(style: &Element, level: u8) -> Option<Bullet> {
    style.child(&format!("lvl{}pPr", level.min(8) + 1)).and_then(Bullet::of)
}

/// The paragraphs of `body`. A paragraph that says nothing about its bullet asks `inherited` by its level.
pub fn blocks(body: &Element, relations: &Relations, inherited: &dyn Fn(u8) -> Option<Bullet>) -> Vec<Block> {
    let own_style = body.child("lstStyle");
    let mut counts = [0_u32; 9];
    let mut blocks = Vec::new();
    for paragraph in body.elements().filter(|it| &*it.name == "p") {
        let line = line(paragraph, relations);
        if line.is_blank() {
            continue;
        }
        let properties = paragraph.child("pPr");
        let level = properties.and_then(|it| it.number::<u8>("lvl")).unwrap_or_default().min(8);
        let bullet = properties
            .and_then(Bullet::of)
            .or_else(|| own_style.and_then(|it| of_level(it, level)))
            .or_else(|| inherited(level));
        blocks.push(block(line, level, bullet.unwrap_or(Bullet::None), &mut counts));
    }
    blocks
}

fn block(line: Line, level: u8, bullet: Bullet, counts: &mut [u32; 9]) -> Block {
    let place = usize::from(level).min(8);
    for count in counts.iter_mut().skip(place + 1) {
        *count = 0;
    }
    match bullet {
        Bullet::None => {
            counts[place] = 0;
            line.block(BlockKind::Paragraph)
        }
        Bullet::Mark => {
            counts[place] = 0;
            line.block(BlockKind::ListItem { level, number: None })
        }
        Bullet::Number(kind, start) => {
            let number = start.saturating_add(counts[place]);
            counts[place] = counts[place].saturating_add(1);
            let label = label(&kind, number, level);
            let (kind, said) = label.item();
            let mut numbered = Line::default();
            if !said.is_empty() {
                numbered.push(&format!("{said} "), &Look::default());
            }
            numbered.append(&line);
            numbered.block(kind)
        }
    }
}

/// The label of a number (ECMA-376, ST_TextAutonumberScheme: how it counts, then what is around it).
fn label(scheme: &str, number: u32, level: u8) -> Label {
    let counting = match scheme {
        it if it.starts_with("alphaLc") => Counting::Letters,
        it if it.starts_with("alphaUc") => Counting::Capitals,
        it if it.starts_with("romanLc") => Counting::Roman,
        it if it.starts_with("romanUc") => Counting::RomanCapitals,
        _ => Counting::Decimal,
    };
    let shown = counting.shown(number);
    let shown = match scheme {
        it if it.ends_with("ParenBoth") => format!("({shown})"),
        it if it.ends_with("ParenR") => format!("{shown})"),
        _ => format!("{shown}."),
    };
    Label { level, counting, number, shown }
}

/// The runs of a paragraph.
pub fn line(paragraph: &Element, relations: &Relations) -> Line {
    let mut line = Line::default();
    for element in paragraph.elements() {
        match &*element.name {
            "r" | "fld" => {
                let text = element.child("t").map(Element::text).unwrap_or_default();
                let text = text.replace('\u{b}', "\n");
                line.push(&text, &look(element, relations));
            }
            "br" => line.push("\n", &Look::default()),
            "m" | "oMath" | "oMathPara" => line.formula(&read_formula(element).written(), &Look::default()),
            _ => {}
        }
    }
    line
}

fn look(run: &Element, relations: &Relations) -> Look {
    let Some(properties) = run.child("rPr") else { return Look::default() };
    let is = |name: &str| matches!(properties.attr(name), Some("1" | "true"));
    let strike = properties.attr("strike").is_some_and(|it| it != "noStrike");
    let link = properties.child("hlinkClick").and_then(|it| it.prefixed_attr("id"));
    let link = link.and_then(|id| relations.get(id)).filter(|it| it.is_external && it.kind == "hyperlink");
    let link = link.map(|it| Rc::from(it.target.as_str()));
    // In thousandths of a percent, above or below the line.
    let script = match properties.number::<i32>("baseline").unwrap_or_default() {
        1.. => Some(Script::Raised),
        0 => None,
        _ => Some(Script::Lowered),
    };
    Look { strong: is("b"), emphasis: is("i"), strike, script, link, ..Look::default() }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::limits::DocumentLimits;
    use super::super::super::xml::{Rules, Xml};
    use super::*;

    #[test]
    fn numbers_count_on_their_level_until_something_else_comes() {
        let item = |level: u8| {
            format!("<p><pPr lvl='{level}'><buAutoNum type='arabicPeriod'/></pPr><r><t>x</t></r></p>")
        };
        let text = format!(
            "<txBody>{}{}{}{}<p><r><t>y</t></r></p>{}</txBody>",
            item(0),
            item(1),
            item(1),
            item(0),
            item(0)
        );
        let (body, _) = Xml::new(&text, Rules::Strict, &DocumentLimits::default()).tree();
        let numbers = blocks(&body, &Relations::new(), &|_| None).into_iter().map(|it| match it.kind {
            BlockKind::ListItem { number, .. } => number,
            _ => None,
        });
        assert_eq!(numbers.collect::<Vec<_>>(), [Some(1), Some(1), Some(2), Some(2), None, Some(1)]);
    }
}
