//! How is SRT written? A number, two instants, the lines, a blank line.

use std::io::{self, Write};

use super::cues::Cue;
use super::time::stamp;

/// Writes subtitles.
pub fn write(cues: &[Cue], out: &mut impl Write) -> io::Result<()> {
    for (number, cue) in (1..).zip(cues) {
        write!(out, "{number}\n{} --> {}\n", stamp(cue.start, ','), stamp(cue.end, ','))?;
        for line in &cue.lines {
            writeln!(out, "{}", plain(line))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// SRT knows no escapes: what players take for marks or for an arrow becomes what looks like it.
fn plain(line: &str) -> String {
    line.replace("-->", "→").replace('<', "‹").replace('>', "›").replace('{', "(").replace('}', ")")
}
