//! How do words become subtitles? As many as fit, not over a pause or the end of a thought, in order and apart.

use super::super::input::Subtitle;
use super::super::transcript::{Segment, Word};
use super::time::milliseconds;
use super::wrap::wrap;

/// Seconds without a word after which a new subtitle begins.
const PAUSE: f64 = 0.8;
/// The share of a subtitle that must be filled before the end of a sentence ends it.
const FULL: f64 = 0.5;
/// Milliseconds that a subtitle stands at least, where the next one leaves room.
const LEAST: u64 = 1_000;
/// The end of a sentence.
const ENDS: [char; 8] = ['.', '?', '!', '…', '。', '？', '！', '؟'];
/// A weaker break, at which a full subtitle is rather cut.
const BREATHS: [char; 6] = [',', ';', ':', '—', '、', '，'];

/// A subtitle, from `start` until just before `end`, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// First millisecond.
    pub start: u64,
    /// The millisecond at which it is gone.
    pub end: u64,
    /// Its lines.
    pub lines: Vec<String>,
    /// Who speaks, where that is known.
    pub speaker: Option<String>,
}

/// The subtitles of a transcript.
pub fn cues(segments: &[Segment], rules: &Subtitle) -> Vec<Cue> {
    let mut cues = Vec::new();
    // A thought goes on over the lines that Whisper makes of it.
    for same in segments.chunk_by(|one, next| one.speaker == next.speaker && one.channel == next.channel) {
        let words: Vec<&Word> = same.iter().flat_map(|segment| &segment.words).collect();
        let speaker = same.first().and_then(|segment| segment.speaker.as_deref());
        let mut rest = words.as_slice();
        while !rest.is_empty() {
            let (taken, left) = rest.split_at(fitting(rest, rules));
            cues.extend(pages(taken, speaker, rules));
            rest = left;
        }
    }
    apart(cues)
}

/// How many of the words stand together in the next subtitle; at least one.
fn fitting(words: &[&Word], rules: &Subtitle) -> usize {
    let Some(first) = words.first() else { return 0 };
    let room = rules.characters * rules.lines;
    let mut texts = Vec::new();
    let mut characters = 0;
    let mut breath = None;
    for (at, word) in words.iter().enumerate() {
        texts.push(word.text.as_str());
        characters += word.text.chars().count() + 1;
        let fits =
            word.end - first.start <= rules.seconds && wrap(&texts, rules.characters).len() <= rules.lines;
        if at > 0 && !fits {
            return breath.unwrap_or(at);
        }
        #[expect(clippy::cast_precision_loss, reason = "a share of some hundred characters")]
        let share = characters as f64 / room.max(1) as f64;
        let pause = words.get(at + 1).map_or(0.0, |next| next.start - word.end);
        let ends = word.text.ends_with(ENDS) && share >= FULL;
        if pause >= PAUSE || ends {
            return at + 1;
        }
        if word.text.ends_with(BREATHS) && share >= FULL {
            breath = Some(at + 1);
        }
    }
    words.len()
}

/// A subtitle of these words; several one after the other where a single word has more lines than one may have.
fn pages(words: &[&Word], speaker: Option<&str>, rules: &Subtitle) -> Vec<Cue> {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Vec::new() };
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let lines = wrap(&texts, rules.characters);
    let pages: Vec<&[String]> = lines.chunks(rules.lines.max(1)).collect();
    let (start, end) = (milliseconds(first.start), milliseconds(last.end.min(first.start + rules.seconds)));
    let step = end.saturating_sub(start) / (pages.len() as u64).max(1);
    let page = |(number, lines): (u64, &[String])| Cue {
        start: start + number * step,
        end: if number + 1 == pages.len() as u64 { end } else { start + (number + 1) * step },
        lines: lines.to_vec(),
        speaker: speaker.map(str::to_owned),
    };
    (0_u64..).zip(pages.iter().copied()).map(page).collect()
}

/// In order, none without length, and none beside another: channels may speak at the same time.
fn apart(mut cues: Vec<Cue>) -> Vec<Cue> {
    cues.sort_by_key(|cue| cue.start);
    let mut free = 0;
    for cue in &mut cues {
        cue.start = cue.start.max(free);
        cue.end = cue.end.max(cue.start + 1);
        free = cue.start + 1;
    }
    let starts: Vec<u64> = cues.iter().skip(1).map(|cue| cue.start).chain([u64::MAX]).collect();
    for (cue, next) in cues.iter_mut().zip(starts) {
        cue.end = cue.end.max(cue.start + LEAST).min(next);
    }
    cues
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn segment(words: &[(&str, f64, f64)]) -> Segment {
        let words = words.iter().map(|(text, start, end)| Word {
            start: *start,
            end: *end,
            text: (*text).to_owned(),
            confidence: 1.0,
        });
        Segment { words: words.collect(), ..Segment::default() }
    }

    #[test]
    fn a_pause_and_the_end_of_a_sentence_begin_a_new_subtitle() {
        let rules = Subtitle { characters: 20, lines: 1, seconds: 7.0 };
        let words = [
            ("Bom", 0.0, 0.3),
            ("dia", 0.3, 0.6),
            ("a", 0.6, 0.7),
            ("todos.", 0.7, 1.0),
            ("Hoje", 1.1, 1.4),
            ("chove.", 3.0, 3.5),
        ];
        let cues = cues(&[segment(&words)], &rules);
        let lines: Vec<&str> = cues.iter().map(|cue| cue.lines[0].as_str()).collect();
        assert_eq!(lines, ["Bom dia a todos.", "Hoje", "chove."]);
        assert_eq!((cues[1].start, cues[1].end, cues[2].end), (1_100, 2_100, 4_000));
    }

    #[test]
    fn a_subtitle_goes_on_over_the_end_of_a_segment() {
        let segments = [
            segment(&[("be", 0.0, 0.3), ("in", 0.3, 0.5)]),
            segment(&[("his", 0.6, 0.8), ("power", 0.8, 1.2)]),
        ];
        let cues = cues(&segments, &Subtitle::default());
        assert_eq!((cues.len(), cues[0].lines[0].as_str()), (1, "be in his power"));
    }

    #[test]
    fn voices_that_cross_become_subtitles_one_after_the_other() {
        let one = Segment { channel: Some(1), ..segment(&[("a", 1.0, 4.0)]) };
        let other = Segment { channel: Some(2), ..segment(&[("b", 1.0, 2.0)]) };
        let cues = cues(&[one, other], &Subtitle::default());
        assert!(cues[0].end <= cues[1].start && cues[0].start < cues[0].end);
    }

    proptest! {
        #[test]
        fn every_rule_is_kept_and_no_word_is_lost(
            words in prop::collection::vec(("[a-zçé漢.]{1,30}", 0_u32..3_000, 1_u32..2_000), 1..60),
            characters in 10_usize..50, lines in 1_usize..4, seconds in 1_u32..10,
        ) {
            let mut at = 0;
            let words: Vec<Word> = words.into_iter().map(|(text, gap, length)| {
                let start = at + gap;
                at = start + length;
                Word { start: f64::from(start) / 1e3, end: f64::from(at) / 1e3, text, confidence: 1.0 }
            }).collect();
            let text: String = words.iter().map(|word| word.text.as_str()).collect();
            let rules = Subtitle { characters, lines, seconds: f64::from(seconds) };
            let cues = cues(&[Segment { words, ..Segment::default() }], &rules);
            for cue in &cues {
                prop_assert!(cue.start < cue.end && cue.lines.len() <= lines);
                prop_assert!(cue.end - cue.start <= u64::from(seconds) * 1_000 + 1, "{cue:?}");
                prop_assert!(cue.lines.iter().all(|line| line.width() <= characters), "{cue:?}");
            }
            prop_assert!(cues.windows(2).all(|pair| pair[0].end <= pair[1].start));
            let told: String = cues.iter().flat_map(|cue| cue.lines.iter()).flat_map(|line| line.chars()).filter(|c| *c != ' ').collect();
            prop_assert_eq!(told, text);
        }
    }
}
