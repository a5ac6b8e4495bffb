//! How is one recording heard, from its first second to its last?

use std::sync::OnceLock;
use std::thread::Scope;

use esteira_engine::child::WorkDir;
use esteira_engine::job::KindError;
use whisper_rs::WhisperTokenId;

use super::super::input::{Channels, Input, Language, Vocabulary, tag_of};
use super::super::limits::TranscribeLimits;
use super::super::source::source;
use super::super::transcript::{Engine, Transcript, Warning};
use super::chunk::{Chunk, Packer, longest, seconds};
use super::crew::{Crew, Desk, Heard};
use super::decode::{End, Recording};
use super::kept::{self, KeptLanguage};
use super::language::Ear;
use super::model::Model;
use super::progress::Progress;
use super::states::Room;
use super::text::Text;
use super::voice::{FRAME, Voice};
use super::whisper::{Listener, Told, knows_cantonese};

/// Tokens of a vocabulary that Whisper remembers.
const PROMPT_TOKENS: usize = 220;
/// The share of what the container tells that must have been heard, and the seconds that may be missing in any case.
const WHOLE: f64 = 0.98;
const NEARLY: f64 = 1.0;

/// What every state is told before it begins.
struct Briefing {
    told: Told,
    prompt: Vec<WhisperTokenId>,
}

/// Hears a recording.
///
/// # Errors
/// When the file or the model cannot be used, or the job is to stop.
pub fn transcribe(
    input: &Input,
    limits: &TranscribeLimits,
    work: &mut WorkDir,
) -> Result<Transcript, KindError> {
    let path = work.file(&input.source)?;
    work.progress(0.0, "opening", "")?;
    let recording = Recording::open(&path, input, limits)?;
    let info = recording.info().clone();
    let source = source(&path, &info)?;
    let model = Model::load(input, limits)?;
    let briefing = OnceLock::new();
    let listener = Listener::new(&model.context)?;
    let (mut transcript, language) = std::thread::scope(|scope| {
        let language = kept::language(work, &model.sha256, &source.sha256)?;
        let mut session = Session {
            scope,
            briefing: &briefing,
            model: &model,
            input,
            limits,
            source: &source.sha256,
            voices: voices(recording.channels(), limits),
            numbered: 0,
            waiting: Vec::new(),
            listener: Some(listener),
            ear: Ear::new(),
            language,
            crew: None,
            warnings: Vec::new(),
            text: Text::new(input.channels == Channels::Separate),
            progress: Progress::new(info.seconds),
        };
        let end = recording.hear(&mut |planes| session.hear(planes, work))?;
        session.finish(work)?;
        let Session { text, language, warnings, .. } = session;
        let mut transcript = text.into_transcript();
        transcript.duration = seconds(usize::try_from(end.samples).unwrap_or(usize::MAX));
        transcript.warnings.extend(warnings);
        transcript.warnings.extend(flaws(&end, transcript.duration, info.seconds));
        Ok::<_, KindError>((transcript, language))
    })?;
    transcript.source = source;
    transcript.engine =
        Engine { name: "local".to_owned(), model: model.name, model_sha256: Some(model.sha256) };
    match (&input.language, language.filter(|_| transcript.speech)) {
        (Language::Tag(tag), _) => transcript.language = Some(tag.clone()),
        (Language::Auto, Some(found)) => {
            transcript.language = Some(tag_of(&found.code).to_owned());
            transcript.language_confidence = Some(found.confidence);
        }
        (Language::Auto, None) => {}
    }
    if !transcript.speech {
        transcript.warnings.push(Warning::new("no_speech", "nobody speaks in this recording"));
    }
    Ok(transcript)
}

/// What the file lacks, or tells wrongly.
fn flaws(end: &End, heard: f64, told: f64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if end.damaged > 0 {
        let message = format!("{} packets of the sound could not be decoded", end.damaged);
        warnings.push(Warning::new("damaged", message));
    }
    if end.jumps > 0 {
        let message = format!(
            "the file's clock was set anew {} times: times after that count from what came before",
            end.jumps
        );
        warnings.push(Warning::new("clock", message));
    }
    if heard < WHOLE * told && heard < told - NEARLY {
        let message = format!(
            "the file says that it lasts {told:.1} s, and {heard:.1} s could be heard: it may be cut off"
        );
        warnings.push(Warning::new("cut_off", message));
    }
    warnings
}

fn voices(channels: usize, limits: &TranscribeLimits) -> Vec<(Voice, Packer)> {
    let voice = |channel| {
        let seconds = limits.chunk_seconds;
        (Voice::new(limits.voice, longest(seconds)), Packer::new(channel, seconds))
    };
    (0..channels).map(voice).collect()
}

struct Session<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    briefing: &'env OnceLock<Briefing>,
    model: &'env Model,
    input: &'env Input,
    limits: &'env TranscribeLimits,
    /// The sum of the recording.
    source: &'env str,
    /// Of each channel.
    voices: Vec<(Voice, Packer)>,
    /// Chunks so far.
    numbered: usize,
    /// Chunks that were listened to for their language.
    waiting: Vec<Chunk>,
    /// The first state, until the crew has it.
    listener: Option<Listener>,
    ear: Ear,
    language: Option<KeptLanguage>,
    crew: Option<Crew<'scope, 'env>>,
    warnings: Vec<Warning>,
    text: Text,
    progress: Progress,
}

impl Session<'_, '_> {
    /// Takes a stretch of every channel.
    fn hear(&mut self, planes: &[&[f32]], work: &mut WorkDir) -> Result<(), KindError> {
        let mut chunks = Vec::new();
        for ((voice, packer), plane) in self.voices.iter_mut().zip(planes) {
            for stretch in voice.push(plane) {
                chunks.extend(packer.push(stretch));
            }
            chunks.extend(packer.rest(voice.quiet_since()));
        }
        for chunk in chunks {
            self.chunk(chunk, work)?;
        }
        self.collect(work)?;
        let idle = self.crew.as_ref().is_none_or(Crew::is_idle) && self.waiting.is_empty();
        if idle && let Some((voice, _)) = self.voices.first() {
            self.progress.pass(seconds(voice.frames() * FRAME));
        }
        self.progress.live(work)
    }

    /// Ends every channel and waits for the last chunk.
    fn finish(&mut self, work: &mut WorkDir) -> Result<(), KindError> {
        let mut chunks = Vec::new();
        for (voice, packer) in &mut self.voices {
            for stretch in voice.finish() {
                chunks.extend(packer.push(stretch));
            }
            chunks.extend(packer.finish());
        }
        for chunk in chunks {
            self.chunk(chunk, work)?;
        }
        if self.crew.is_none() && !self.waiting.is_empty() {
            self.begin(work)?;
        }
        while let (Some(crew), Some(briefing)) = (&mut self.crew, self.briefing.get()) {
            let (progress, by) = (&mut self.progress, (self.model, briefing));
            match crew.rest(&mut |done| kept_or_alive(done, by, progress, work))? {
                Some(heard) => self.heard(&heard, work)?,
                None => break,
            }
        }
        Ok(())
    }

    /// Takes the next chunk.
    fn chunk(&mut self, chunk: Chunk, work: &mut WorkDir) -> Result<(), KindError> {
        let chunk = Chunk { number: self.numbered, ..chunk };
        self.numbered += 1;
        if self.crew.is_some() {
            return self.give(chunk, work);
        }
        let known = self.input.language != Language::Auto || self.language.is_some();
        let done = match &mut self.listener {
            Some(listener) if !known => self.ear.listen(listener, &chunk)?,
            _ => true,
        };
        self.waiting.push(chunk);
        if done { self.begin(work) } else { self.progress.live(work) }
    }

    /// The language is known: everybody begins.
    fn begin(&mut self, work: &mut WorkDir) -> Result<(), KindError> {
        let code = match (self.input.language.for_whisper(), &self.language) {
            (Some(code), _) => code.to_owned(),
            (None, Some(found)) => found.code.clone(),
            (None, None) => {
                let found = self.ear.found(&self.model.sha256, self.source);
                kept::keep_language(work, &found)?;
                let code = found.code.clone();
                self.language = Some(found);
                code
            }
        };
        let Some(listener) = self.listener.take() else { return Ok(()) };
        let context = &self.model.context;
        // Models before the third large one wrote Cantonese down as Chinese.
        let code = if code == "yue" && !knows_cantonese(context) { "zh".to_owned() } else { code };
        let warnings = &mut self.warnings;
        let briefing =
            self.briefing.get_or_init(|| brief(self.input, self.limits, self.model, code, warnings));
        let room = Room {
            threads: work.parallelism(),
            states: self.limits.states,
            memory: work.memory(),
            model: self.model.bytes,
            width: u64::try_from(context.model_n_audio_state()).unwrap_or_default(),
        };
        let desk = Desk { context, told: &briefing.told, prompt: &briefing.prompt };
        self.crew = Some(Crew::hire(self.scope, listener, room.states(), desk));
        for chunk in std::mem::take(&mut self.waiting) {
            self.give(chunk, work)?;
        }
        Ok(())
    }

    /// Has a chunk heard, unless an earlier attempt has.
    fn give(&mut self, chunk: Chunk, work: &mut WorkDir) -> Result<(), KindError> {
        let (Some(crew), Some(briefing)) = (&mut self.crew, self.briefing.get()) else { return Ok(()) };
        let language = &briefing.told.language;
        match kept::lines(work, &chunk, &self.model.sha256, language)? {
            Some(lines) => crew.put(chunk, lines),
            None => {
                let (progress, by) = (&mut self.progress, (self.model, briefing));
                crew.give(chunk, &mut |done| kept_or_alive(done, by, progress, work))?;
            }
        }
        self.collect(work)
    }

    /// Takes what was heard meanwhile, as far as it is next.
    fn collect(&mut self, work: &mut WorkDir) -> Result<(), KindError> {
        while let (Some(crew), Some(briefing)) = (&mut self.crew, self.briefing.get()) {
            let (progress, by) = (&mut self.progress, (self.model, briefing));
            match crew.ready(&mut |done| kept_or_alive(done, by, progress, work))? {
                Some(heard) => self.heard(&heard, work)?,
                None => break,
            }
        }
        Ok(())
    }

    /// Takes what was said in the next chunk.
    fn heard(&mut self, heard: &Heard, work: &mut WorkDir) -> Result<(), KindError> {
        let Some(briefing) = self.briefing.get() else { return Ok(()) };
        self.text.add(heard, &briefing.told);
        self.progress.reach(heard.chunk.end(), heard.found, work)
    }
}

/// Keeps a chunk that is done, so that no other attempt hears it; while none is, tells that the job lives.
fn kept_or_alive(
    done: Option<&Heard>,
    (model, briefing): (&Model, &Briefing),
    progress: &mut Progress,
    work: &mut WorkDir,
) -> Result<(), KindError> {
    match done {
        Some(Heard { chunk, lines, .. }) => {
            let by = (model.sha256.as_str(), briefing.told.language.as_str());
            kept::keep_lines(work, chunk.number, &chunk.pieces, by, lines)
        }
        None => progress.live(work),
    }
}

fn brief(
    input: &Input,
    limits: &TranscribeLimits,
    model: &Model,
    language: String,
    warnings: &mut Vec<Warning>,
) -> Briefing {
    let told = Told { language, doubtful: limits.doubtful, no_speech: limits.no_speech };
    let mut prompt = match &input.vocabulary {
        Some(Vocabulary::Words(words)) => {
            let text = format!(" {}.", words.join(", "));
            // A token has a byte at least.
            model.context.tokenize(&text, text.len() + 1).unwrap_or_else(|error| {
                let message = format!("the vocabulary was not used: the model does not read it: {error}");
                warnings.push(Warning::new("vocabulary", message));
                Vec::new()
            })
        }
        _ => Vec::new(),
    };
    if prompt.len() > PROMPT_TOKENS {
        prompt.truncate(PROMPT_TOKENS);
        let message = "the vocabulary is longer than the model remembers: its last words were not used";
        warnings.push(Warning::new("vocabulary", message));
    }
    Briefing { told, prompt }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_that_ends_before_its_end_is_told() {
        let codes = |end: &End, heard, told| {
            flaws(end, heard, told).into_iter().map(|warning| warning.code).collect::<Vec<_>>()
        };
        let end = End { samples: 0, damaged: 0, jumps: 0 };
        assert_eq!(codes(&end, 97.0, 100.0), ["cut_off"]);
        assert_eq!(codes(&End { damaged: 1, jumps: 1, ..end }, 99.0, 100.0), ["damaged", "clock"]);
        assert!(codes(&end, 0.5, 1.0).is_empty() && codes(&end, 5.0, 0.0).is_empty());
    }
}
