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
use super::crew::{Crew, Heard};
use super::decode::Recording;
use super::kept::{self, KeptLanguage};
use super::language::Ear;
use super::model::Model;
use super::progress::Progress;
use super::text::Text;
use super::voice::Voice;
use super::whisper::{Listener, Told};

/// Tokens of a vocabulary that Whisper remembers.
const PROMPT_TOKENS: usize = 220;

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
        let mut session = Session {
            scope,
            briefing: &briefing,
            model: &model,
            input,
            limits,
            voices: voices(recording.channels(), limits),
            numbered: 0,
            waiting: Vec::new(),
            listener: Some(listener),
            ear: Ear::new(),
            language: kept::language(work, &model.sha256)?,
            crew: None,
            text: Text::new(input.channels == Channels::Separate),
            progress: Progress::new(info.seconds),
        };
        let end = recording.hear(&mut |planes| session.hear(planes, work))?;
        session.finish(work)?;
        let (text, language) = (session.text, session.language);
        let mut transcript = text.into_transcript();
        transcript.duration = seconds(usize::try_from(end.samples).unwrap_or(usize::MAX));
        if end.damaged > 0 {
            let message = format!("{} packets of the sound could not be decoded", end.damaged);
            transcript.warnings.push(Warning::new("damaged", message));
        }
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
    crew: Option<Crew<'scope>>,
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
        if self.crew.is_none()
            && self.waiting.is_empty()
            && let Some((voice, _)) = self.voices.first()
        {
            self.progress.pass(seconds(voice.frames() * super::voice::FRAME));
        }
        self.progress.live(work)
    }

    /// Ends every channel and waits for the last chunk.
    fn finish(&mut self, work: &mut WorkDir) -> Result<(), KindError> {
        let mut chunks = Vec::new();
        for (voice, packer) in &mut self.voices {
            if let Some(stretch) = voice.finish() {
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
        while let Some(crew) = &mut self.crew {
            let progress = &mut self.progress;
            match crew.rest(&mut || progress.live(work))? {
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
                let found = self.ear.found(&self.model.sha256);
                kept::keep_language(work, &found)?;
                let code = found.code.clone();
                self.language = Some(found);
                code
            }
        };
        let Some(listener) = self.listener.take() else { return Ok(()) };
        let briefing = self.briefing.get_or_init(|| brief(self.input, self.limits, self.model, code));
        self.crew = Some(Crew::hire(
            self.scope,
            listener,
            work.parallelism(),
            &self.model.context,
            &briefing.told,
            &briefing.prompt,
        )?);
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
                let progress = &mut self.progress;
                crew.give(chunk, &mut || progress.live(work))?;
            }
        }
        while let Some(heard) = self.crew.as_mut().map_or(Ok(None), Crew::ready)? {
            self.heard(&heard, work)?;
        }
        Ok(())
    }

    /// Takes what was said in the next chunk.
    fn heard(&mut self, heard: &Heard, work: &mut WorkDir) -> Result<(), KindError> {
        let Some(briefing) = self.briefing.get() else { return Ok(()) };
        if !heard.found {
            let by = (self.model.sha256.as_str(), briefing.told.language.as_str());
            kept::keep_lines(work, heard.chunk.number, &heard.chunk.pieces, by, &heard.lines)?;
        }
        self.text.add(heard, &briefing.told);
        self.progress.reach(heard.chunk.end(), heard.found, work)
    }
}

fn brief(input: &Input, limits: &TranscribeLimits, model: &Model, language: String) -> Briefing {
    let told = Told { language, doubtful: limits.doubtful, no_speech: limits.no_speech };
    let prompt = match &input.vocabulary {
        Some(Vocabulary::Words(words)) => {
            let text = format!(" {}.", words.join(", "));
            // A token has a byte at least.
            model.context.tokenize(&text, text.len() + 1).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    Briefing { told, prompt: prompt.into_iter().take(PROMPT_TOKENS).collect() }
}
