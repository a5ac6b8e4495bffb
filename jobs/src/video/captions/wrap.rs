//! Where does a long line break? Where its script allows, evenly, within the rules.

use unicode_linebreak::{BreakOpportunity, linebreaks};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::cue::Cue;
use super::input::LineRules;

/// The cue with its lines broken; several cues, one after the other in its time, when it has more
/// lines than the rules allow. Breaks that its author made are kept.
#[must_use]
pub fn wrap(cue: &Cue, rules: &LineRules) -> Vec<Cue> {
    let lines: Vec<String> =
        cue.text.lines().flat_map(|line| break_line(line, rules.max_columns.max(1))).collect();
    let pages: Vec<String> = lines.chunks(rules.max_lines.max(1)).map(|page| page.join("\n")).collect();
    share(cue, pages)
}

/// A line in as few lines as possible, which are then made as even as possible.
fn break_line(line: &str, max: usize) -> Vec<String> {
    let pieces = pieces(line, max);
    let fewest = fill(&pieces, max);
    let narrowest = (1..max).rev().take_while(|width| fill(&pieces, *width).len() <= fewest.len()).last();
    // Narrower than a single piece, the filling overflows; such a width is not a better one.
    match narrowest.map(|width| fill(&pieces, width)) {
        Some(even) if even.iter().all(|line| line.width() <= max) => even,
        _ => fewest,
    }
}

/// What must not be broken: words, or single characters of scripts without spaces. Longer than a
/// line, a piece is cut between characters as readers see them.
fn pieces(line: &str, max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for (to, kind) in linebreaks(line) {
        let piece = &line[from..to];
        from = to;
        if piece.trim_end().width() <= max || kind == BreakOpportunity::Mandatory && piece.trim().is_empty() {
            pieces.push(piece);
            continue;
        }
        let mut rest = piece;
        while rest.trim_end().width() > max {
            let cut = cut(rest, max);
            pieces.push(&rest[..cut]);
            rest = &rest[cut..];
        }
        pieces.push(rest);
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// The byte at which the longest beginning within `max` columns ends; at least one character.
fn cut(text: &str, max: usize) -> usize {
    let mut end = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let next = at + grapheme.len();
        if end > 0 && text[..next].width() > max {
            break;
        }
        end = next;
    }
    end
}

/// Lines filled one after the other.
fn fill(pieces: &[&str], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.width() + piece.trim_end().width() <= width => line.push_str(piece),
            _ => lines.push((*piece).to_owned()),
        }
    }
    lines.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Shares the time of a cue among its pages, by how much there is to read on each.
fn share(cue: &Cue, pages: Vec<String>) -> Vec<Cue> {
    let weights: Vec<u64> = pages.iter().map(|page| page.width().max(1) as u64).collect();
    let total: u64 = weights.iter().sum();
    let length = cue.end.saturating_sub(cue.start);
    let mut read = 0;
    let mut start = cue.start;
    let mut cues = Vec::with_capacity(pages.len());
    for (page, weight) in pages.into_iter().zip(weights) {
        read += weight;
        let end = cue.start + length * read / total.max(1);
        if end > start {
            cues.push(Cue { start, end, text: page });
        }
        start = end;
    }
    cues
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(max_columns: usize, max_lines: usize) -> LineRules {
        LineRules { max_columns, max_lines }
    }

    fn texts(text: &str, max_columns: usize, max_lines: usize) -> Vec<String> {
        wrap(&Cue::new(0, 10_000, text), &rules(max_columns, max_lines)).into_iter().map(|c| c.text).collect()
    }

    #[test]
    fn short_lines_and_the_authors_breaks_are_kept() {
        assert_eq!(texts("- Oi!\n- Bom dia.", 42, 2), ["- Oi!\n- Bom dia."]);
    }

    #[test]
    fn a_long_line_is_broken_evenly() {
        assert_eq!(
            texts("Three pictures, two transitions, and one short narration", 42, 2),
            ["Three pictures, two transitions,\nand one short narration"]
        );
        assert_eq!(texts("aaaa bbbb cccc dddd", 16, 2), ["aaaa bbbb\ncccc dddd"]);
    }

    #[test]
    fn more_lines_than_allowed_become_further_cues_that_share_the_time() {
        let cues = wrap(&Cue::new(1000, 4000, "aaaa bbbb cccc"), &rules(4, 1));
        assert_eq!(
            cues,
            [Cue::new(1000, 2000, "aaaa"), Cue::new(2000, 3000, "bbbb"), Cue::new(3000, 4000, "cccc")]
        );
    }

    #[test]
    fn scripts_without_spaces_break_between_characters_which_are_two_columns_wide() {
        assert_eq!(texts("漢字仮名交文章", 8, 3), ["漢字仮名\n交文章"]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_cut_between_graphemes() {
        assert_eq!(texts("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 2, 9), ["👨‍👩‍👧\n👨‍👩‍👧\n👨‍👩‍👧"]);
        let lines = texts("Donaudampfschifffahrtsgesellschaft", 10, 9).remove(0);
        assert!(lines.lines().all(|line| line.width() <= 10), "{lines}");
        assert_eq!(lines.replace('\n', ""), "Donaudampfschifffahrtsgesellschaft");
    }
}
