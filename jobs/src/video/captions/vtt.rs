//! WebVTT, read and written.

use std::fmt::Write;

use super::cue::Cue;
use super::parse::RawCue;
use super::time;

/// Whether a file with this first line is WebVTT.
pub(super) fn is_head(line: &str) -> bool {
    line.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// The cues of a file of these lines; notes, styles and regions are passed over.
pub(super) fn split(lines: &[&str]) -> Vec<RawCue> {
    let mut cues = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let length = lines[at..].iter().take_while(|line| !line.trim().is_empty()).count();
        let block = &lines[at..at + length];
        // A cue's time is on its first line, or on the second behind an identifier.
        let timing = block.iter().take(2).position(|line| line.contains("-->"));
        if let Some(timing) = timing.filter(|_| !is_aside(block)) {
            cues.push(RawCue {
                line: at + timing + 1,
                timing: block[timing].to_owned(),
                payload: block[timing + 1..].join("\n"),
            });
        }
        at += length + 1;
    }
    cues
}

fn is_aside(block: &[&str]) -> bool {
    let word = block.first().and_then(|line| line.split_whitespace().next());
    matches!(word, Some("NOTE" | "STYLE" | "REGION"))
        && !block.first().is_some_and(|line| line.contains("-->"))
}

/// The cues as a WebVTT file.
#[must_use]
pub fn write(cues: &[Cue]) -> String {
    let mut file = String::from("WEBVTT\n\n");
    for (index, cue) in cues.iter().enumerate() {
        let (start, end) = (time::format(cue.start, '.'), time::format(cue.end, '.'));
        let text = cue.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // Writing to a string cannot fail.
        let _ = write!(file, "{}\n{start} --> {end}\n{text}\n\n", index + 1);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_markup_is_escaped() {
        let file = write(&[Cue::new(0, 1500, "a < b & c --> d")]);
        assert_eq!(file, "WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.500\na &lt; b &amp; c --&gt; d\n\n");
    }

    #[test]
    fn only_the_whole_word_is_a_head() {
        assert!(is_head("WEBVTT") && is_head("WEBVTT a title") && is_head("WEBVTT\tx"));
        assert!(!is_head("WEBVTTX") && !is_head("webvtt") && !is_head("1"));
    }
}
