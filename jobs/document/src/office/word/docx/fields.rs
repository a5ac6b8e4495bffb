//! What of a field is shown, and where does it lead?

use std::rc::Rc;

/// How deep fields may stand in fields; deeper ones are not told apart.
const DEEPEST: usize = 64;
/// An address longer than this is data, not a link.
const LONGEST_ADDRESS: usize = 2_048;
/// The longest instruction that is kept.
const LONGEST_INSTRUCTION: usize = 4_096;

#[derive(Debug, Default)]
struct Field {
    instruction: String,
    is_result: bool,
    is_page_number: bool,
    link: Option<Rc<str>>,
}

/// The fields that are open: each begins, has an instruction, then a result.
#[derive(Debug, Default)]
pub struct Fields {
    open: Vec<Field>,
}

impl Fields {
    /// A field begins, its result begins, or it ends (`w:fldCharType`).
    pub fn mark(&mut self, kind: &str) {
        match kind {
            "begin" if self.open.len() < DEEPEST => self.open.push(Field::default()),
            "separate" => {
                if let Some(field) = self.open.last_mut() {
                    field.is_result = true;
                    field.link = link(&field.instruction);
                }
            }
            "end" => {
                self.open.pop();
            }
            _ => {}
        }
    }

    /// Adds to the instruction of the innermost field.
    pub fn instruct(&mut self, text: &str) {
        if let Some(field) = self.open.last_mut().filter(|field| !field.is_result)
            && field.instruction.len() + text.len() <= LONGEST_INSTRUCTION
        {
            field.instruction.push_str(text);
            field.is_page_number = is_page_number(&field.instruction);
        }
    }

    /// Whether what comes now is seen: not while an instruction is being told.
    pub fn is_shown(&self) -> bool {
        self.open.iter().all(|field| field.is_result)
    }

    /// Where what comes now leads.
    pub fn link(&self) -> Option<Rc<str>> {
        self.open.iter().rev().find_map(|field| field.link.clone())
    }

    /// Whether what comes now is a number of pages.
    pub fn is_page_number(&self) -> bool {
        self.open.iter().any(|field| field.is_page_number)
    }
}

/// Whether an instruction asks for a number of pages.
pub fn is_page_number(instruction: &str) -> bool {
    let name = instruction.split_whitespace().next().unwrap_or_default();
    matches!(name.to_ascii_uppercase().as_str(), "PAGE" | "NUMPAGES" | "SECTIONPAGES")
}

/// Where an instruction of `HYPERLINK` leads: an address, a bookmark behind `\l`, or both.
pub fn link(instruction: &str) -> Option<Rc<str>> {
    let rest = instruction.trim_start();
    let rest = rest.get(..9).filter(|it| it.eq_ignore_ascii_case("HYPERLINK")).and(rest.get(9..))?;
    let mut address = String::new();
    let mut anchor = String::new();
    let mut is_anchor = false;
    for (place, piece) in rest.split('"').enumerate() {
        match (place % 2, is_anchor) {
            (0, _) => is_anchor = piece.trim_end().ends_with("\\l"),
            (_, true) => anchor = piece.to_owned(),
            (_, false) if address.is_empty() => address = piece.to_owned(),
            _ => {}
        }
    }
    if !rest.contains('"') {
        address = rest.split_whitespace().find(|it| !it.starts_with('\\')).unwrap_or_default().to_owned();
    }
    target(&address, &anchor)
}

/// An address with its anchor. Anchors that the program made for its own lists lead nowhere outside of it.
pub fn target(address: &str, anchor: &str) -> Option<Rc<str>> {
    let is_own =
        anchor.starts_with("_Toc") || anchor.starts_with("_Ref") || anchor.starts_with("__RefHeading");
    match (address.is_empty(), anchor.is_empty() || is_own) {
        (true, true) => None,
        _ if address.len() + anchor.len() >= LONGEST_ADDRESS => None,
        (false, true) => Some(Rc::from(address)),
        (_, false) => Some(Rc::from(format!("{address}#{anchor}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_out_of_instructions() {
        assert_eq!(link(" HYPERLINK \"http://a.b/c\" ").as_deref(), Some("http://a.b/c"));
        assert_eq!(link("HYPERLINK \"http://a\" \\l \"b\"").as_deref(), Some("http://a#b"));
        assert_eq!(link("HYPERLINK \\l \"_Toc1\"").as_deref(), None);
        assert_eq!(link("HYPERLINK http://a").as_deref(), Some("http://a"));
        assert_eq!(link("PAGE"), None);
        assert_eq!(target(&"x".repeat(LONGEST_ADDRESS), ""), None);
    }

    #[test]
    fn instructions_are_not_shown_and_results_are() {
        let mut fields = Fields::default();
        fields.mark("begin");
        fields.instruct("PAGE");
        assert!(!fields.is_shown() && fields.is_page_number());
        fields.mark("separate");
        assert!(fields.is_shown());
        fields.mark("end");
        fields.mark("end");
        assert!(fields.is_shown() && !fields.is_page_number());
    }
}
