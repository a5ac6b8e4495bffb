//! How do lines become segments? Words with times, what nobody said left out, channels side by side.

use std::collections::BTreeMap;

use super::super::transcript::{Segment, Transcript, Warning, joined};
use super::crew::Heard;
use super::doubt::{Echo, cut_loop, is_invented, is_too_fast};
use super::whisper::Told;
use super::words::words;

/// The text so far.
#[derive(Default)]
pub struct Text {
    apart: bool,
    channels: BTreeMap<usize, Channel>,
    segments: Vec<Segment>,
    invented: usize,
}

/// Where a channel stands.
#[derive(Default)]
struct Channel {
    after: f64,
    echo: Echo,
}

impl Text {
    /// Of channels that are heard apart, or together.
    pub fn new(apart: bool) -> Self {
        Self { apart, ..Self::default() }
    }

    /// Takes what was heard in the next chunk.
    pub fn add(&mut self, heard: &Heard, told: &Told) {
        let channel = self.channels.entry(heard.chunk.channel).or_default();
        for line in &heard.lines {
            let mut words = words(line, &heard.chunk.pieces, channel.after);
            let looped = cut_loop(&mut words);
            let text = joined(words.iter().map(|word| word.text.as_str()));
            let invented = is_invented(line, &words, told)
                || (!looped && is_too_fast(&words, line.end - line.start))
                || channel.echo.hears_again(&text);
            self.invented += usize::from(looped || invented);
            let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
            if invented {
                continue;
            }
            channel.after = last.end;
            let number = u16::try_from(heard.chunk.channel + 1).unwrap_or(u16::MAX);
            #[expect(clippy::cast_precision_loss, reason = "words of one line")]
            let confidence = words.iter().map(|word| word.confidence).sum::<f64>() / words.len() as f64;
            self.segments.push(Segment {
                start: first.start,
                end: last.end,
                text,
                confidence,
                speaker: self.apart.then(|| format!("channel {number}")),
                channel: self.apart.then_some(number),
                words,
            });
        }
    }

    /// All of it.
    pub fn into_transcript(mut self) -> Transcript {
        // Channels speak at the same time; of one, the order is kept.
        self.segments.sort_by(|a, b| a.start.total_cmp(&b.start));
        let speakers: Vec<String> = match self.apart {
            true => self.channels.keys().map(|channel| format!("channel {}", channel + 1)).collect(),
            false => Vec::new(),
        };
        let words = self.segments.iter().flat_map(|segment| &segment.words);
        let (sum, count) = words.fold((0.0, 0.0), |(sum, count), word| (sum + word.confidence, count + 1.0));
        let mut warnings = Vec::new();
        if self.invented > 0 {
            let message = format!(
                "{} passages were left out or cut that most likely nobody says: noise, music or repetition",
                self.invented
            );
            warnings.push(Warning::new("doubtful", message));
        }
        Transcript {
            version: "1".to_owned(),
            speech: !self.segments.is_empty(),
            confidence: (count > 0.0).then_some(sum / count),
            speakers,
            warnings,
            segments: self.segments,
            ..Transcript::default()
        }
    }
}
