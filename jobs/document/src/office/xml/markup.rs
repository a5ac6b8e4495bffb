//! How is MathML in a tree of XML looked at?

use super::super::super::formula::Markup;
use super::element::{Element, Node};

/// A place in a tree.
#[derive(Debug, Clone, Copy)]
pub enum Place<'e> {
    /// An element.
    Element(&'e Element),
    /// Characters beside elements.
    Text(&'e str),
}

impl Markup for Place<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Element(element) => &element.name,
            Self::Text(_) => "",
        }
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        match self {
            Self::Element(element) => element.attr(name),
            Self::Text(_) => None,
        }
    }

    fn parts(&self) -> Vec<Self> {
        let Self::Element(element) = self else { return Vec::new() };
        let places = element.children.iter().map(|node| match node {
            Node::Element(element) => Self::Element(element),
            Node::Text(text) => Self::Text(text),
        });
        places.collect()
    }

    fn characters(&self) -> String {
        match self {
            Self::Element(element) => element.text(),
            Self::Text(text) => (*text).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::formula::{Formula, from_mathml};
    use super::super::super::super::limits::DocumentLimits;
    use super::super::{Rules, Xml};
    use super::*;

    fn formula(text: &str) -> Formula {
        let text = format!("<math>{text}</math>");
        from_mathml(Place::Element(&Xml::new(&text, Rules::Strict, &DocumentLimits::default()).tree().0))
    }

    fn written(text: &str) -> (String, String) {
        let written = formula(text).written();
        (written.linear, written.latex.unwrap_or_default())
    }

    #[test]
    fn fractions_roots_and_powers_are_read() {
        let text = "<mfrac><mrow><mo>−</mo><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac><mo>=</mo>\
                    <msqrt><msup><mi>x</mi><mn>2</mn></msup></msqrt><annotation>x</annotation>";
        assert_eq!(
            written(text),
            ("(−a + b)/2 = √(x^2)".into(), "\\frac{- a + b}{2} = \\sqrt{x^{2}}".into())
        );
    }

    #[test]
    fn limits_stand_where_they_belong() {
        let sum = "<munderover><mo>∑</mo><mrow><mi>n</mi><mo>=</mo><mn>1</mn></mrow><mi>∞</mi></munderover><mi>n</mi>";
        assert_eq!(written(sum), ("∑_(n = 1)^∞n".into(), "\\sum\\limits_{n = 1}^{\\infty}n".into()));
        let limit = "<munder><mi>lim</mi><mrow><mi>x</mi><mo>→</mo><mn>0</mn></mrow></munder><mi>x</mi>";
        assert_eq!(written(limit), ("lim_(x → 0) x".into(), "\\lim_{x \\rightarrow 0}x".into()));
        let integral = "<msubsup><mo>∫</mo><mn>0</mn><mn>1</mn></msubsup><mi>d</mi><mi>x</mi>";
        assert_eq!(written(integral).1, "\\int_{0}^{1}dx");
    }

    #[test]
    fn braces_and_accents_stand_over_what_they_are_of() {
        let brace = "<munder><munder><mi>a</mi><mo>⏟</mo></munder><mtext>real part</mtext></munder>";
        assert_eq!(
            written(brace),
            ("a_(real part)".into(), "\\underset{\\text{real part}}{\\underbrace{a}}".into())
        );
        assert_eq!(
            written("<mover><mi>x</mi><mo>¯</mo></mover>"),
            ("x\u{304}".into(), "\\overline{x}".into())
        );
    }

    #[test]
    fn a_bracket_beside_a_table_is_as_high_as_the_table() {
        let table = "<mo>{</mo><mtable><mtr><mtd><mi>π</mi></mtd><mtd><mi>x</mi></mtd></mtr></mtable>";
        let wanted = "\\left\\lbrace \\begin{matrix} \\pi & x \\end{matrix} \\right.";
        assert_eq!(written(table), ("{[π x]".into(), wanted.into()));
    }

    #[test]
    fn names_and_fonts_are_told_apart() {
        let text = "<mi>sin</mi><mo>&#x2061;</mo><mi>θ</mi><mo>&lt;</mo><mi>sen</mi><mi>ℝ</mi><mi mathvariant='bold'>v</mi>";
        let wanted = "\\sin\\theta < \\mathrm{sen}\\mathbb{R}\\mathbf{v}";
        assert_eq!(written(text), ("sin θ < sen ℝv".into(), wanted.into()));
    }

    #[test]
    fn formulas_that_are_too_deep_are_text_from_there_on() {
        let text = format!("{}<mi>x</mi>{}", "<msqrt>".repeat(200), "</msqrt>".repeat(200));
        let (linear, latex) = written(&text);
        assert!(linear.len() < 1_000 && latex.ends_with(&"}".repeat(10)) && latex.contains("\\text{x}"));
    }

    #[test]
    fn formulas_of_more_elements_than_are_read_are_one_text() {
        assert_eq!(formula(&"<mo>+</mo>".repeat(100_000)), Formula::Text("+".repeat(100_000)));
    }
}
