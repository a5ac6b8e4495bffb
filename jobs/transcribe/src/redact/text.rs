//! How is something taken out of a transcript? Its words become one mark, and their time a silent span.

use std::ops::Range;

use super::super::input::Redaction;
use super::super::transcript::{Segment, Word, joined, needs_blank};
use super::find::find;

/// Seconds that are silent before and after a word, whose times err by some tenths, up to the words around it.
const MARGIN: f64 = 0.5;
/// Seconds that are silent even where the words around it are: their times err as well.
const LEAST_MARGIN: f64 = 0.15;

/// Seconds of the recording, on one channel or on all.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// From this second.
    pub start: f64,
    /// Up to this one.
    pub end: f64,
    /// From 1 on; `None` is all of them.
    pub channel: Option<u16>,
}

/// Takes out what `kinds` name; answers where it was said.
pub fn redact(segments: &mut Vec<Segment>, kinds: &[Redaction]) -> Vec<Span> {
    if kinds.is_empty() {
        return Vec::new();
    }
    let mut channels: Vec<Option<u16>> = segments.iter().map(|segment| segment.channel).collect();
    channels.sort_unstable();
    channels.dedup();
    let mut spans = Vec::new();
    for channel in channels {
        // A number may go on in the next segment.
        let mut words: Vec<&mut Word> = segments
            .iter_mut()
            .filter(|segment| segment.channel == channel)
            .flat_map(|segment| segment.words.iter_mut())
            .collect();
        spans.extend(redact_words(&mut words, kinds).into_iter().map(|(start, end)| Span {
            start,
            end,
            channel,
        }));
    }
    for segment in segments.iter_mut() {
        segment.words.retain(|word| !word.text.is_empty());
        segment.text = joined(segment.words.iter().map(|word| word.text.as_str()));
        if let (Some(first), Some(last)) = (segment.words.first(), segment.words.last()) {
            (segment.start, segment.end) = (first.start, last.end);
        }
    }
    segments.retain(|segment| !segment.words.is_empty());
    spans.sort_by(|a, b| a.start.total_cmp(&b.start));
    spans
}

/// The first word of a find becomes its mark, with what stands around it; the others become empty.
fn redact_words(words: &mut [&mut Word], kinds: &[Redaction]) -> Vec<(f64, f64)> {
    let (text, places) = written(words);
    let times: Vec<(f64, f64)> = words.iter().map(|word| (word.start, word.end)).collect();
    let mut spans = Vec::new();
    // From the last on: what stands before a find is then as it was, also within a word that has several.
    for (kind, at) in find(&text, kinds).into_iter().rev() {
        let first = places.partition_point(|place| place.end <= at.start);
        let last = places.partition_point(|place| place.start < at.end).saturating_sub(1);
        let (Some(head), Some(tail)) = (places.get(first), places.get(last)) else { continue };
        let before = words.get(first).and_then(|word| word.text.get(..at.start.saturating_sub(head.start)));
        let after = words.get(last).and_then(|word| word.text.get(at.end - tail.start..));
        let mark = format!("{}[{}]{}", before.unwrap_or_default(), name(kind), after.unwrap_or_default());
        let end = words.get(last).map_or(0.0, |word| word.end);
        spans.extend(silent(&times, first, last));
        let Some((word, rest)) = words.get_mut(first..=last).and_then(|words| words.split_first_mut()) else {
            continue;
        };
        word.text = mark;
        word.end = end;
        rest.iter_mut().for_each(|word| word.text.clear());
    }
    spans
}

/// The seconds around some words that fall silent.
fn silent(times: &[(f64, f64)], first: usize, last: usize) -> Option<(f64, f64)> {
    let (start, end) = (times.get(first)?.0, times.get(last)?.1);
    let before = first.checked_sub(1).and_then(|at| times.get(at)).map_or(0.0, |word| word.1);
    let after = times.get(last + 1).map_or(f64::INFINITY, |word| word.0);
    let from = before.max(start - MARGIN).min(start - LEAST_MARGIN);
    Some((from.max(0.0), after.min(end + MARGIN).max(end + LEAST_MARGIN)))
}

/// The words as a text, and the place of each in it.
fn written(words: &[&mut Word]) -> (String, Vec<Range<usize>>) {
    let mut text = String::new();
    let mut places = Vec::with_capacity(words.len());
    for word in words {
        if needs_blank(&text, &word.text) {
            text.push(' ');
        }
        let start = text.len();
        text.push_str(&word.text);
        places.push(start..text.len());
    }
    (text, places)
}

fn name(kind: Redaction) -> &'static str {
    match kind {
        Redaction::Email => "EMAIL",
        Redaction::Phone => "PHONE",
        Redaction::Card => "CARD",
        Redaction::Cpf => "CPF",
        Redaction::Cnpj => "CNPJ",
        Redaction::Iban => "IBAN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of a second each.
    fn segment(start: u8, text: &str) -> Segment {
        let words = (start..).zip(text.split(' ')).map(|(at, word)| Word {
            start: f64::from(at),
            end: f64::from(at) + 0.8,
            text: word.to_owned(),
            confidence: 1.0,
        });
        Segment { words: words.collect(), text: text.to_owned(), ..Segment::default() }
    }

    #[test]
    fn a_number_over_two_segments_becomes_one_mark_and_one_span() {
        let mut segments = vec![segment(0, "o CPF é 529 982"), segment(5, "247 25, obrigado")];
        let spans = redact(&mut segments, &[Redaction::Cpf]);
        assert_eq!(
            segments.iter().map(|s| s.text.as_str()).collect::<Vec<_>>(),
            ["o CPF é [CPF],", "obrigado"]
        );
        assert_eq!(spans.len(), 1);
        assert!((spans[0].start - 2.8).abs() < 1e-9 && (spans[0].end - 7.0).abs() < 1e-9);
        assert!((segments[1].start - 7.0).abs() < 1e-9);
    }

    #[test]
    fn only_what_was_asked_for_is_taken_out() {
        let text = "ana@exemplo.com, 529.982.247-25. (11) 98765-4321";
        let mut segments = vec![segment(0, text)];
        assert!(redact(&mut segments, &[]).is_empty());
        assert_eq!(redact(&mut segments, &[Redaction::Phone]).len(), 1);
        assert_eq!(segments[0].text, "ana@exemplo.com, 529.982.247-25. [PHONE]");
        redact(&mut segments, &[Redaction::Email, Redaction::Cpf]);
        assert_eq!(segments[0].text, "[EMAIL], [CPF]. [PHONE]");
    }

    #[test]
    fn a_segment_of_nothing_else_is_gone() {
        let mut segments = vec![segment(0, "529 982"), segment(5, "247 25"), segment(8, "pronto")];
        redact(&mut segments, &[Redaction::Cpf]);
        assert_eq!(segments.iter().map(|s| s.text.as_str()).collect::<Vec<_>>(), ["[CPF]", "pronto"]);
    }

    #[test]
    fn several_finds_in_one_word_are_all_taken_out() {
        for (text, kinds, expected) in [
            ("4111-1111-1111-1111/4111-1111-1111-1111.", vec![Redaction::Card], "[CARD]/[CARD]."),
            ("電話は090-1234-5678と03-1234-5678です", vec![Redaction::Phone], "電話は[PHONE]と[PHONE]です"),
            (
                "a@x.com,529.982 247-25/111.444 777-35,b",
                vec![Redaction::Email, Redaction::Cpf],
                "[EMAIL],[CPF]/[CPF],b",
            ),
        ] {
            let mut segments = vec![segment(0, text)];
            let spans = redact(&mut segments, &kinds);
            assert_eq!(segments[0].text, expected);
            assert!(spans.iter().all(|span| span.start <= 0.0 || span.start < 1.0), "{spans:?}");
        }
    }

    #[test]
    fn the_silence_around_a_number_reaches_to_the_words_around_it() {
        let mut segments = vec![segment(0, "o"), segment(5, "529.982.247-25"), segment(6, "e")];
        let spans = redact(&mut segments, &[Redaction::Cpf]);
        assert!((spans[0].start - 4.5).abs() < 1e-9 && (spans[0].end - 6.0).abs() < 1e-9, "{spans:?}");
    }

    proptest::proptest! {
        #[test]
        fn no_number_that_was_said_can_be_read(
            picks in proptest::collection::vec((0_usize..NUMBERS.len(), 0_usize..6), 1..6),
            pieces in proptest::collection::vec(1_usize..9, 1..9),
        ) {
            let between = [" ", ", ", "; ", " e ", " (12) ", "/"];
            let said: Vec<String> =
                picks.iter().map(|(number, end)| format!("{}{}", NUMBERS[*number], between[*end])).collect();
            let said = said.concat();
            // Words end anywhere, as tokens do.
            let mut words = Vec::new();
            let mut left = said.trim();
            for length in pieces.iter().cycle() {
                let at = left.char_indices().nth(*length).map_or(left.len(), |(at, _)| at);
                let cut = left.get(..at).and_then(|part| part.rfind(' ')).map_or(left.len(), |at| at + 1);
                words.push(left[..cut].trim().to_owned());
                left = &left[cut..];
                if left.is_empty() {
                    break;
                }
            }
            let mut segments = vec![segment(0, &words.join(" "))];
            redact(&mut segments, &[Redaction::Phone, Redaction::Card, Redaction::Cpf, Redaction::Cnpj]);
            let left: String = segments.iter().flat_map(|segment| segment.text.chars()).filter(char::is_ascii_digit).collect();
            for (number, _) in &picks {
                let digits: String = NUMBERS[*number].chars().filter(char::is_ascii_digit).collect();
                proptest::prop_assert!(!left.contains(&digits), "{}: {:?}", said, segments);
            }
        }
    }

    const NUMBERS: [&str; 9] = [
        "(11) 98765-4321",
        "+55 11 98765 4321",
        "212-555-0123",
        "98765 4321",
        "529.982.247-25",
        "111 444 777 35",
        "4111 1111 1111 1111",
        "10.404.184/0001-09",
        "1 1 9 8 7 6 5 4 3 2 1",
    ];
}
