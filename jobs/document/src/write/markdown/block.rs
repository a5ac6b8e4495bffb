//! How are the blocks written that are neither lists nor tables?

use super::super::super::model::Block;
use super::super::clean;
use super::inline::{inline, longest_run};
use super::spans::Place;

/// Characters of the name of a programming language.
const LANGUAGE_CHARS: usize = 40;

/// A heading; empty if there is no text.
pub fn heading(level: u8, text: &str) -> String {
    with_prefix(&format!("{} ", "#".repeat(usize::from(level.clamp(1, 6)))), &text_of(text))
}

fn text_of(text: &str) -> String {
    inline(text, &[], Place::Heading)
}

/// A heading with the marks of its block.
pub fn heading_block(level: u8, block: &Block) -> String {
    let marks = "#".repeat(usize::from(level.clamp(1, 6)));
    with_prefix(&format!("{marks} "), &inline(&block.text, &block.spans, Place::Heading))
}

/// A paragraph.
pub fn paragraph(block: &Block) -> String {
    inline(&block.text, &block.spans, Place::Block)
}

/// A quotation: every line behind `>`.
pub fn quote(block: &Block) -> String {
    with_prefix("> ", &paragraph(block).replace('\n', "\n> "))
}

/// Somebody's comment, as one of GitHub's alerts: told apart from the text, whatever its language.
pub fn comment(block: &Block) -> String {
    with_prefix("> [!NOTE]\n> ", &paragraph(block).replace('\n', "\n> "))
}

/// Code between fences that are longer than any in it.
pub fn code(language: Option<&str>, text: &str) -> String {
    let text = clean::verbatim(text);
    if text.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    let language: String = language
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '#' | '.' | '_'))
        .take(LANGUAGE_CHARS)
        .collect();
    format!("{fence}{language}\n{text}\n{fence}")
}

fn with_prefix(prefix: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{prefix}{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_longer_than_what_they_hold() {
        assert_eq!(code(Some("rust`\n"), "a\n````\n"), "`````rust\na\n````\n`````");
        assert_eq!(code(None, " \n"), "");
    }

    #[test]
    fn every_line_of_a_quote_is_one() {
        let block = Block { text: "> a\n- b".into(), ..Block::default() };
        assert_eq!(quote(&block), "> \\> a  \n> \\- b");
        assert_eq!(comment(&block), "> [!NOTE]\n> \\> a  \n> \\- b");
    }

    #[test]
    fn levels_of_headings_are_those_of_markdown() {
        assert_eq!(
            (heading(0, "a").as_str(), heading(9, "b").as_str(), heading(1, " ").as_str()),
            ("# a", "###### b", "")
        );
    }
}
