//! Which language is spoken? Whisper is asked about the first chunks, until it is sure.

use esteira_engine::job::KindError;

use super::super::input::language_code;
use super::chunk::Chunk;
use super::kept::KeptLanguage;
use super::whisper::Listener;

/// Chunks that are listened to at most: jingles come first.
pub const CHUNKS: usize = 3;
/// From which probability on it is sure.
const SURE: f64 = 0.7;
/// Seconds of speech that tell a language.
const ENOUGH: f64 = 3.0;

/// Listens until the language is known.
pub struct Ear {
    /// How likely each language is, added up over the chunks by their length.
    sums: Vec<f64>,
    weight: f64,
    chunks: usize,
}

impl Ear {
    /// Nothing was heard yet.
    pub fn new() -> Self {
        Self { sums: Vec::new(), weight: 0.0, chunks: 0 }
    }

    /// Listens to a chunk; answers whether no further one is needed.
    pub fn listen(&mut self, listener: &mut Listener, chunk: &Chunk) -> Result<bool, KindError> {
        self.add(&listener.languages(chunk)?, chunk.seconds());
        Ok(self.is_done())
    }

    fn add(&mut self, likely: &[f32], seconds: f64) {
        self.sums.resize(likely.len().max(self.sums.len()), 0.0);
        for (sum, likely) in self.sums.iter_mut().zip(likely) {
            *sum += f64::from(*likely) * seconds;
        }
        self.weight += seconds;
        self.chunks += 1;
    }

    fn is_done(&self) -> bool {
        let sure = self.best().is_some_and(|(_, confidence)| confidence >= SURE);
        (sure && self.weight >= ENOUGH) || self.chunks >= CHUNKS
    }

    fn best(&self) -> Option<(usize, f64)> {
        let (best, sum) = self.sums.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        (self.weight > 0.0).then_some((best, sum / self.weight))
    }

    /// What was found; English where nothing was heard at all.
    pub fn found(&self, model: &str, source: &str) -> KeptLanguage {
        let (best, confidence) = self.best().unwrap_or_default();
        let code = language_code(best).to_owned();
        KeptLanguage { source: source.to_owned(), model: model.to_owned(), code, confidence }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sure_chunk_is_enough_and_doubtful_ones_are_added_up() {
        let (english, portuguese) = (0, 8);
        let mut likely = vec![0.0; 100];
        likely[portuguese] = 0.95;
        let mut ear = Ear::new();
        ear.add(&likely, 20.0);
        assert!(ear.is_done());
        assert_eq!(ear.found("m", "s").code, "pt");
        let mut ear = Ear::new();
        for (language, likely_as, seconds) in
            [(english, 0.5_f32, 2.0), (portuguese, 0.6, 20.0), (portuguese, 0.6, 20.0)]
        {
            assert!(!ear.is_done());
            let mut likely = vec![0.0; 100];
            likely[language] = likely_as;
            ear.add(&likely, seconds);
        }
        assert!(ear.is_done());
        assert_eq!(ear.found("m", "s").code, "pt");
    }
}
