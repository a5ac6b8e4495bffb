//! What is a formula, whichever format it comes from? A small tree, written as LaTeX and as characters in a row.
//!
//! No maintained crate that goes this way was found; those with both names in theirs make MathML of LaTeX.

mod fold;
mod latex;
mod linear;
mod mathml;
mod size;
mod symbols;
mod words;

pub use fold::row;
pub use mathml::{Markup, read as from_mathml};
pub use size::is_too_large;

/// So deep are formulas read; what lies deeper is text.
pub const DEEPEST: u32 = 64;
/// Bytes of one formula, as LaTeX and as characters in a row; a longer one is text. So many elements and characters are read.
const LONGEST: usize = 64 * 1024;

/// A formula, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// Parts side by side.
    Row(Vec<Formula>),
    /// A variable, a constant, or a function by its name.
    Name(String),
    /// A number.
    Number(String),
    /// An operator, a relation, a bracket or another sign.
    Operator(String),
    /// Words.
    Text(String),
    /// Letters of a font that says something; the command of LaTeX.
    Styled(&'static str, Box<Formula>),
    /// A gap, as wide as so many letters "m".
    Gap(f32),
    /// One over another.
    Fraction { over: Box<Formula>, under: Box<Formula>, has_bar: bool },
    /// A root: the second one when no degree is given.
    Root { of: Box<Formula>, degree: Option<Box<Formula>> },
    /// Something with what is written below and above, beside it or right over and under it.
    Scripts { base: Box<Formula>, below: Option<Box<Formula>>, above: Option<Box<Formula>>, is_beside: bool },
    /// Parts between brackets that are as high as they are. What stands between two of them is one sign, as each may be long.
    Fenced { open: String, between: Option<char>, close: String, parts: Vec<Formula> },
    /// Rows of cells.
    Table(Vec<Vec<Formula>>),
}

/// A formula as it goes into a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// As characters in a row: `(a + b)/2`, `x^2`, `√(y)`.
    pub linear: String,
    /// As LaTeX; none if there is no end to it.
    pub latex: Option<String>,
}

impl Formula {
    /// Both ways to write it.
    pub fn written(&self) -> Written {
        let latex = latex::latex(self).filter(|it| !it.is_empty());
        Written { linear: linear::linear(self).unwrap_or_else(|| words::words(self)), latex }
    }

    /// Nothing at all.
    fn is_empty(&self) -> bool {
        match self {
            Self::Row(parts) => parts.iter().all(Self::is_empty),
            Self::Name(text) | Self::Number(text) | Self::Operator(text) | Self::Text(text) => {
                text.trim().is_empty()
            }
            _ => false,
        }
    }
}

/// A box around a part, or none around nothing.
pub fn boxed(part: Formula) -> Option<Box<Formula>> {
    (!part.is_empty()).then(|| Box::new(part))
}

/// Whether LaTeX that somebody else wrote stays between two dollar signs, and is nothing else to a reader who knows no formulas.
pub fn is_contained(latex: &str) -> bool {
    let mut escaped = false;
    for (at, c) in latex.char_indices() {
        let rest = latex.get(at + c.len_utf8()..).unwrap_or_default();
        let leaves = match c {
            '$' => !escaped,
            '`' => true,
            '<' => !rest.is_empty() && !rest.starts_with(' '),
            ']' => rest.starts_with(['(', ':']),
            c => c.is_control(),
        };
        if leaves {
            return false;
        }
        escaped = c == '\\' && !escaped;
    }
    !escaped && !latex.is_empty() && latex.trim() == latex
}
