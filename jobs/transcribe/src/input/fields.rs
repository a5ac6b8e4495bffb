//! The whole input of a job.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::language::Language;

/// A recording, and what is wanted of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The recording, audio or video: `upload://…`, `artifact://job/name`, `s3://bucket/key`, or `https://…` where the
    /// operator allows the host. What it is, its content tells, not its name.
    #[schemars(length(min = 1, max = 2048), extend("examples" = ["upload://0192f0c1-2345-7abc-8def-000000000001"]))]
    pub source: String,
    /// Which of the recording's sound tracks is heard, from 1. Left out, the one that a player would take.
    #[serde(default)]
    #[schemars(range(min = 1, max = 64))]
    pub track: Option<u8>,
    /// Who hears it. `auto` takes an engine that can do what else is asked, the local one wherever it can.
    #[serde(default)]
    pub engine: EngineChoice,
    /// What is spoken, as a tag of BCP 47 (`pt-BR`, `en`), or `auto`: then the language is found out first.
    #[serde(default)]
    pub language: Language,
    /// A model of `esteira models list`, such as `base`. Left out, the operator's choice for the language: `tiny.en` for
    /// English, `base` for others and for `auto`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 64))]
    pub model: Option<String>,
    /// Whether `transcript.json` tells each word with its times. Subtitles keep to the words in any case.
    #[serde(default = "yes")]
    pub words: bool,
    /// Whether speakers are told apart by their voices, which Amazon Transcribe alone does. Where each has a channel of their
    /// own, `channels` does better.
    #[serde(default)]
    pub diarize: bool,
    /// The most speakers that are told apart.
    #[serde(default)]
    #[schemars(range(min = 2, max = 30))]
    pub max_speakers: Option<u8>,
    /// Whether the channels are heard together or each by itself, as where a call has a person on each side.
    #[serde(default)]
    pub channels: Channels,
    /// Words that may be said and are easily misheard, names above all.
    #[serde(default)]
    pub vocabulary: Option<Vocabulary>,
    /// A vocabulary filter of Amazon Transcribe, which takes its words out of the text.
    #[serde(default)]
    pub filter: Option<Filter>,
    /// What is taken out of the text.
    #[serde(default)]
    #[schemars(length(max = 6), extend("uniqueItems" = true))]
    pub redact: Vec<Redaction>,
    /// How subtitles are cut.
    #[serde(default)]
    pub subtitle: Subtitle,
    /// What is written, each as an artifact of the job.
    #[serde(default = "usual_outputs")]
    #[schemars(length(max = 5), extend("uniqueItems" = true))]
    pub outputs: Vec<Output>,
    /// Whether what is said can be found by `GET /v1/search`.
    #[serde(default = "yes")]
    pub index: bool,
}

impl Input {
    /// Whether this is to be written.
    #[must_use]
    pub fn wants(&self, output: Output) -> bool {
        self.outputs.contains(&output)
    }
}

/// Who hears it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EngineChoice {
    /// One that can do what is asked.
    #[default]
    Auto,
    /// Whisper, on the worker itself: nothing leaves the machine.
    Local,
    /// Amazon Transcribe, where the operator lets recordings go there.
    Aws,
}

/// How channels are heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Together.
    #[default]
    Mix,
    /// Each by itself; every segment tells its channel.
    Separate,
}

/// Words that may be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Vocabulary {
    /// The words themselves, for Whisper.
    Words(#[schemars(length(min = 1))] Vec<String>),
    /// The name of a custom vocabulary of Amazon Transcribe.
    Name(#[schemars(length(min = 1, max = 200))] String),
}

// By hand: a derived one says of a wrong word only that nothing fits.
impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Vocabulary;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of words, or the name of a vocabulary")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Vocabulary, E> {
                Ok(Vocabulary::Name(name.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vocabulary, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = items.next_element()? {
                    words.push(word);
                }
                Ok(Vocabulary::Words(words))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// A list of words at Amazon Transcribe that are not to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub struct Filter {
    /// Its name there.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// What becomes of the words.
    pub method: FilterMethod,
}

/// What becomes of filtered words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterMethod {
    /// `***` stands in their place.
    #[default]
    Mask,
    /// Nothing does.
    Remove,
}

/// What can be taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Redaction {
    /// E-mail addresses.
    Email,
    /// Telephone numbers.
    Phone,
    /// Numbers of payment cards, by their check digit.
    Card,
    /// Brazil's numbers of persons, by their check digits.
    Cpf,
    /// Brazil's numbers of companies, by their check digits; those with letters as well.
    Cnpj,
    /// International bank account numbers, by their check digits.
    Iban,
}

/// How subtitles are cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Subtitle {
    /// Characters a line; a wide (Chinese, Japanese, Korean) one counts twice.
    #[schemars(range(min = 10, max = 200))]
    pub characters: usize,
    /// Lines of a subtitle.
    #[schemars(range(min = 1, max = 10))]
    pub lines: usize,
    /// The most seconds that a subtitle stands.
    #[schemars(range(min = 1.0, max = 60.0))]
    pub seconds: f64,
}

impl Default for Subtitle {
    fn default() -> Self {
        Self { characters: 42, lines: 2, seconds: 7.0 }
    }
}

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// `transcript.json`: everything, with times and confidence.
    Json,
    /// `transcript.txt`: what is said, in paragraphs.
    Txt,
    /// `transcript.srt`: subtitles.
    Srt,
    /// `transcript.vtt`: subtitles for the web.
    Vtt,
    /// `redacted.flac`: the sound, silent where something was taken out.
    Audio,
}

fn yes() -> bool {
    true
}

fn usual_outputs() -> Vec<Output> {
    vec![Output::Json, Output::Txt, Output::Srt, Output::Vtt]
}
