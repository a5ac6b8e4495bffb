//! What does Whisper write of a chunk? Lines of tokens with their times, as it says it; what to believe is decided later.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use esteira_engine::job::KindError;
use serde::{Deserialize, Serialize};
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperState, WhisperTokenId};

use super::chunk::Chunk;

/// Steps of the encoder a second, and those that it always gets besides: with none, the last word is lost.
const STEPS_A_SECOND: f64 = 50.0;
const SPARE_STEPS: f64 = 64.0;
const MOST_STEPS: f64 = 1_500.0;
/// Their number is a multiple of this, where ggml has its quick products of matrices.
const BLOCK_STEPS: f64 = 16.0;
/// whisper.cpp counts hundredths of a second.
const TICKS: f64 = 100.0;
/// Sound shorter than this is padded: whisper.cpp hears nothing in less than a second.
const LEAST_SAMPLES: usize = 17_600;

/// The languages of Whisper, and the tokens of a model that knows all but the last.
const LANGUAGES: usize = 100;
const TOKENS_WITHOUT_CANTONESE: i32 = 51_865;

/// What Whisper is told for a whole job.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its code of the language.
    pub language: String,
    /// The mean logarithm of probabilities below which it tries again.
    pub doubtful: f32,
    /// The probability of silence from which on a doubtful text is none.
    pub no_speech: f32,
}

/// A line, as Whisper cuts them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Seconds of the chunk.
    pub start: f64,
    /// Seconds of the chunk.
    pub end: f64,
    /// How likely it is that nobody speaks.
    pub no_speech: f32,
    /// What it is made of.
    pub tokens: Vec<Token>,
}

/// A piece of a word, or a word.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// Bytes of UTF-8; a letter may be spread over several tokens.
    pub bytes: Vec<u8>,
    /// Seconds of the chunk.
    pub start: f64,
    /// Seconds of the chunk.
    pub end: f64,
    /// How sure it is, from 0 to 1.
    pub probability: f32,
}

/// One of the states that hear side by side.
pub struct Listener {
    state: WhisperState,
    end_of_text: WhisperTokenId,
    /// Languages that the model knows.
    languages: usize,
}

impl Listener {
    /// A state of its own on the shared weights.
    pub fn new(context: &WhisperContext) -> Result<Self, KindError> {
        let state = context.create_state().map_err(|_| failed("no state could be made"))?;
        let languages = if knows_cantonese(context) { LANGUAGES } else { LANGUAGES - 1 };
        Ok(Self { state, end_of_text: context.token_eot(), languages })
    }

    /// Writes down a chunk. `stop` ends it before it is done.
    pub fn hear(
        &mut self,
        chunk: &Chunk,
        told: &Told,
        prompt: &[WhisperTokenId],
        stop: &Arc<AtomicBool>,
    ) -> Result<Vec<Line>, KindError> {
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        // One thread a state: two that wait for each other on busy cores took five times the processor.
        parameters.set_n_threads(1);
        parameters.set_language(Some(&told.language));
        parameters.set_no_context(true);
        parameters.set_tokens(prompt);
        parameters.set_token_timestamps(true);
        parameters.set_suppress_blank(true);
        parameters.set_suppress_nst(true);
        parameters.set_temperature(0.0);
        // No further tries by chance: what comes out must be the same in every attempt, and `doubt` sorts it out.
        parameters.set_temperature_inc(0.0);
        parameters.set_logprob_thold(told.doubtful);
        parameters.set_no_speech_thold(told.no_speech);
        parameters.set_audio_ctx(steps(chunk.seconds()));
        for printed in [
            FullParams::set_print_special,
            FullParams::set_print_progress,
            FullParams::set_print_realtime,
            FullParams::set_print_timestamps,
        ] {
            printed(&mut parameters, false);
        }
        // whisper-rs calls the closure through the type that it was given, and keeps it in a box: only a box of that very
        // type is called rightly.
        let stop = Arc::clone(stop);
        let is_over: Box<dyn FnMut() -> bool> = Box::new(move || stop.load(Ordering::Relaxed));
        parameters.set_abort_callback_safe(is_over);
        let padded: Vec<f32>;
        let samples = if chunk.samples.len() < LEAST_SAMPLES {
            padded =
                chunk.samples.iter().copied().chain(std::iter::repeat(0.0)).take(LEAST_SAMPLES).collect();
            &padded
        } else {
            &chunk.samples
        };
        self.state.full(parameters, samples).map_err(|_| failed("the model gave up"))?;
        Ok(self.state.as_iter().map(|segment| self.line(&segment)).collect())
    }

    /// Which language is spoken: how likely each of Whisper's is, in its own order.
    pub fn languages(&mut self, chunk: &Chunk) -> Result<Vec<f32>, KindError> {
        self.state.pcm_to_mel(&chunk.samples, 1).map_err(|_| failed("no spectrum could be made"))?;
        let (_, mut likely) =
            self.state.lang_detect(0, 1).map_err(|_| failed("the language cannot be told"))?;
        // In the place of one that the model does not know stands another mark.
        likely.truncate(self.languages);
        Ok(likely)
    }

    fn line(&self, segment: &whisper_rs::WhisperSegment<'_>) -> Line {
        let tokens = (0..segment.n_tokens()).filter_map(|number| segment.get_token(number));
        // What comes after the end of text are marks: of languages, of instants.
        let tokens = tokens.filter(|token| token.token_id() < self.end_of_text).map(|token| {
            let data = token.token_data();
            Token {
                bytes: token.to_bytes().unwrap_or_default().to_vec(),
                start: seconds(data.t0),
                end: seconds(data.t1),
                probability: token.token_probability(),
            }
        });
        Line {
            start: seconds(segment.start_timestamp()),
            end: seconds(segment.end_timestamp()),
            no_speech: segment.no_speech_probability(),
            tokens: tokens.collect(),
        }
    }
}

/// Whether a model has a mark for Cantonese, the last of Whisper's languages, as those with one more token have.
pub fn knows_cantonese(context: &WhisperContext) -> bool {
    context.is_multilingual() && context.n_vocab() > TOKENS_WITHOUT_CANTONESE
}

/// The steps of the encoder for so many seconds: what lies beyond the sound costs as much as sound.
#[expect(clippy::cast_possible_truncation, reason = "1,500 at most")]
fn steps(seconds: f64) -> i32 {
    let blocks = ((seconds * STEPS_A_SECOND + SPARE_STEPS) / BLOCK_STEPS).ceil();
    (blocks * BLOCK_STEPS).min(MOST_STEPS) as i32
}

#[expect(clippy::cast_precision_loss, reason = "hundredths of half a minute")]
fn seconds(ticks: i64) -> f64 {
    ticks as f64 / TICKS
}

fn failed(what: &str) -> KindError {
    KindError::retry("whisper_failed", format!("the local engine: {what}"))
}
