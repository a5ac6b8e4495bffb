//! What is found by a search? Half a minute at a time, so that a hit tells its second.

use esteira_engine::document::{Passage, pieces};

use super::super::transcript::{Segment, Transcript, joined};

/// Seconds of a passage.
const SECONDS: f64 = 30.0;

/// The passages of a transcript.
pub fn of(transcript: &Transcript) -> Vec<Passage> {
    let mut out = Vec::new();
    let mut rest = transcript.segments.as_slice();
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|segment| segment.end - first.start <= SECONDS).count().max(1);
        let (taken, left) = rest.split_at(count);
        let text = joined(taken.iter().map(|segment| segment.text.as_str()));
        let end = taken.iter().map(|segment: &Segment| segment.end).fold(first.end, f64::max);
        out.extend(pieces(&text).filter(|piece| !piece.trim().is_empty()).map(|piece| Passage {
            seconds: Some((first.start, end)),
            text: piece.to_owned(),
            ..Passage::default()
        }));
        rest = left;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_has_half_a_minute_and_tells_its_seconds() {
        let segment =
            |start: f64| Segment { start, end: start + 9.0, text: "olá".into(), ..Segment::default() };
        let segments = (0..7_u8).map(|n| segment(f64::from(n) * 10.0)).collect();
        let passages = of(&Transcript { segments, ..Transcript::default() });
        let seconds: Vec<_> = passages.iter().filter_map(|passage| passage.seconds).collect();
        assert_eq!(seconds, [(0.0, 29.0), (30.0, 59.0), (60.0, 69.0)]);
        assert_eq!(passages[0].text, "olá olá olá");
    }
}
