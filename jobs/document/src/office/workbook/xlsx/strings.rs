//! Which texts do the cells of an XLSX share?

use super::super::super::super::error::ReadError;
use super::super::super::ooxml::Package;
use super::super::super::output::Output;
use super::super::super::xml::{Element, Rules, Token, Xml};

/// The texts of `part`, in order.
pub fn shared_strings(
    package: &mut Package,
    part: &str,
    output: &mut Output<'_>,
) -> Result<Vec<String>, ReadError> {
    let text = package.text(part)?.unwrap_or_default();
    let mut xml = Xml::new(&text, Rules::Strict, output.limits);
    let mut strings = Vec::new();
    loop {
        match xml.token() {
            Ok(Token::Start(start)) if &*start.name == "si" => strings.push(rich_text(&xml.element(start))),
            Ok(Token::Done) => return Ok(strings),
            Ok(_) => {}
            Err(fault) => {
                output.lose("part_cut_short", &format!("{part} {fault}"));
                return Ok(strings);
            }
        }
    }
}

/// The characters of a text with or without runs; how it is pronounced is left out.
pub fn rich_text(element: &Element) -> String {
    let mut text = String::new();
    for part in element.elements() {
        match &*part.name {
            "t" => text.push_str(&unescaped(&part.text())),
            "r" => {
                let run = part.child("t").map(Element::text).unwrap_or_default();
                text.push_str(&unescaped(&run));
            }
            _ => {}
        }
    }
    text
}

/// Characters that XML cannot hold are written `_x000D_` (ECMA-376, ST_Xstring).
fn unescaped(text: &str) -> String {
    if !text.contains("_x") {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        plain.push_str(before);
        let code = after.get(..4).filter(|_| after.get(4..5) == Some("_"));
        match code.and_then(|it| u32::from_str_radix(it, 16).ok()) {
            Some(code) => {
                plain.extend(char::from_u32(code).filter(|it| *it != '\r'));
                rest = after.get(5..).unwrap_or_default();
            }
            None => {
                plain.push_str("_x");
                rest = after;
            }
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_characters_are_resolved() {
        assert_eq!(unescaped("a_x000D_\nb_x0041_c_xyz_"), "a\nbAc_xyz_");
    }
}
