//! How is a formula read from OMML, the one of Office (ECMA-376, part 1, 22.1)?

use super::super::super::super::formula::{DEEPEST, Formula, boxed, is_too_large, row};
use super::super::super::xml::{Element, Place};

/// The formula that an element `oMath` or `oMathPara` holds.
pub fn read(formula: &Element) -> Formula {
    if is_too_large(Place::Element(formula)) {
        return Formula::Text(formula.text());
    }
    inner(formula, DEEPEST)
}

/// All that stands in an element.
fn inner(parent: &Element, depth: u32) -> Formula {
    let Some(depth) = depth.checked_sub(1) else { return Formula::Text(parent.text()) };
    row(parent.elements().map(|part| element(part, depth)).collect())
}

fn element(part: &Element, depth: u32) -> Formula {
    let of = |name: &str| part.child(name).map_or_else(|| Formula::Row(Vec::new()), |it| inner(it, depth));
    let scripts = |below: &str, above: &str, is_beside: bool| Formula::Scripts {
        base: Box::new(of("e")),
        below: boxed(of(below)),
        above: boxed(of(above)),
        is_beside,
    };
    match &*part.name {
        "r" => run(part),
        "t" => Formula::Text(part.text()),
        "f" => Formula::Fraction {
            over: Box::new(of("num")),
            under: Box::new(of("den")),
            has_bar: property(part, "fPr", "type") != Some("noBar"),
        },
        "sSup" => scripts("", "sup", true),
        "sSub" => scripts("sub", "", true),
        "sSubSup" => scripts("sub", "sup", true),
        "sPre" => row(vec![before(of("sub"), of("sup")), of("e")]),
        "rad" => Formula::Root { of: Box::new(of("e")), degree: boxed(of("deg")) },
        "nary" => nary(part, &of),
        "d" => delimited(part, depth),
        "func" => row(vec![of("fName"), of("e")]),
        "limLow" => scripts("lim", "", false),
        "limUpp" => scripts("", "lim", false),
        "acc" => accent(part, &of, "accPr", '\u{302}', true),
        "bar" => accent(part, &of, "barPr", '¯', property(part, "barPr", "pos") == Some("top")),
        "groupChr" => {
            accent(part, &of, "groupChrPr", '⏟', property(part, "groupChrPr", "pos") == Some("top"))
        }
        "m" => Formula::Table(named(part, "mr").map(|line| cells(line, depth)).collect()),
        "eqArr" => Formula::Table(cells(part, depth).into_iter().map(|line| vec![line]).collect()),
        "phant" if property(part, "phantPr", "show") == Some("0") => Formula::Row(Vec::new()),
        // Properties say how, not what.
        name if name.ends_with("Pr") => Formula::Row(Vec::new()),
        _ => inner(part, depth),
    }
}

fn named<'e>(part: &'e Element, name: &'static str) -> impl Iterator<Item = &'e Element> {
    part.elements().filter(move |it| &*it.name == name)
}

fn cells(line: &Element, depth: u32) -> Vec<Formula> {
    named(line, "e").map(|cell| inner(cell, depth)).collect()
}

fn property<'a>(part: &'a Element, of: &str, name: &str) -> Option<&'a str> {
    part.at(&[of, name]).and_then(|it| it.attr("val"))
}

/// A property that is one character (22.9.2.4, ST_Char); none where it is given and empty.
fn sign(part: &Element, of: &str, name: &str, usual: char) -> Option<char> {
    property(part, of, name).map_or(Some(usual), |it| it.chars().next())
}

fn operator(sign: Option<char>) -> Formula {
    Formula::Operator(sign.map(String::from).unwrap_or_default())
}

/// What stands below and above on the left side of something.
fn before(below: Formula, above: Formula) -> Formula {
    let base = Box::new(Formula::Row(Vec::new()));
    Formula::Scripts { base, below: boxed(below), above: boxed(above), is_beside: true }
}

/// A sum, an integral: a sign with limits, and what it is of.
fn nary(part: &Element, of: &dyn Fn(&str) -> Formula) -> Formula {
    let sign = operator(sign(part, "naryPr", "chr", '∫'));
    let is_beside = property(part, "naryPr", "limLoc") != Some("undOvr");
    let signed = Formula::Scripts {
        base: Box::new(sign),
        below: boxed(of("sub")),
        above: boxed(of("sup")),
        is_beside,
    };
    row(vec![signed, Formula::Gap(0.1), of("e")])
}

fn delimited(part: &Element, depth: u32) -> Formula {
    let sign = |name: &str, usual: char| sign(part, "dPr", name, usual);
    Formula::Fenced {
        open: sign("begChr", '(').map(String::from).unwrap_or_default(),
        between: sign("sepChr", '|'),
        close: sign("endChr", ')').map(String::from).unwrap_or_default(),
        parts: cells(part, depth),
    }
}

/// A sign right above or below something.
fn accent(
    part: &Element,
    of: &dyn Fn(&str) -> Formula,
    properties: &str,
    usual: char,
    is_above: bool,
) -> Formula {
    let sign = boxed(operator(sign(part, properties, "chr", usual)));
    let (below, above) = if is_above { (None, sign) } else { (sign, None) };
    Formula::Scripts { base: Box::new(of("e")), below, above, is_beside: false }
}

/// The characters of a run: words as they are, of all else each name, number and sign.
fn run(run: &Element) -> Formula {
    let text: String = named(run, "t").map(Element::text).collect();
    let on = |name: &str| {
        run.at(&["rPr", name]).is_some_and(|it| !matches!(it.attr("val"), Some("0" | "off" | "false")))
    };
    if on("nor") {
        return Formula::Text(text);
    }
    let is_upright = property(run, "rPr", "sty") == Some("p");
    let parts = tokens(&text, is_upright);
    let style = match (property(run, "rPr", "scr"), property(run, "rPr", "sty")) {
        (Some("double-struck"), _) => "\\mathbb",
        (Some("script"), _) => "\\mathcal",
        (Some("fraktur"), _) => "\\mathfrak",
        (Some("sans-serif"), _) => "\\mathsf",
        (Some("monospace"), _) => "\\mathtt",
        (_, Some("b")) => "\\mathbf",
        (_, Some("bi")) => "\\boldsymbol",
        _ => return row(parts),
    };
    Formula::Styled(style, Box::new(row(parts)))
}

/// Names, numbers and signs. Upright letters side by side are the name of a function, slanted ones are each its own.
fn tokens(text: &str, is_upright: bool) -> Vec<Formula> {
    let mut tokens: Vec<Formula> = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        let next_is_digit = letters.peek().is_some_and(|it| it.is_ascii_digit());
        match (c, tokens.last_mut()) {
            (c, Some(Formula::Number(number)))
                if c.is_numeric() || matches!(c, '.' | ',') && next_is_digit =>
            {
                number.push(c);
            }
            (c, Some(Formula::Name(name))) if is_upright && c.is_alphabetic() => name.push(c),
            (c, _) if c.is_numeric() => tokens.push(Formula::Number(c.to_string())),
            (c, _) if c.is_alphabetic() => tokens.push(Formula::Name(c.to_string())),
            (c, _) if c.is_whitespace() => tokens.push(Formula::Gap(0.2)),
            (c, _) => tokens.push(Formula::Operator(c.to_string())),
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::super::super::super::super::limits::DocumentLimits;
    use super::super::super::super::xml::{Rules, Xml};
    use super::*;

    fn formula(text: &str) -> Formula {
        let text = format!("<oMath>{text}</oMath>");
        read(&Xml::new(&text, Rules::Strict, &DocumentLimits::default()).tree().0)
    }

    fn written(text: &str) -> (String, String) {
        let written = formula(text).written();
        (written.linear, written.latex.unwrap_or_default())
    }

    fn run_of(text: &str) -> String {
        format!("<r><t>{text}</t></r>")
    }

    #[test]
    fn fractions_roots_and_powers_are_read() {
        let power = format!("<sSup><e>{}</e><sup>{}</sup></sSup>", run_of("x"), run_of("2"));
        let text = format!(
            "<f><num>{}</num><den>{}</den></f>{}<rad><radPr/><deg/><e>{power}</e></rad>",
            run_of("a+b"),
            run_of("2"),
            run_of("=")
        );
        assert_eq!(written(&text), ("(a + b)/2 = √(x^2)".into(), "\\frac{a + b}{2} = \\sqrt{x^{2}}".into()));
    }

    #[test]
    fn sums_functions_and_brackets_are_read() {
        let sum = format!(
            "<nary><naryPr><chr val='∑'/><limLoc val='undOvr'/></naryPr><sub>{}</sub><sup>{}</sup><e>{}</e></nary>",
            run_of("i=1"),
            run_of("n"),
            run_of("i")
        );
        assert_eq!(written(&sum), ("∑_(i = 1)^n i".into(), "\\sum\\limits_{i = 1}^{n}\\, i".into()));
        let name = "<r><rPr><sty val='p'/></rPr><t>sin</t></r>";
        let call = format!("<func><fName>{name}</fName><e><d><e>{}</e></d></e></func>", run_of("2x"));
        assert_eq!(written(&call), ("sin(2x)".into(), "\\sin\\left( 2x \\right)".into()));
    }

    #[test]
    fn matrices_accents_and_words_are_read() {
        let line = |one: &str, two: &str| format!("<mr><e>{}</e><e>{}</e></mr>", run_of(one), run_of(two));
        let matrix = format!(
            "<d><dPr><begChr val='['/><endChr val=']'/></dPr><e><m>{}{}</m></e></d>",
            line("1", "0"),
            line("0", "1")
        );
        let wanted = "\\left[ \\begin{matrix} 1 & 0 \\\\ 0 & 1 \\end{matrix} \\right]";
        assert_eq!(written(&matrix), ("[[1 0; 0 1]]".into(), wanted.into()));
        let vector = format!("<acc><accPr><chr val='&#x20d7;'/></accPr><e>{}</e></acc>", run_of("v"));
        assert_eq!(written(&vector), ("v\u{20d7}".into(), "\\vec{v}".into()));
        let words = format!("{}<r><rPr><nor/></rPr><t>se x_1 é par</t></r>", run_of("x,"));
        assert_eq!(written(&words), ("x,se x_1 é par".into(), "x, \\text{se x\\_1 é par}".into()));
    }

    #[test]
    fn a_bracket_a_separator_and_an_accent_are_one_character_each() {
        let long = ";".repeat(1_000);
        let signs = ["begChr", "sepChr", "endChr"].map(|name| format!("<{name} val='{long}'/>")).concat();
        let parts = format!("<e>{}</e>", run_of("x")).repeat(1_000);
        let (linear, latex) = written(&format!("<d><dPr>{signs}</dPr>{parts}</d>"));
        assert_eq!(linear, format!(";{};", vec!["x"; 1_000].join(";")));
        assert!((1..10_000).contains(&latex.len()));
        let accent = format!("<acc><accPr><chr val='{long}'/></accPr><e>{}</e></acc>", run_of("x"));
        let sum = format!("<nary><naryPr><chr val='{long}'/></naryPr><e>{}</e></nary>", run_of("x"));
        assert_eq!((written(&accent).0, written(&sum).0), ("x^;".into(), "; x".into()));
    }

    #[test]
    fn a_formula_of_more_signs_or_elements_than_are_read_is_one_text() {
        let signs = "+".repeat(100_000);
        assert_eq!(formula(&run_of(&signs)), Formula::Text(signs));
        assert_eq!(formula(&run_of("x").repeat(50_000)), Formula::Text("x".repeat(50_000)));
        assert_eq!(formula(&"<f/>".repeat(100_000)), Formula::Text(String::new()));
    }
}
