//! How is a formula read from MathML (Core, and what came before it)?

use super::fold::row;
use super::{DEEPEST, Formula, boxed, is_too_large};

/// A place in a tree of MathML, wherever that stands.
pub trait Markup: Copy {
    /// The name of the element without its prefix; of a text, nothing.
    fn name(&self) -> &str;
    /// An attribute.
    fn attribute(&self, name: &str) -> Option<&str>;
    /// What stands right in it: elements, and the texts between them.
    fn parts(&self) -> Vec<Self>;
    /// All characters in it.
    fn characters(&self) -> String;
}

/// The formula that an element `math` holds.
pub fn read(math: impl Markup) -> Formula {
    if is_too_large(math) { text(math) } else { element(math, DEEPEST) }
}

fn element<M: Markup>(it: M, depth: u32) -> Formula {
    let Some(depth) = depth.checked_sub(1) else { return Formula::Text(said(it)) };
    let parts = || it.parts().into_iter().filter(|part| !part.name().is_empty());
    let part = |place: usize| parts().nth(place).map_or_else(nothing, |part| element(part, depth));
    let all = || row(it.parts().into_iter().map(|part| element(part, depth)).collect());
    match it.name() {
        "mi" => styled(it, Formula::Name(said(it))),
        "mn" => styled(it, Formula::Number(said(it))),
        "mo" => Formula::Operator(said(it)),
        // A text of the tree, beside elements: where `math` is all that is known of the formula.
        "mtext" | "ms" | "" => text(it),
        "mspace" => Formula::Gap(width(it.attribute("width").unwrap_or_default())),
        "annotation" | "annotation-xml" | "mphantom" | "none" | "mprescripts" => nothing(),
        "mfrac" => Formula::Fraction {
            over: Box::new(part(0)),
            under: Box::new(part(1)),
            has_bar: it.attribute("linethickness").is_none_or(|it| !it.starts_with('0')),
        },
        "msub" => scripts(part(0), part(1), nothing(), true),
        "msup" => scripts(part(0), nothing(), part(1), true),
        "msubsup" => scripts(part(0), part(1), part(2), true),
        "munder" => scripts(part(0), part(1), nothing(), false),
        "mover" => scripts(part(0), nothing(), part(1), false),
        "munderover" => scripts(part(0), part(1), part(2), false),
        "mmultiscripts" => multiscripts(&parts().collect::<Vec<_>>(), depth),
        "msqrt" => Formula::Root { of: Box::new(all()), degree: None },
        "mroot" => Formula::Root { of: Box::new(part(0)), degree: boxed(part(1)) },
        "mfenced" => Formula::Fenced {
            open: it.attribute("open").unwrap_or("(").trim().to_owned(),
            between: it.attribute("separators").unwrap_or(",").trim().chars().next(),
            close: it.attribute("close").unwrap_or(")").trim().to_owned(),
            parts: parts().map(|part| element(part, depth)).collect(),
        },
        "mtable" => Formula::Table(parts().map(|row| cells(row, depth)).collect()),
        // Elementary mathematics is set in lines.
        "mstack" | "mlongdiv" | "msgroup" | "mscarries" => apart(parts().map(|part| element(part, depth))),
        _ => all(),
    }
}

fn nothing() -> Formula {
    Formula::Row(Vec::new())
}

/// The characters with single spaces.
fn said(it: impl Markup) -> String {
    it.characters().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Words; of the white space around them, what says that they stand apart.
fn text(it: impl Markup) -> Formula {
    let said = said(it);
    if said.is_empty() { nothing() } else { Formula::Text(said) }
}

fn scripts(base: Formula, below: Formula, above: Formula, is_beside: bool) -> Formula {
    Formula::Scripts { base: Box::new(base), below: boxed(below), above: boxed(above), is_beside }
}

/// A base, pairs of what is below and above on its right, and behind `mprescripts` those on its left.
fn multiscripts<M: Markup>(parts: &[M], depth: u32) -> Formula {
    let Some((base, scripted)) = parts.split_first() else { return nothing() };
    let mut sides = scripted.split(|it| it.name() == "mprescripts");
    let (right, left) = (sides.next().unwrap_or_default(), sides.next().unwrap_or_default());
    let column = |side: &[M], place: usize| {
        row(side.iter().skip(place).step_by(2).map(|it| element(*it, depth)).collect())
    };
    let mut found = Vec::new();
    if !left.is_empty() {
        found.push(scripts(nothing(), column(left, 0), column(left, 1), true));
    }
    found.push(scripts(element(*base, depth), column(right, 0), column(right, 1), true));
    row(found)
}

/// The cells of a row of a table; the number of a line is not one of them.
fn cells<M: Markup>(line: M, depth: u32) -> Vec<Formula> {
    let label = usize::from(line.name() == "mlabeledtr");
    let cells = line.parts().into_iter().filter(|it| !it.name().is_empty()).skip(label);
    cells.map(|cell| element(cell, depth)).collect()
}

fn apart(parts: impl Iterator<Item = Formula>) -> Formula {
    let parts = parts.flat_map(|part| [Formula::Gap(1.0), part]);
    Formula::Row(parts.skip(1).collect())
}

/// A letter in the font that it is given, where that says something of it.
fn styled(it: impl Markup, letter: Formula) -> Formula {
    let style = match it.attribute("mathvariant").unwrap_or_default() {
        "bold" => "\\mathbf",
        "bold-italic" => "\\boldsymbol",
        "double-struck" => "\\mathbb",
        "script" | "bold-script" => "\\mathcal",
        "fraktur" | "bold-fraktur" => "\\mathfrak",
        "sans-serif" => "\\mathsf",
        "monospace" => "\\mathtt",
        _ => return letter,
    };
    Formula::Styled(style, Box::new(letter))
}

/// How wide a gap is, in the width of a letter "m" (MathML 3, 2.1.5.2, names of spaces; other units are near enough).
fn width(text: &str) -> f32 {
    match text.trim() {
        "veryverythinmathspace" => 1.0 / 18.0,
        "verythinmathspace" => 2.0 / 18.0,
        "thinmathspace" => 3.0 / 18.0,
        "mediummathspace" => 4.0 / 18.0,
        "thickmathspace" => 5.0 / 18.0,
        "verythickmathspace" => 6.0 / 18.0,
        "veryverythickmathspace" => 7.0 / 18.0,
        other => {
            let number = other.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
            let value = number.trim().parse::<f32>().unwrap_or_default();
            match other.trim_start_matches(number) {
                "em" => value,
                "ex" => value / 2.0,
                "px" => value / 16.0,
                "pt" => value / 12.0,
                _ => 0.0,
            }
        }
    }
}
