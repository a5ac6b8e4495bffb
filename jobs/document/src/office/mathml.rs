//! How is a formula of MathML written in a line?

use super::xml::{Element, Node};

/// The formula as characters in a row: `(a+b)/2`, `x^2`, `√(y)`.
pub fn linear(element: &Element) -> String {
    let parts = || element.elements().collect::<Vec<_>>();
    let part = |place: usize| parts().get(place).map(|it| linear(it)).unwrap_or_default();
    match &*element.name {
        "mo" => operator(&element.text()),
        "mi" | "mn" | "mtext" | "ms" => element.text().split_whitespace().collect::<Vec<_>>().join(" "),
        "annotation" | "annotation-xml" | "mphantom" => String::new(),
        "mfrac" => format!("{}/{}", bracketed(&part(0)), bracketed(&part(1))),
        "msup" | "mover" => format!("{}^{}", part(0), bracketed(&part(1))),
        "msub" | "munder" => format!("{}_{}", part(0), bracketed(&part(1))),
        "msubsup" | "munderover" => format!("{}_{}^{}", part(0), bracketed(&part(1)), bracketed(&part(2))),
        "msqrt" => format!("√({})", all(element)),
        "mroot" => format!("{}√({})", part(1), part(0)),
        "mfenced" => {
            let open = element.attr("open").unwrap_or("(");
            let close = element.attr("close").unwrap_or(")");
            let inner = parts().into_iter().map(linear).collect::<Vec<_>>();
            format!("{open}{}{close}", inner.join(","))
        }
        "mtable" => format!("[{}]", parts().into_iter().map(linear).collect::<Vec<_>>().join("; ")),
        "mtr" | "mlabeledtr" | "mstack" | "mlongdiv" | "msgroup" | "mscarries" => {
            parts().into_iter().map(linear).collect::<Vec<_>>().join(" ")
        }
        _ => all(element),
    }
}

/// An operator, apart from what is beside it if it relates two things. Those that cannot be seen are left out.
fn operator(text: &str) -> String {
    let text = text.trim().trim_matches(|it| matches!(it, '\u{2061}'..='\u{2064}'));
    match text {
        "+" | "-" | "−" | "=" | "<" | ">" | "≤" | "≥" | "≠" | "≈" | "≡" | "∈" | "±" | "×" | "·" | "→"
        | "⟶" | "⇒" | "⇔" | "∧" | "∨" | "∪" | "∩" | "⊂" | "≃" | "≅" => {
            format!(" {text} ")
        }
        _ => text.to_owned(),
    }
}

fn all(element: &Element) -> String {
    let pieces = element.children.iter().map(|child| match child {
        Node::Element(inner) => linear(inner),
        Node::Text(text) => text.trim().to_owned(),
    });
    pieces.collect()
}

/// In brackets, unless it is one thing.
fn bracketed(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 1 || text.chars().all(char::is_alphanumeric) {
        text.to_owned()
    } else {
        format!("({text})")
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::limits::DocumentLimits;
    use super::super::xml::{Rules, Xml};
    use super::*;

    #[test]
    fn fractions_roots_and_powers_are_written_in_a_row() {
        let text = "<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac><mo>=</mo>\
                    <msqrt><msup><mi>x</mi><mn>2</mn></msup></msqrt><annotation>x</annotation></math>";
        let (formula, _) = Xml::new(text, Rules::Strict, &DocumentLimits::default()).tree();
        assert_eq!(linear(&formula), "(a + b)/2 = √(x^2)");
    }
}
