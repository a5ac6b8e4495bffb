//! How does Amazon's result become a transcript? Its times and confidences are texts, and its punctuation has no times.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufReader, Read};

use esteira_engine::child::WorkDir;
use esteira_engine::job::{KindError, SERVICE_RESULT};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::super::input::{Input, Language};
use super::super::limits::TranscribeLimits;
use super::super::local::{Recording, seconds};
use super::super::source::source;
use super::super::transcript::{Engine, Segment, Transcript, Warning, Word, joined};

/// Bytes of a result that are read: a word takes some 200 of them.
const MOST_BYTES: u64 = 256 << 20;
/// A pause of so many seconds ends a segment.
const PAUSE: f64 = 1.0;
/// The shortest that a word lasts.
const SHORTEST: f64 = 0.01;

#[derive(Deserialize)]
struct Answer {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    #[serde(default)]
    items: Vec<Item>,
    speaker_labels: Option<SpeakerLabels>,
    channel_labels: Option<ChannelLabels>,
    language_code: Option<String>,
    #[serde(default)]
    language_identification: Vec<Identified>,
    #[serde(default)]
    audio_segments: Vec<AudioSegment>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default, deserialize_with = "number")]
    start_time: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    end_time: Option<f64>,
    #[serde(default)]
    alternatives: Vec<Alternative>,
    speaker_label: Option<String>,
    channel_label: Option<String>,
    #[serde(rename = "type")]
    sort: Option<String>,
}

impl Item {
    /// Whether it is punctuation, as it says itself or as it looks.
    fn is_mark(&self) -> bool {
        match self.sort.as_deref() {
            Some("punctuation") => true,
            Some("pronunciation") => false,
            _ => {
                let said = self.alternatives.first();
                !said.is_some_and(|said| said.content.contains(char::is_alphanumeric))
            }
        }
    }
}

#[derive(Deserialize)]
struct Alternative {
    #[serde(default, deserialize_with = "number")]
    confidence: Option<f64>,
    content: String,
}

#[derive(Deserialize)]
struct SpeakerLabels {
    #[serde(default)]
    segments: Vec<SpeakerSegment>,
}

#[derive(Deserialize)]
struct SpeakerSegment {
    #[serde(default)]
    items: Vec<SpeakerItem>,
}

#[derive(Deserialize)]
struct SpeakerItem {
    #[serde(default, deserialize_with = "number")]
    start_time: Option<f64>,
    speaker_label: String,
}

#[derive(Deserialize)]
struct ChannelLabels {
    #[serde(default)]
    channels: Vec<ChannelItems>,
}

#[derive(Deserialize)]
struct ChannelItems {
    channel_label: String,
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Identified {
    code: String,
    #[serde(default, deserialize_with = "number")]
    score: Option<f64>,
}

#[derive(Deserialize)]
struct AudioSegment {
    language_code: Option<String>,
}

/// A number, or the text of one.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(f64),
        Text(String),
    }
    let number = match Option::<Either>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Either::Number(number)) => Some(number),
        Some(Either::Text(text)) => text.trim().parse().ok(),
    };
    let number = number.filter(|number| number.is_finite()).ok_or_else(|| D::Error::custom("no number"))?;
    Ok(Some(number))
}

/// Makes a transcript of what Amazon has left for this job.
///
/// # Errors
/// When the result cannot be read, or the recording.
pub fn transcribe(
    input: &Input,
    limits: &TranscribeLimits,
    work: &mut WorkDir,
) -> Result<Transcript, KindError> {
    work.progress(0.9, "reading", "what Amazon Transcribe has written")?;
    let path = work.file(&input.source)?;
    let recording = Recording::open(&path, input, limits)?;
    let info = recording.info().clone();
    // What a container says of its length is what anybody wrote into it; the tenant pays for what is heard.
    let heard = recording.hear(&mut |_| work.progress(0.95, "reading", "how long the recording is"))?;
    let file = File::open(work.file(SERVICE_RESULT)?).map_err(|error| unreadable(&error))?;
    let answer: Answer =
        serde_json::from_reader(BufReader::new(file.take(MOST_BYTES))).map_err(|error| unreadable(&error))?;
    let mut transcript = read(answer.results);
    if let Language::Tag(tag) = &input.language {
        (transcript.language, transcript.language_confidence) = (Some(tag.clone()), None);
    }
    let end = transcript.segments.iter().map(|segment| segment.end).fold(0.0, f64::max);
    transcript.duration = seconds(usize::try_from(heard.samples).unwrap_or(usize::MAX)).max(end);
    transcript.source = source(&path, &info)?;
    Ok(transcript)
}

fn unreadable(error: &dyn std::fmt::Display) -> KindError {
    KindError::fail("transcript_unreadable", format!("what Amazon Transcribe has written: {error}"))
}

/// The same without the recording.
fn read(results: Results) -> Transcript {
    let (language, language_confidence) = spoken(&results);
    let mut speakers = HashMap::new();
    for item in results.speaker_labels.into_iter().flat_map(|labels| labels.segments).flat_map(|s| s.items) {
        if let Some(start) = item.start_time {
            speakers.insert(milliseconds(start), item.speaker_label);
        }
    }
    let mut lines: BTreeMap<Option<u16>, Line> = BTreeMap::new();
    let apart = results.channel_labels.map(|labels| labels.channels).unwrap_or_default();
    let alone = apart.is_empty();
    for (channel, items) in apart.into_iter().map(|channel| (Some(channel.channel_label), channel.items)) {
        lines.entry(channel.as_deref().and_then(number_of)).or_default().extend(items, &speakers);
    }
    for item in results.items.into_iter().filter(|_| alone) {
        let channel = item.channel_label.as_deref().and_then(number_of);
        lines.entry(channel).or_default().extend(vec![item], &speakers);
    }
    let mut segments: Vec<Segment> =
        lines.into_iter().flat_map(|(channel, line)| line.into_segments(channel)).collect();
    segments.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut names: Vec<String> = segments.iter().filter_map(|segment| segment.speaker.clone()).collect();
    names.sort_by_key(|name| (name.len(), name.clone()));
    names.dedup();
    let words = segments.iter().flat_map(|segment| &segment.words);
    let (sum, count) = words.fold((0.0, 0.0), |(sum, count), word| (sum + word.confidence, count + 1.0));
    let mut warnings = Vec::new();
    if segments.is_empty() {
        warnings.push(Warning::new("no_speech", "nobody speaks in this recording"));
    }
    Transcript {
        version: "1".to_owned(),
        engine: Engine { name: "aws".to_owned(), model: "Amazon Transcribe".to_owned(), model_sha256: None },
        language,
        language_confidence,
        speech: !segments.is_empty(),
        confidence: (count > 0.0).then_some(sum / count),
        speakers: names,
        warnings,
        segments,
        ..Transcript::default()
    }
}

/// The language that was found out, and how sure that is.
fn spoken(results: &Results) -> (Option<String>, Option<f64>) {
    let found = results
        .language_identification
        .iter()
        .max_by(|a, b| a.score.unwrap_or(0.0).total_cmp(&b.score.unwrap_or(0.0)));
    let code = results.language_code.clone().or_else(|| found.map(|found| found.code.clone()));
    let code = code.or_else(|| results.audio_segments.iter().find_map(|part| part.language_code.clone()));
    (code, found.and_then(|found| found.score))
}

/// Words of one channel, in their order.
#[derive(Default)]
struct Line {
    words: Vec<(Word, Option<String>)>,
}

impl Line {
    fn extend(&mut self, items: Vec<Item>, speakers: &HashMap<i64, String>) {
        for item in items {
            let is_mark = item.is_mark();
            let Some(said) = item.alternatives.into_iter().next() else { continue };
            let text = said.content.replace(char::is_control, "");
            if text.trim().is_empty() {
                continue;
            }
            if item.start_time.is_none() && is_mark {
                // Punctuation belongs to the word before it.
                if let Some((word, _)) = self.words.last_mut() {
                    word.text.push_str(&text);
                }
                continue;
            }
            let (after, speaker) =
                self.words.last().map_or((0.0, None), |(word, speaker)| (word.end, speaker.clone()));
            let begin = item.start_time.map_or(after, |start| start.max(after));
            let word = Word {
                start: begin,
                end: item.end_time.unwrap_or(begin).max(begin + SHORTEST),
                text,
                confidence: said.confidence.unwrap_or(0.0).clamp(0.0, 1.0),
            };
            let label = item.speaker_label.or_else(|| match item.start_time {
                Some(start) => speakers.get(&milliseconds(start)).cloned(),
                None => speaker,
            });
            self.words.push((word, label));
        }
    }

    /// A segment ends with a sentence, at a pause, and where another one speaks.
    fn into_segments(self, channel: Option<u16>) -> Vec<Segment> {
        let mut segments: Vec<Segment> = Vec::new();
        let mut before: Option<(f64, bool, Option<String>)> = None;
        for (word, label) in self.words {
            let goes_on = before.is_some_and(|(end, is_whole, speaker)| {
                !is_whole && word.start - end < PAUSE && speaker == label
            });
            before = Some((word.end, word.text.ends_with(['.', '?', '!', '。', '？', '！']), label.clone()));
            match segments.last_mut().filter(|_| goes_on) {
                Some(segment) => segment.words.push(word),
                None => {
                    let by_channel = channel.map(|number| format!("channel {number}"));
                    let speaker = label.as_deref().map(speaker_name).or(by_channel);
                    segments.push(Segment { channel, speaker, words: vec![word], ..Segment::default() });
                }
            }
        }
        segments.iter_mut().for_each(complete);
        segments
    }
}

/// Makes the rest of a segment from its words.
fn complete(segment: &mut Segment) {
    segment.text = joined(segment.words.iter().map(|word| word.text.as_str()));
    segment.start = segment.words.first().map_or(0.0, |word| word.start);
    segment.end = segment.words.last().map_or(0.0, |word| word.end);
    let (sum, count) =
        segment.words.iter().fold((0.0, 0.0), |(sum, n), word| (sum + word.confidence, n + 1.0));
    segment.confidence = if count > 0.0 { sum / count } else { 0.0 };
}

/// `ch_0` is the first.
fn number_of(label: &str) -> Option<u16> {
    label.rsplit('_').next()?.parse::<u16>().ok()?.checked_add(1)
}

/// `spk_0` is speaker 1.
fn speaker_name(label: &str) -> String {
    number_of(label).map_or_else(|| label.to_owned(), |number| format!("speaker {number}"))
}

/// So that two texts of one time are the same.
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(results: Value) -> Transcript {
        super::read(serde_json::from_value(results).unwrap())
    }

    fn word(start: &str, end: &str, text: &str) -> Value {
        json!({"type": "pronunciation", "start_time": start, "end_time": end,
            "alternatives": [{"confidence": "0.9", "content": text}]})
    }

    fn mark(text: &str) -> Value {
        json!({"type": "punctuation", "alternatives": [{"confidence": "0.0", "content": text}]})
    }

    #[test]
    fn texts_become_numbers_and_punctuation_stands_at_its_word() {
        let said = read(json!({"items": [
            word("0.1", "0.4", "Olá"), mark(","), word("0.4", "0.9", "mundo"), mark("."),
            word("1.0", "1.0", "Até"), word("0.9", "1.4", "logo"),
        ]}));
        let texts: Vec<&str> = said.segments.iter().map(|segment| segment.text.as_str()).collect();
        assert_eq!(texts, ["Olá, mundo.", "Até logo"]);
        assert!(said.speech && (said.confidence.unwrap() - 0.9).abs() < 1e-9);
        let words: Vec<&Word> = said.segments.iter().flat_map(|segment| &segment.words).collect();
        assert!(words.iter().all(|word| word.end > word.start));
        assert!(words.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }

    #[test]
    fn speakers_are_told_by_either_of_amazons_two_places() {
        let mut first = word("0.0", "0.5", "Bom");
        first["speaker_label"] = json!("spk_1");
        let said = read(json!({
            "items": [first, word("0.5", "1.0", "dia")],
            "speaker_labels": {"speakers": 2, "segments": [{"items": [
                {"start_time": "0.5", "end_time": "1.0", "speaker_label": "spk_0"}]}]},
        }));
        let who: Vec<_> = said.segments.iter().map(|segment| segment.speaker.as_deref().unwrap()).collect();
        assert_eq!(who, ["speaker 2", "speaker 1"]);
        assert_eq!(said.speakers, ["speaker 1", "speaker 2"]);
    }

    #[test]
    fn channels_are_told_by_their_numbers() {
        let said = read(json!({"items": [], "channel_labels": {"number_of_channels": 2, "channels": [
            {"channel_label": "ch_0", "items": [word("1.0", "1.5", "sim")]},
            {"channel_label": "ch_1", "items": [word("0.0", "0.5", "alô"), mark("?")]},
        ]}}));
        let told: Vec<_> = said
            .segments
            .iter()
            .map(|s| (s.channel.unwrap(), s.speaker.as_deref().unwrap(), s.text.as_str()))
            .collect();
        assert_eq!(told, [(2, "channel 2", "alô?"), (1, "channel 1", "sim")]);
    }

    #[test]
    fn the_language_that_was_found_out_is_told() {
        let said = read(json!({"items": [], "language_code": "pt-BR",
            "language_identification": [{"score": "0.2", "code": "es-ES"}, {"score": "0.8", "code": "pt-BR"}]}));
        assert_eq!((said.language.as_deref(), said.language_confidence), (Some("pt-BR"), Some(0.8)));
        assert_eq!((said.speech, said.warnings[0].code.as_str()), (false, "no_speech"));
    }

    #[test]
    fn a_word_without_its_time_stays_a_word_and_control_characters_go() {
        let mut untimed = word("0", "0", "mun\u{7}do");
        untimed.as_object_mut().unwrap().retain(|name, _| !name.ends_with("_time"));
        let mut unsaid = untimed.clone();
        unsaid["alternatives"][0]["content"] = json!("\n");
        let said = read(json!({"items": [word("0.1", "0.4", "Olá"), untimed, mark("!"), unsaid]}));
        assert_eq!(said.segments[0].text, "Olá mundo!");
        let words = &said.segments[0].words;
        assert!(words.len() == 2 && words[1].start >= words[0].end && words[1].end > words[1].start);
    }

    #[test]
    fn what_is_no_result_is_refused() {
        for text in
            ["", "{", "[]", "{\"results\": 3}", "{\"results\": {\"items\": [{\"start_time\": \"x\"}]}}"]
        {
            assert!(serde_json::from_str::<Answer>(text).is_err(), "{text}");
        }
    }
}
