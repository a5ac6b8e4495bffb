//! How is a formula (OMML) written in a line?

use super::super::super::xml::Element;

/// The formula as characters in a row: `(a+b)/2`, `x^2`, `√(y)`.
pub fn linear(formula: &Element) -> String {
    let mut text = String::new();
    for part in formula.elements() {
        text.push_str(&piece(part));
    }
    text
}

fn piece(part: &Element) -> String {
    let inner = |name: &str| part.child(name).map(linear).unwrap_or_default();
    let base = || inner("e");
    match &*part.name {
        "t" => part.text(),
        "f" => format!("{}/{}", bracketed(&inner("num")), bracketed(&inner("den"))),
        "sSup" => format!("{}^{}", base(), bracketed(&inner("sup"))),
        "sSub" => format!("{}_{}", base(), bracketed(&inner("sub"))),
        "sSubSup" => format!("{}_{}^{}", base(), bracketed(&inner("sub")), bracketed(&inner("sup"))),
        "sPre" => format!("_{}^{}{}", bracketed(&inner("sub")), bracketed(&inner("sup")), base()),
        "rad" => format!("{}√({})", inner("deg"), base()),
        "nary" => nary(part),
        "d" => delimited(part),
        "func" => format!("{} {}", inner("fName"), base()),
        "limLow" => format!("{}_{}", base(), bracketed(&inner("lim"))),
        "limUpp" => format!("{}^{}", base(), bracketed(&inner("lim"))),
        "m" => rows(part, "mr"),
        "eqArr" => {
            let lines = part.elements().filter(|it| &*it.name == "e").map(linear);
            lines.collect::<Vec<_>>().join("; ")
        }
        // Properties say how, not what.
        name if name.ends_with("Pr") => String::new(),
        _ => linear(part),
    }
}

fn property<'a>(part: &'a Element, of: &str, name: &str) -> Option<&'a str> {
    part.at(&[of, name]).and_then(|it| it.attr("val"))
}

fn nary(part: &Element) -> String {
    let sign = property(part, "naryPr", "chr").unwrap_or("∫");
    let mut text = sign.to_owned();
    for (name, mark) in [("sub", '_'), ("sup", '^')] {
        let limit = part.child(name).map(linear).unwrap_or_default();
        if !limit.is_empty() {
            text.push(mark);
            text.push_str(&bracketed(&limit));
        }
    }
    text.push(' ');
    text + &part.child("e").map(linear).unwrap_or_default()
}

fn delimited(part: &Element) -> String {
    let begin = property(part, "dPr", "begChr").unwrap_or("(");
    let end = property(part, "dPr", "endChr").unwrap_or(")");
    let between = property(part, "dPr", "sepChr").unwrap_or("|");
    let parts = part.elements().filter(|it| &*it.name == "e").map(linear).collect::<Vec<_>>();
    format!("{begin}{}{end}", parts.join(between))
}

fn rows(part: &Element, row: &str) -> String {
    let rows = part
        .elements()
        .filter(|it| &*it.name == row)
        .map(|row| row.elements().filter(|it| &*it.name == "e").map(linear).collect::<Vec<_>>().join(" "));
    format!("[{}]", rows.collect::<Vec<_>>().join("; "))
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
    use super::super::super::super::super::limits::DocumentLimits;
    use super::super::super::super::xml::{Rules, Xml};
    use super::*;

    #[test]
    fn fractions_roots_and_powers_are_written_in_a_row() {
        let text = "<oMath><f><num><r><t>a+b</t></r></num><den><r><t>2</t></r></den></f><r><t>=</t></r>\
                    <rad><deg/><e><sSup><e><r><t>x</t></r></e><sup><r><t>2</t></r></sup></sSup></e></rad></oMath>";
        let (formula, _) = Xml::new(text, Rules::Strict, &DocumentLimits::default()).tree();
        assert_eq!(linear(&formula), "(a+b)/2=√(x^2)");
    }
}
