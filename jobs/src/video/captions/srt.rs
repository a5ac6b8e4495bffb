//! SRT, read and written.

use std::fmt::Write;

use super::cue::Cue;
use super::parse::{BadCaptions, RawCue};
use super::time;

/// The cues of a file of these lines.
///
/// A timing line begins a cue; the number before it belongs to it. Empty lines inside a text,
/// which real files have, do not end it.
pub(super) fn split(lines: &[&str]) -> Result<Vec<RawCue>, BadCaptions> {
    let mut cues: Vec<RawCue> = Vec::new();
    let mut pending: Vec<&str> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if !line.contains("-->") {
            pending.push(line);
            continue;
        }
        if pending.last().is_some_and(|line| is_number(line)) {
            pending.pop();
        }
        close(&mut cues, &mut pending)?;
        cues.push(RawCue { line: index + 1, timing: (*line).to_owned(), payload: String::new() });
    }
    close(&mut cues, &mut pending)?;
    Ok(cues)
}

/// Gives the lines so far to the cue before; before the first cue there may be none.
fn close(cues: &mut [RawCue], pending: &mut Vec<&str>) -> Result<(), BadCaptions> {
    let payload = std::mem::take(pending).join("\n");
    match cues.last_mut() {
        Some(cue) => cue.payload = payload,
        None if payload.trim().is_empty() => {}
        None => {
            let what = "the file is neither SRT nor WebVTT: there is text before the first time";
            return Err(BadCaptions::NotText(what.to_owned()));
        }
    }
    Ok(())
}

fn is_number(line: &str) -> bool {
    let digits = line.trim();
    !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The cues as an SRT file.
///
/// The format has no way to write an arrow or a tag as text: the first becomes `→`, and a text with
/// `<i>` in it may be shown leaning.
#[must_use]
pub fn write(cues: &[Cue]) -> String {
    let mut file = String::new();
    for (index, cue) in cues.iter().enumerate() {
        let (start, end) = (time::format(cue.start, ','), time::format(cue.end, ','));
        let text = cue.text.replace("-->", "→");
        // Writing to a string cannot fail.
        let _ = write!(file, "{}\n{start} --> {end}\n{text}\n\n", index + 1);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_the_form_that_players_know() {
        let file = write(&[Cue::new(1000, 2500, "a\nb"), Cue::new(3_600_000, 3_601_001, "-->")]);
        assert_eq!(file, "1\n00:00:01,000 --> 00:00:02,500\na\nb\n\n2\n01:00:00,000 --> 01:00:01,001\n→\n\n");
    }

    #[test]
    fn empty_lines_inside_a_text_do_not_end_it() {
        let lines: Vec<&str> =
            "1\n00:01,0 --> 00:02,0\na\n\nb\n\n2\n00:03,0 --> 00:04,0\nc".split('\n').collect();
        let payloads: Vec<String> = split(&lines).unwrap().into_iter().map(|cue| cue.payload).collect();
        assert_eq!(payloads, ["a\n\nb\n", "c"]);
    }
}
