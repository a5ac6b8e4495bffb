//! How does the `captions` section become cues? Read, shifted, tidied, broken into lines, cut to the video.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use esteira_engine::job::KindError;

use super::cue::Cue;
use super::input::Captions;
use super::limits::CaptionLimits;
use super::parse::{BadCaptions, parse};
use super::text::clean;
use super::tidy::tidy;
use super::wrap::wrap;

/// The cues of the section, ready to be drawn, written and muxed: in order, apart, lines broken, and
/// none beyond `end_ms`, the length of the video. `base` is the section's own pointer, e.g.
/// `/captions`; `file` finds a staged file by its name.
///
/// # Errors
/// `captions_unreadable`, naming the cue and its line or second.
pub fn load(
    captions: &Captions,
    base: &str,
    file: &dyn Fn(&str) -> Result<PathBuf, KindError>,
    end_ms: u64,
    limits: &CaptionLimits,
) -> Result<Vec<Cue>, KindError> {
    let (cues, place) = match (&captions.source, &captions.cues) {
        (Some(source), _) => {
            let place = format!("{base}/source");
            let bytes = read(&file(source)?, &place, limits)?;
            (parse(&bytes, limits).map_err(|error| unreadable(&place, &error))?, place)
        }
        (None, Some(listed)) => {
            let cues = listed.iter().map(|cue| Cue {
                start: milliseconds(cue.start),
                end: milliseconds(cue.end),
                text: clean(&cue.text),
            });
            (cues.collect(), format!("{base}/cues"))
        }
        (None, None) => (Vec::new(), base.to_owned()),
    };
    let tidied = tidy(cues, captions.overlap).map_err(|error| unreadable(&place, &error))?;
    let shifted = tidied.into_iter().map(|cue| shift(cue, captions.shift));
    let broken = shifted.flat_map(|cue| wrap(&cue, &captions.lines));
    Ok(broken
        .filter(|cue| cue.start < end_ms)
        .map(|cue| Cue { end: cue.end.min(end_ms), ..cue })
        .filter(|cue| cue.end > cue.start)
        .collect())
}

/// At most one byte more than is allowed, which the parser then refuses.
fn read(path: &Path, place: &str, limits: &CaptionLimits) -> Result<Vec<u8>, KindError> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(limits.max_bytes + 1).read_to_end(&mut bytes))
        .map_err(|error| KindError::retry("work_dir_unreadable", format!("{place}: {}", error.kind())))?;
    Ok(bytes)
}

fn shift(cue: Cue, seconds: f64) -> Cue {
    let moved = |ms: u64| {
        let by = milliseconds(seconds.abs());
        if seconds < 0.0 { ms.saturating_sub(by) } else { ms.saturating_add(by) }
    };
    Cue { start: moved(cue.start), end: moved(cue.end), text: cue.text }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and negative seconds were refused"
)]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

fn unreadable(place: &str, error: &BadCaptions) -> KindError {
    KindError::fail("captions_unreadable", format!("{place}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(json: &str, content: &str, end_ms: u64) -> Result<Vec<Cue>, KindError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("0");
        fs::write(&path, content).unwrap();
        let captions: Captions = serde_json::from_str(json).unwrap();
        load(&captions, "/captions", &|_| Ok(path.clone()), end_ms, &CaptionLimits::default())
    }

    const FILE: &str = "1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:03,000 --> 00:00:09,000\nb\n";

    #[test]
    fn a_file_is_cut_to_the_video() {
        let cues = loaded(r#"{"source":"u"}"#, FILE, 4000).unwrap();
        assert_eq!(cues, [Cue::new(1000, 2000, "a"), Cue::new(3000, 4000, "b")]);
    }

    #[test]
    fn captions_are_shifted_both_ways() {
        let later = loaded(r#"{"source":"u","shift":0.5}"#, FILE, 20_000).unwrap();
        assert_eq!(later[0], Cue::new(1500, 2500, "a"));
        let sooner = loaded(r#"{"source":"u","shift":-2}"#, FILE, 20_000).unwrap();
        assert_eq!(sooner, [Cue::new(1000, 7000, "b")]);
    }

    #[test]
    fn listed_cues_are_taken_as_plain_text() {
        let cues =
            loaded(r#"{"cues":[{"start":0.5,"end":1.25,"text":"<b> & so\n\non"}]}"#, "", 5000).unwrap();
        assert_eq!(cues, [Cue::new(500, 1250, "<b> & so\non")]);
    }

    #[test]
    fn faults_name_their_place_and_cannot_be_retried() {
        let error = loaded(r#"{"source":"u","overlap":"refuse"}"#, &FILE.replace("09,000", "00,500"), 9000)
            .unwrap_err();
        assert_eq!((error.code.as_str(), error.retryable), ("captions_unreadable", false));
        assert!(error.message.starts_with("/captions/source: cue 2: "), "{error}");
    }
}
