//! How is `transcript.txt` written? In paragraphs: a new one after a pause, and where somebody else speaks.

use std::io::{self, Write};

use super::super::transcript::{Segment, Transcript, joined};

/// Seconds of silence that end a paragraph.
const PAUSE: f64 = 2.0;
/// Characters after which the end of a sentence ends one, too.
const LONG: usize = 800;

/// Writes a transcript.
pub fn write(transcript: &Transcript, out: &mut impl Write) -> io::Result<()> {
    for (at, paragraph) in paragraphs(&transcript.segments).into_iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let text = joined(paragraph.iter().map(|segment| segment.text.as_str()));
        match paragraph.first().and_then(|segment| segment.speaker.as_deref()) {
            Some(speaker) => writeln!(out, "{speaker}: {text}")?,
            None => writeln!(out, "{text}")?,
        }
    }
    Ok(())
}

/// The segments, by paragraphs.
fn paragraphs(segments: &[Segment]) -> Vec<&[Segment]> {
    let mut out = Vec::new();
    let (mut begin, mut length) = (0, 0);
    for (at, pair) in segments.array_windows().enumerate() {
        let [one, next] = pair;
        length += one.text.chars().count();
        if ends(one, next, length) {
            out.extend(segments.get(begin..=at));
            (begin, length) = (at + 1, 0);
        }
    }
    out.extend(segments.get(begin..).filter(|last| !last.is_empty()));
    out
}

fn ends(one: &Segment, next: &Segment, length: usize) -> bool {
    next.start - one.end >= PAUSE
        || one.speaker != next.speaker
        || one.channel != next.channel
        || (length >= LONG && one.text.ends_with(['.', '?', '!', '…', '。']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_and_another_speaker_begin_a_paragraph() {
        let segment = |start: f64, text: &str, speaker: Option<&str>| Segment {
            start,
            end: start + 1.0,
            text: text.to_owned(),
            speaker: speaker.map(str::to_owned),
            ..Segment::default()
        };
        let (ana, bia) = (Some("Ana"), Some("Bia"));
        let segments = vec![
            segment(0.0, "Oi.", ana),
            segment(1.2, "Tudo bem?", ana),
            segment(2.4, "Tudo.", bia),
            segment(9.0, "E você?", bia),
        ];
        let mut out = Vec::new();
        write(&Transcript { segments, ..Transcript::default() }, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "Ana: Oi. Tudo bem?\n\nBia: Tudo.\n\nBia: E você?\n");
        let mut none = Vec::new();
        write(&Transcript::default(), &mut none).unwrap();
        assert!(none.is_empty());
    }
}
