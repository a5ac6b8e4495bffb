//! What does the operator allow a recording, and where do his models lie?

use std::path::PathBuf;

use esteira_media::MediaLimits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The operator's settings of `media.transcribe`: every limit, with its default, and where the models are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TranscribeLimits {
    /// Bytes of a file.
    pub bytes: u64,
    /// Seconds of a recording.
    pub seconds: f64,
    /// Channels of its sound.
    pub channels: u16,
    /// The folder of Whisper's models, which `esteira models` fills.
    pub models: PathBuf,
    /// A model of one's own, any file of whisper.cpp: it is then used for every job, whatever the input names.
    pub model_file: Option<PathBuf>,
    /// The model for English where the input names none.
    pub english_model: String,
    /// The model for other languages, and for those that are found out, where the input names none.
    pub model: String,
    /// Seconds of sound that Whisper is given at once; it cannot hear more than 30.
    #[schemars(range(min = 5.0, max = 30.0))]
    pub chunk_seconds: f64,
    /// Recordings are heard by so many states side by side at most, each of which takes some hundred MB.
    #[schemars(range(min = 1, max = 64))]
    pub states: usize,
    /// How sure it must be that somebody speaks, from 0 to 1, before Whisper is asked.
    #[schemars(range(min = 0.05, max = 0.95))]
    pub voice: f32,
    /// From which probability of silence on a doubtful text is dropped, from 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub no_speech: f32,
    /// The mean logarithm of the words' probabilities below which a text is doubtful.
    #[schemars(range(min = -10.0, max = 0.0))]
    pub doubtful: f32,
    /// Words of a vocabulary, and characters of all of them.
    pub vocabulary_words: usize,
    /// Characters of all words of a vocabulary: Whisper hears the last 224 tokens of them at most.
    pub vocabulary_characters: usize,
    /// Amazon Transcribe.
    pub aws: AwsLimits,
}

/// Whether and how jobs are given to Amazon Transcribe, in the account and the region of the bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AwsLimits {
    /// Whether any are: recordings then leave this server, and Amazon charges for them.
    pub enabled: bool,
    /// An address of the service other than that of its region.
    pub endpoint: Option<String>,
    /// The custom vocabularies of the account that tenants may name: whoever names one can read its words out of what it does.
    pub vocabularies: Vec<String>,
    /// The vocabulary filters of the account that tenants may name.
    pub filters: Vec<String>,
    /// Seconds until a job is looked at for the first time; each time after that it is half as long again.
    #[schemars(range(min = 0.1, max = 3600.0))]
    pub first_seconds: f64,
    /// The most seconds between two looks.
    #[schemars(range(min = 0.1, max = 3600.0))]
    pub most_seconds: f64,
    /// Hours that Amazon has for a job, by when it says that it has taken it on, before it is given up.
    #[schemars(range(min = 0.1, max = 1000.0))]
    pub most_hours: f64,
    /// Seconds that Amazon has for an answer, second tries included.
    #[schemars(range(min = 0.1, max = 600.0))]
    pub call_seconds: f64,
}

impl Default for AwsLimits {
    fn default() -> Self {
        Self {
            enabled: false,
            endpoint: None,
            vocabularies: Vec::new(),
            filters: Vec::new(),
            first_seconds: 5.0,
            most_seconds: 60.0,
            most_hours: 24.0,
            call_seconds: 20.0,
        }
    }
}

impl TranscribeLimits {
    /// Those of one file.
    pub fn media(&self) -> MediaLimits {
        MediaLimits { max_file_bytes: self.bytes, max_channels: self.channels }
    }

    /// What a job reads besides its own files.
    pub fn reads(&self) -> Vec<PathBuf> {
        std::iter::once(self.models.clone()).chain(self.model_file.clone()).collect()
    }
}

impl Default for TranscribeLimits {
    fn default() -> Self {
        Self {
            bytes: 8 << 30,
            seconds: 12.0 * 3600.0,
            channels: 8,
            models: PathBuf::from(esteira_models::FOLDER),
            model_file: None,
            english_model: "tiny.en".to_owned(),
            model: "base".to_owned(),
            chunk_seconds: 28.0,
            states: 4,
            voice: 0.5,
            no_speech: 0.6,
            doubtful: -1.0,
            vocabulary_words: 100,
            vocabulary_characters: 1_000,
            aws: AwsLimits::default(),
        }
    }
}
