//! How is plain text read, in any charset? By paragraphs, which blank lines keep apart.

use super::super::error::ReadError;
use super::super::limits::DocumentLimits;
use super::super::model::{Block, BlockKind, Metadata, PageKind};
use super::super::sink::PageSink;
use super::charset::decode;
use super::gather::{self, Gather};

/// A paragraph whose lines are all shorter than this was not broken for want of room.
const MIN_WIDTH: usize = 45;

/// A paragraph of more lines than this is several: what has no blank line at all is no prose.
const MAX_LINES: usize = 2000;

/// Reads a file of plain text.
pub fn read(bytes: &[u8], limits: &DocumentLimits, sink: &mut dyn PageSink) -> Result<Metadata, ReadError> {
    let decoded = decode(bytes, None);
    if decoded.lossy {
        sink.warn(super::broken_letters(decoded.charset));
    }
    let mut gather = Gather::new(limits);
    read_into(&decoded.text, &mut gather);
    gather::hand_over(PageKind::Page, None, gather, sink)?;
    Ok(Metadata { pages: Some(1), ..Metadata::default() })
}

/// Reads the paragraphs of `text`.
pub fn read_into(text: &str, gather: &mut Gather) {
    let mut paragraph: Vec<&str> = Vec::new();
    for line in lines(text).chain([""]) {
        if gather.is_full() {
            return;
        }
        let is_blank = line.trim().is_empty();
        if !is_blank {
            paragraph.push(line);
        }
        if !is_blank && paragraph.len() < MAX_LINES {
            continue;
        }
        if !paragraph.is_empty() {
            gather.push(block(&paragraph));
            paragraph.clear();
        }
    }
}

/// The lines of a text, however they end; a form feed ends one too.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split(['\r', '\u{c}']))
}

/// A paragraph: in one line where it was broken only for want of room, or as it stands.
fn block(lines: &[&str]) -> Block {
    let is_quote = lines.iter().all(|line| line.starts_with('>'));
    if is_quote {
        let lines: Vec<&str> = lines.iter().map(|line| unquoted(line)).collect();
        return Block { kind: BlockKind::Quote, text: joined(&lines), ..Block::default() };
    }
    Block { text: joined(lines), ..Block::default() }
}

fn unquoted(line: &str) -> &str {
    let line = line.strip_prefix('>').unwrap_or(line);
    line.strip_prefix(' ').unwrap_or(line)
}

fn joined(lines: &[&str]) -> String {
    let text = if is_wrapped(lines) {
        lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
    } else {
        lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
    };
    text.chars().filter(|letter| !is_control(*letter)).collect()
}

/// Whether the lines are those of a text that was broken at a width: the first word of each would not have fitted on
/// the line before it.
fn is_wrapped(lines: &[&str]) -> bool {
    let widths: Vec<usize> = lines.iter().map(|line| line.trim_end().chars().count()).collect();
    let width = widths.iter().copied().max().unwrap_or(0);
    let Some((first, later)) = lines.split_first() else { return false };
    let indent = |line: &str| line.len() - line.trim_start().len();
    let margin = later.first().map_or(0, |line| indent(line));
    width >= MIN_WIDTH
        && indent(first) <= margin + 8
        && later.iter().all(|line| indent(line) == margin && !begins_item(line.trim_start()))
        && later.iter().zip(&widths).all(|(line, before)| {
            let word = line.split_whitespace().next().map_or(0, |word| word.chars().count());
            before + 1 + word > width
        })
}

/// Whether a line begins as the items of lists do, or is not in words.
fn begins_item(line: &str) -> bool {
    let mut letters = line.chars();
    match letters.next() {
        Some('-' | '*' | '+' | '•' | '·' | '|' | '#' | '>') => true,
        Some(letter) if letter.is_ascii_digit() => {
            let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
            rest.len() < line.len()
                && (line.as_bytes().get(line.len() - rest.len() - 1) == Some(&b'.') || rest.starts_with(')'))
        }
        Some(letter) if letter.is_alphabetic() => matches!(letters.next(), Some(')')),
        _ => false,
    }
}

/// Controls that are not white space; terminals act on them, readers see nothing.
fn is_control(letter: char) -> bool {
    letter.is_control() && letter != '\n' && letter != '\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Vec<(BlockKind, String)> {
        let mut gather = Gather::new(&DocumentLimits::default());
        read_into(text, &mut gather);
        gather.finish().0.into_iter().map(|block| (block.kind, block.text)).collect()
    }

    #[test]
    fn a_paragraph_that_was_broken_at_a_width_becomes_one_line() {
        let text = "O avaliador visitou a fábrica e concluiu que as máquinas estão\n\
                    em boas condições de conservação e que a manutenção prevista no\n\
                    contrato foi feita.\n";
        let blocks = read_all(text);
        assert_eq!(blocks.len(), 1);
        assert!(!blocks[0].1.contains('\n'));
    }

    #[test]
    fn verses_and_lists_keep_their_lines() {
        for text in
            ["Rua das Flores, 12\nSão Paulo", "1. a first item that is quite a bit longer than others\n2. b"]
        {
            assert_eq!(read_all(text), [(BlockKind::Paragraph, text.to_owned())]);
        }
    }

    #[test]
    fn lines_end_in_every_way_and_blank_ones_part_paragraphs() {
        let texts: Vec<_> =
            read_all("a\r\nb\r\n \r\nc\rd\n\n\n\ne\u{c}f").into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["a\nb", "c\nd", "e\nf"]);
    }

    #[test]
    fn quoted_lines_are_a_quotation() {
        assert_eq!(read_all("> a\n> > b"), [(BlockKind::Quote, "a\n> b".to_owned())]);
    }

    #[test]
    fn one_line_of_all_the_text_is_cut_at_the_limit() {
        let mut gather = Gather::with_room(1000);
        read_into(&"palavra ".repeat(1_000_000), &mut gather);
        let (blocks, truncated) = gather.finish();
        assert!(truncated);
        assert!(blocks[0].text.len() <= 1000);
    }
}
