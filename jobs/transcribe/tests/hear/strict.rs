//! Readers of SRT and WebVTT that take only what the specifications allow, and nothing that players forgive.
//!
//! SRT: as its first program, SubRip, writes it. WebVTT: the W3C's Candidate Recommendation of 4 April 2019, section 4
//! ("syntax"), as far as it goes without regions, settings and styles.

/// A subtitle, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    pub start: u64,
    pub end: u64,
    pub lines: Vec<String>,
}

/// Reads SRT: a number that counts from 1, a line of times, lines of text, an empty line.
pub fn srt(text: &str) -> Result<Vec<Cue>, String> {
    let mut cues = Vec::new();
    for block in blocks(text)? {
        let [number, times, lines @ ..] = block.as_slice() else {
            return Err(format!("{block:?} is no subtitle"));
        };
        if *number != (cues.len() + 1).to_string() {
            return Err(format!("{number:?} is not the next number"));
        }
        if lines.iter().any(|line| line.contains("-->") || line.contains(['<', '>', '{', '}'])) {
            return Err(format!("{lines:?} has marks in it"));
        }
        cues.push(cue(times, ',', lines.iter().map(|line| (*line).to_owned()).collect())?);
    }
    Ok(cues)
}

/// Reads WebVTT: its head, then cues; text with the escapes that it needs, and voices.
pub fn vtt(text: &str) -> Result<Vec<Cue>, String> {
    let body = text.strip_prefix("WEBVTT\n\n").ok_or("it does not begin with WEBVTT and an empty line")?;
    let mut cues = Vec::new();
    for block in blocks(body)? {
        let [times, lines @ ..] = block.as_slice() else { return Err(format!("{block:?} is no cue")) };
        cues.push(cue(times, '.', lines.iter().map(|line| cue_text(line)).collect::<Result<_, _>>()?)?);
    }
    Ok(cues)
}

/// Lines between empty lines; the last one is empty as well.
fn blocks(text: &str) -> Result<Vec<Vec<&str>>, String> {
    if text.contains('\r') || text.contains('\0') {
        return Err("control characters".to_owned());
    }
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let body = text.strip_suffix("\n\n").ok_or("it does not end with an empty line")?;
    Ok(body.split("\n\n").map(|block| block.split('\n').collect()).collect())
}

fn cue(times: &str, mark: char, lines: Vec<String>) -> Result<Cue, String> {
    let (start, end) = times.split_once(" --> ").ok_or_else(|| format!("{times:?} has no arrow"))?;
    let (start, end) = (instant(start, mark)?, instant(end, mark)?);
    if start >= end || lines.is_empty() || lines.iter().any(String::is_empty) {
        return Err(format!("{times:?} has no length, or no text"));
    }
    Ok(Cue { start, end, lines })
}

/// `HH:MM:SS` and three digits behind the mark.
fn instant(text: &str, mark: char) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no instant");
    let (clock, rest) = text.split_once(mark).ok_or_else(wrong)?;
    let parts: Vec<&str> = clock.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return Err(wrong()) };
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>, most: u64| {
        let fits = digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u64>().ok().filter(|number| fits && *number <= most).ok_or_else(wrong)
    };
    let (hours, minutes) = (number(hours, 2..=5, 99_999)?, number(minutes, 2..=2, 59)?);
    Ok(((hours * 60 + minutes) * 60 + number(seconds, 2..=2, 59)?) * 1000 + number(rest, 3..=3, 999)?)
}

/// The text of a line of a cue, of which only escapes and a voice at its beginning are known.
fn cue_text(line: &str) -> Result<String, String> {
    let spoken = match line.strip_prefix("<v ") {
        Some(rest) => rest.split_once('>').ok_or("a voice without an end")?.1,
        None => line,
    };
    let mut out = String::new();
    let mut rest = spoken;
    while let Some(at) = rest.find(['&', '<', '>']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (escape, letter) = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>')]
            .into_iter()
            .find(|(escape, _)| rest.starts_with(escape))
            .ok_or_else(|| format!("{line:?} has a bare mark"))?;
        out.push(letter);
        rest = &rest[escape.len()..];
    }
    out.push_str(rest);
    Ok(out)
}
