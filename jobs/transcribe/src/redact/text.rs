//! How is something taken out of a transcript? Its words become one mark, and their time a silent span.

use std::ops::Range;

use super::super::input::Redaction;
use super::super::transcript::{Segment, Word, joined, needs_blank};
use super::find::find;

/// Seconds that are silent before and after a word, whose times are not exact.
const MARGIN: f64 = 0.15;

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
    let mut spans = Vec::new();
    for (kind, at) in find(&text).into_iter().filter(|(kind, _)| kinds.contains(kind)) {
        let touched = |place: &Range<usize>| place.start < at.end && at.start < place.end;
        let Some(first) = places.iter().position(touched) else { continue };
        let last = places.iter().rposition(touched).unwrap_or(first);
        let before = places.get(first).and_then(|place| text.get(place.start..at.start.max(place.start)));
        let after = places.get(last).and_then(|place| text.get(at.end.min(place.end)..place.end));
        let mark = format!("{}[{}]{}", before.unwrap_or_default(), name(kind), after.unwrap_or_default());
        let end = words.get(last).map_or(0.0, |word| word.end);
        let Some((word, rest)) = words.get_mut(first..=last).and_then(|words| words.split_first_mut()) else {
            continue;
        };
        spans.push(((word.start - MARGIN).max(0.0), end + MARGIN));
        word.text = mark;
        word.end = end;
        rest.iter_mut().for_each(|word| word.text.clear());
    }
    spans
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
        assert!((spans[0].start - 2.85).abs() < 1e-9 && (spans[0].end - 6.95).abs() < 1e-9);
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
}
