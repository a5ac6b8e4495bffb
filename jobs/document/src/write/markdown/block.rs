//! How are the blocks written that are neither lists nor tables?

use super::super::super::formula::is_contained;
use super::super::super::model::{Block, Mark, Span};
use super::super::clean;
use super::inline::{inline, longest_run};
use super::spans::{Place, is_label};

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

/// A paragraph; a formula that is one stands apart.
pub fn paragraph(block: &Block) -> String {
    match block.spans.as_slice() {
        [Span { start: 0, end, mark: Mark::Formula { latex } }]
            if *end as usize == block.text.len() && is_contained(latex) =>
        {
            format!("$${latex}$$")
        }
        spans => inline(&block.text, spans, Place::Block),
    }
}

/// A note, behind the name by which the text refers to it.
pub fn footnote(block: &Block) -> String {
    let text = paragraph(block);
    match block.label.as_deref().filter(|label| is_label(label)) {
        Some(label) if !text.is_empty() => format!("[^{label}]: {}", text.replace('\n', "\n    ")),
        _ => text,
    }
}

/// A quotation: every line behind `>`.
pub fn quote(block: &Block) -> String {
    with_prefix("> ", &paragraph(block).replace('\n', "\n> "))
}

/// What somebody noted on the document, or what a speaker does not show: a comment of HTML, which is no part of the text.
pub fn comment(block: &Block) -> String {
    let lines: Vec<String> = clean::lines(&block.text).collect();
    // Browsers end a comment at `--!>` as well (HTML, 13.2.5.52), so no two dashes stay together.
    let text = lines.join("\n").replace("--", "-&#45;");
    if text.is_empty() { text } else { format!("<!-- note: {text} -->") }
}

/// A picture by the text that stands for it, if there is one; where it lies, no reader of the Markdown could look.
pub fn figure(block: &Block) -> String {
    let text = clean::line(&block.text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '[' | ']' | '*' | '_' | '`' | '<' | '>' | '&' | '~' | '!' | '^' | ':' | '.' | '@'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    format!("![{out}]()")
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
    fn a_paragraph_that_is_a_formula_stands_apart() {
        let mark = Mark::Formula { latex: "x^{2}".into() };
        let span = Span { start: 0, end: 3, mark };
        let block = Block { text: "x^2".into(), spans: vec![span], ..Block::default() };
        assert_eq!(paragraph(&block), "$$x^{2}$$");
        assert_eq!(paragraph(&Block { text: "x^2.".into(), ..block }), "$x^{2}$.");
    }

    #[test]
    fn a_note_stands_behind_its_name() {
        let note = Block { label: Some("1".into()), text: "um\ndois".into(), ..Block::default() };
        assert_eq!(footnote(&note), "[^1]: um  \n    dois");
        assert_eq!(footnote(&Block { label: Some("*]".into()), ..note }), "um  \ndois");
    }

    #[test]
    fn every_line_of_a_quote_is_one() {
        let block = Block { text: "> a\n- b".into(), ..Block::default() };
        assert_eq!(quote(&block), "> \\> a  \n> \\- b");
    }

    #[test]
    fn comments_and_pictures_end_where_they_are_to() {
        let block = |text: &str| Block { text: text.into(), ..Block::default() };
        assert_eq!(comment(&block("a --> b\n\nc")), "<!-- note: a -&#45;> b\nc -->");
        for text in ["--!><img src=x onerror=alert(1)> <!--", "---->", "-", ">", "->x", "!-", "<!-"] {
            let written = comment(&block(text));
            let inside = written.strip_prefix("<!-- note: ").and_then(|it| it.strip_suffix(" -->")).unwrap();
            assert!(!inside.contains("--"), "{written}");
        }
        assert_eq!(figure(&block("[um](x)\n*pato*")), "![\\[um\\](x) \\*pato\\*]()");
        assert_eq!((comment(&block(" ")).as_str(), figure(&block("\n")).as_str()), ("", "![]()"));
    }

    #[test]
    fn levels_of_headings_are_those_of_markdown() {
        assert_eq!(
            (heading(0, "a").as_str(), heading(9, "b").as_str(), heading(1, " ").as_str()),
            ("# a", "###### b", "")
        );
    }
}
