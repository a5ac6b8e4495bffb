//! Is the `audio` section sound in itself? Every fault that shows without a file, by its pointer.

use std::ops::RangeInclusive;

use esteira_engine::job::InputError;

use super::input::{Audio, Ducking, Loudness, Music, Narration};
use super::limits::SoundLimits;
use super::speech::is_voice_name;
use crate::video::faults::Faults;

/// A day: no instant of a video lies beyond it, whatever the operator's own limits are.
const LAST_SECOND: f64 = 86_400.0;

/// Every fault that the section alone shows; `base` is its own pointer, e.g. `/audio`.
#[must_use]
pub fn check(audio: &Audio, base: &str, limits: &SoundLimits) -> Vec<InputError> {
    let mut faults = Faults::default();
    if let Some(music) = &audio.music {
        faults.music(music, &format!("{base}/music"));
    }
    let many = audio.narration.len();
    if many > limits.max_narrations {
        let most = limits.max_narrations;
        faults.add(format!("{base}/narration"), format!("{many} parts are given; {most} are allowed"));
    }
    for (index, part) in audio.narration.iter().enumerate().take(limits.max_narrations) {
        faults.narration(part, &format!("{base}/narration/{index}"), limits);
    }
    let chars: usize =
        audio.narration.iter().filter_map(|p| p.text.as_ref()).map(|t| t.chars().count()).sum();
    if chars > limits.max_total_text_chars {
        let most = limits.max_total_text_chars;
        faults.add(
            format!("{base}/narration"),
            format!("the texts have {chars} characters together; {most} are allowed"),
        );
    }
    faults.ducking(&audio.ducking, &format!("{base}/ducking"));
    faults.loudness(&audio.loudness, &format!("{base}/loudness"));
    faults.into_told()
}

/// The file names in the section, each with its pointer.
#[must_use]
pub fn sources<'a>(audio: &'a Audio, base: &str) -> Vec<(String, &'a str)> {
    let music = audio.music.iter().map(|m| (format!("{base}/music/source"), m.source.as_str()));
    let parts = audio.narration.iter().enumerate().filter_map(|(index, part)| {
        Some((format!("{base}/narration/{index}/source"), part.source.as_deref()?))
    });
    music.chain(parts).collect()
}

impl Faults {
    fn within(&mut self, pointer: String, value: f64, range: RangeInclusive<f64>) {
        if !range.contains(&value) {
            let (least, most) = range.into_inner();
            self.add(pointer, format!("{value} is not between {least} and {most}"));
        }
    }

    fn music(&mut self, music: &Music, at: &str) {
        self.within(format!("{at}/volume"), music.volume, 0.0..=4.0);
        self.within(format!("{at}/crossfade"), music.crossfade, 0.0..=10.0);
        for (field, value) in [
            ("start", music.start),
            ("trim_start", music.trim_start),
            ("fade_in", music.fade_in),
            ("fade_out", music.fade_out),
        ] {
            self.within(format!("{at}/{field}"), value, 0.0..=LAST_SECOND);
        }
        if let Some(length) = music.length {
            self.within(format!("{at}/length"), length, 0.001..=LAST_SECOND);
        }
    }

    fn narration(&mut self, part: &Narration, at: &str, limits: &SoundLimits) {
        match (&part.source, &part.text) {
            (Some(_), Some(_)) => self.add(at, "give `source` or `text`, not both"),
            (None, None) => self.add(at, "give `source` (a recording) or `text` (to be spoken)"),
            (None, Some(text)) => self.words(text, at, limits),
            (Some(_), None) => {}
        }
        if !is_voice_name(&part.voice) {
            self.add(format!("{at}/voice"), "a voice is a language tag, such as \"pt-br\" or \"en\"");
        }
        self.within(format!("{at}/rate"), part.rate, 0.5..=2.5);
        self.within(format!("{at}/pitch"), f64::from(part.pitch), 0.0..=100.0);
        self.within(format!("{at}/volume"), part.volume, 0.0..=4.0);
        self.within(format!("{at}/gap"), part.gap, 0.0..=LAST_SECOND);
        if let Some(start) = part.start {
            self.within(format!("{at}/start"), start, 0.0..=LAST_SECOND);
        }
    }

    fn words(&mut self, text: &str, at: &str, limits: &SoundLimits) {
        let (chars, most) = (text.chars().count(), limits.max_text_chars);
        if text.trim().is_empty() {
            self.add(format!("{at}/text"), "there is nothing to say");
        } else if chars > most {
            self.add(format!("{at}/text"), format!("the text has {chars} characters; {most} are allowed"));
        }
    }

    fn ducking(&mut self, ducking: &Ducking, at: &str) {
        self.within(format!("{at}/threshold_db"), ducking.threshold_db, -60.0..=0.0);
        self.within(format!("{at}/ratio"), ducking.ratio, 1.0..=20.0);
        self.within(format!("{at}/attack_ms"), ducking.attack_ms, 1.0..=2000.0);
        self.within(format!("{at}/release_ms"), ducking.release_ms, 1.0..=9000.0);
    }

    fn loudness(&mut self, loudness: &Loudness, at: &str) {
        self.within(format!("{at}/target_lufs"), loudness.target_lufs, -40.0..=-9.0);
        self.within(format!("{at}/true_peak_dbtp"), loudness.true_peak_dbtp, -9.0..=0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Vec<String> {
        let audio: Audio = serde_json::from_str(json).unwrap();
        let limits = SoundLimits {
            max_text_chars: 20,
            max_total_text_chars: 30,
            max_narrations: 3,
            ..SoundLimits::default()
        };
        check(&audio, "/audio", &limits).into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_good_section_has_no_fault() {
        assert!(faults("{}").is_empty());
        assert!(
            faults(r#"{"music":{"source":"upload://x"},"narration":{"text":"Olá","voice":"pt-br"}}"#)
                .is_empty()
        );
    }

    #[test]
    fn every_fault_points_to_its_place() {
        for (json, pointer) in [
            (r#"{"music":{"source":"u","volume":-1}}"#, "/audio/music/volume"),
            (r#"{"music":{"source":"u","length":0}}"#, "/audio/music/length"),
            (r#"{"narration":{}}"#, "/audio/narration/0"),
            (r#"{"narration":[{"text":"a"},{"text":"a","source":"u"}]}"#, "/audio/narration/1"),
            (r#"{"narration":{"text":"  "}}"#, "/audio/narration/0/text"),
            (r#"{"narration":{"text":"a text that is too long"}}"#, "/audio/narration/0/text"),
            (r#"{"narration":{"text":"a","voice":"../x"}}"#, "/audio/narration/0/voice"),
            (r#"{"narration":{"text":"a","rate":9}}"#, "/audio/narration/0/rate"),
            (r#"{"narration":{"text":"a","start":-1}}"#, "/audio/narration/0/start"),
            (r#"{"narration":[{"text":"a"},{"text":"a"},{"text":"a"},{"text":"a"}]}"#, "/audio/narration"),
            (r#"{"ducking":{"ratio":0}}"#, "/audio/ducking/ratio"),
            (r#"{"loudness":{"target_lufs":3}}"#, "/audio/loudness/target_lufs"),
        ] {
            assert_eq!(faults(json), [pointer], "{json}");
        }
    }

    #[test]
    fn the_files_of_a_section_are_listed_with_their_places() {
        let audio: Audio = serde_json::from_str(
            r#"{"music":{"source":"upload://a"},"narration":[{"text":"x"},{"source":"upload://b"}]}"#,
        )
        .unwrap();
        assert_eq!(
            sources(&audio, "/audio"),
            [
                ("/audio/music/source".to_owned(), "upload://a"),
                ("/audio/narration/1/source".to_owned(), "upload://b")
            ]
        );
    }
}
