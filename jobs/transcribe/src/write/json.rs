//! How is `transcript.json` written? One object, with a segment a line, so that a long one can be read piece by piece.

use std::io::{self, Write};

use super::super::transcript::Transcript;

/// Writes a transcript.
pub fn write(transcript: &Transcript, out: &mut impl Write) -> io::Result<()> {
    let head = serde_json::to_string(&head(transcript))?;
    // The segments are the last field.
    out.write_all(head.strip_suffix("]}").unwrap_or(&head).as_bytes())?;
    for (at, segment) in transcript.segments.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, segment)?;
    }
    out.write_all(b"\n]}\n")
}

/// The same without its segments.
fn head(transcript: &Transcript) -> Transcript {
    Transcript {
        version: transcript.version.clone(),
        source: transcript.source.clone(),
        engine: transcript.engine.clone(),
        language: transcript.language.clone(),
        speakers: transcript.speakers.clone(),
        warnings: transcript.warnings.clone(),
        segments: Vec::new(),
        ..*transcript
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::transcript::{Segment, Warning};
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_has_a_segment_a_line() {
        let segment = |text: &str| Segment { text: text.to_owned(), end: 1.5, ..Segment::default() };
        let warnings = vec![Warning::new("x", "]}")];
        for segments in [vec![], vec![segment("a\n]}"), segment("b")]] {
            let lines = 2 + segments.len();
            let transcript = Transcript {
                version: "1".into(),
                warnings: warnings.clone(),
                segments,
                ..Transcript::default()
            };
            let mut out = Vec::new();
            write(&transcript, &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert_eq!(text.lines().count(), lines);
            assert_eq!(serde_json::from_str::<Transcript>(&text).unwrap(), transcript);
        }
    }
}
