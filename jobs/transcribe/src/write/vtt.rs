//! How is WebVTT written? As the W3C's recommendation has it, with the voice where it is known.

use std::io::{self, Write};

use super::cues::Cue;
use super::time::stamp;

/// Writes subtitles.
pub fn write(cues: &[Cue], out: &mut impl Write) -> io::Result<()> {
    write!(out, "WEBVTT\n\n")?;
    for cue in cues {
        writeln!(out, "{} --> {}", stamp(cue.start, '.'), stamp(cue.end, '.'))?;
        let voice = cue.speaker.as_deref().map(|speaker| format!("<v {}>", escaped(speaker)));
        write!(out, "{}", voice.unwrap_or_default())?;
        for line in &cue.lines {
            writeln!(out, "{}", escaped(line))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The characters that begin marks. An arrow cannot be left either, since `>` is one of them.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
