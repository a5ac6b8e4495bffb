//! Is an input sensible? Everything that it alone shows, against the operator's limits.

use esteira_engine::job::{CheckedInput, Faults, FileReference, FileUri, InputError};
use esteira_models::{KNOWN, Languages, known};

use super::super::limits::TranscribeLimits;
use super::engine::chosen;
use super::fields::{Channels, Input, Output, Vocabulary};
use super::language::Language;

/// Bytes of a reference to a file: the key of an object alone may have 1,024.
const SOURCE_BYTES: usize = 2_048;
const TRACKS: (u64, u64) = (1, 64);
const SPEAKERS: (u64, u64) = (2, 30);
const CHARACTERS: (u64, u64) = (10, 200);
const LINES: (u64, u64) = (1, 10);
const SECONDS: (f64, f64) = (1.0, 60.0);

/// Checks an input; answers the file that it names, and what may not be meant.
///
/// # Errors
/// Every fault, with its pointer.
pub fn check(input: &Input, limits: &TranscribeLimits) -> Result<CheckedInput, Vec<InputError>> {
    let mut faults = Faults::default();
    let file = check_source(&input.source, &mut faults);
    range("/track", input.track.map(u64::from), TRACKS, &mut faults);
    range("/max_speakers", input.max_speakers.map(u64::from), SPEAKERS, &mut faults);
    check_model(input, &mut faults);
    check_vocabulary(input, limits, &mut faults);
    check_subtitle(input, &mut faults);
    check_outputs(input, &mut faults);
    for (pointer, message) in chosen(input, limits).err().unwrap_or_default() {
        faults.add(pointer, message);
    }
    match file {
        Some(file) if faults.is_empty() => Ok(CheckedInput { files: vec![file], warnings: warnings(input) }),
        _ => Err(faults.into_told()),
    }
}

fn check_source(source: &str, faults: &mut Faults) -> Option<FileReference> {
    if source.len() > SOURCE_BYTES {
        faults.add("/source", format!("it has {} bytes; {SOURCE_BYTES} are allowed", source.len()));
        return None;
    }
    match source.parse::<FileUri>() {
        Ok(uri) => Some(FileReference { pointer: "/source".to_owned(), uri }),
        Err(error) => {
            faults.add("/source", error.to_string());
            None
        }
    }
}

fn check_model(input: &Input, faults: &mut Faults) {
    let Some(name) = &input.model else { return };
    let Some(model) = known(name) else {
        let names: Vec<&str> = KNOWN.iter().map(|model| model.name).collect();
        faults.add("/model", format!("there is no such model: one of {}", names.join(", ")));
        return;
    };
    let is_english = input.language.primary() == Some("en");
    if model.languages == Languages::English && !is_english {
        let message = match input.language {
            Language::Auto => {
                "it understands English alone: give \"language\": \"en\", or take another model"
            }
            Language::Tag(_) => "it understands English alone: take another model",
        };
        faults.add("/model", message);
    }
}

fn check_vocabulary(input: &Input, limits: &TranscribeLimits, faults: &mut Faults) {
    let Some(Vocabulary::Words(words)) = &input.vocabulary else { return };
    if words.is_empty() {
        faults.add("/vocabulary", "give at least one word, or leave it out");
    }
    if words.len() > limits.vocabulary_words {
        faults.add(
            "/vocabulary",
            format!("{} words are given; {} are allowed", words.len(), limits.vocabulary_words),
        );
        return;
    }
    let characters: usize = words.iter().map(|word| word.chars().count() + 2).sum();
    if characters > limits.vocabulary_characters {
        let most = limits.vocabulary_characters;
        faults.add("/vocabulary", format!("its words have {characters} characters; {most} are allowed"));
    }
    for (at, word) in words.iter().enumerate() {
        if word.trim().is_empty() || word.chars().any(char::is_control) {
            faults.add(format!("/vocabulary/{at}"), "it is no word");
        }
    }
}

fn check_subtitle(input: &Input, faults: &mut Faults) {
    let subtitle = &input.subtitle;
    range("/subtitle/characters", Some(subtitle.characters as u64), CHARACTERS, faults);
    range("/subtitle/lines", Some(subtitle.lines as u64), LINES, faults);
    let (least, most) = SECONDS;
    if !(least..=most).contains(&subtitle.seconds) {
        faults.add(
            "/subtitle/seconds",
            format!("{} is out of range: from {least} to {most}", subtitle.seconds),
        );
    }
}

fn range(pointer: &str, value: Option<u64>, (least, most): (u64, u64), faults: &mut Faults) {
    if let Some(value) = value
        && !(least..=most).contains(&value)
    {
        faults.add(pointer, format!("{value} is out of range: from {least} to {most}"));
    }
}

fn check_outputs(input: &Input, faults: &mut Faults) {
    no_twice("/outputs", &input.outputs, faults);
    no_twice("/redact", &input.redact, faults);
    if input.outputs.is_empty() && !input.index {
        faults.add("/outputs", "nothing would come of it: name an output, or let it be put into search");
    }
    if input.wants(Output::Audio) && input.redact.is_empty() {
        faults.add("/outputs", "\"audio\" is the sound without what \"redact\" names, which names nothing");
    }
    if input.max_speakers.is_some() && !input.diarize {
        faults.add("/max_speakers", "it counts for \"diarize\", which is off");
    }
    if input.diarize && input.channels == Channels::Separate {
        faults.add("/diarize", "channels that are heard apart are speakers already: take one of both");
    }
}

fn no_twice<T: PartialEq>(pointer: &str, items: &[T], faults: &mut Faults) {
    for (at, item) in items.iter().enumerate() {
        if faults.is_full() {
            return;
        }
        if items.iter().take(at).any(|before| before == item) {
            faults.add(format!("{pointer}/{at}"), "it is named before");
        }
    }
}

/// Things that will work and may not be meant.
fn warnings(input: &Input) -> Vec<String> {
    let mut warnings = Vec::new();
    let subtitles = input.wants(Output::Srt) || input.wants(Output::Vtt);
    if input.subtitle != super::fields::Subtitle::default() && !subtitles {
        warnings.push("subtitle counts for srt and vtt, which outputs does not name".to_owned());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use serde_json::{Value, json};

    fn checked(fields: &Value) -> Result<CheckedInput, Vec<InputError>> {
        let mut input = json!({"source": "upload://0192f0c1-2345-7abc-8def-000000000001"});
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        check(&read(&input).unwrap(), &TranscribeLimits::default())
    }

    #[test]
    fn a_good_input_names_its_file() {
        let input = json!({"language": "pt-BR", "vocabulary": ["Olinda"], "redact": ["cpf"],
            "outputs": ["json", "audio"], "channels": "separate"});
        let checked = checked(&input).unwrap();
        assert_eq!(checked.files.len(), 1);
        assert_eq!((checked.files[0].pointer.as_str(), checked.warnings), ("/source", Vec::new()));
    }

    #[test]
    fn every_fault_points_to_its_place() {
        for (fields, pointer) in [
            (json!({"source": "/etc/passwd"}), "/source"),
            (json!({"source": format!("s3://b/{}", "k".repeat(3_000))}), "/source"),
            (json!({"track": 0}), "/track"),
            (json!({"engine": "aws"}), "/engine"),
            (json!({"language": "tlh"}), "/language"),
            (json!({"model": "huge"}), "/model"),
            (json!({"model": "tiny.en"}), "/model"),
            (json!({"model": "tiny.en", "language": "pt"}), "/model"),
            (json!({"diarize": true}), "/diarize"),
            (json!({"max_speakers": 2}), "/max_speakers"),
            (json!({"vocabulary": "names"}), "/vocabulary"),
            (json!({"filter": {"name": "swearing"}}), "/filter"),
            (json!({"vocabulary": []}), "/vocabulary"),
            (json!({"vocabulary": ["a", " "]}), "/vocabulary/1"),
            (json!({"vocabulary": vec!["a"; 101]}), "/vocabulary"),
            (json!({"vocabulary": ["a".repeat(1_001)]}), "/vocabulary"),
            (json!({"redact": ["cpf", "cpf"]}), "/redact/1"),
            (json!({"subtitle": {"characters": 5}}), "/subtitle/characters"),
            (json!({"subtitle": {"lines": 11}}), "/subtitle/lines"),
            (json!({"subtitle": {"seconds": 0.5}}), "/subtitle/seconds"),
            (json!({"outputs": ["json", "json"]}), "/outputs/1"),
            (json!({"outputs": [], "index": false}), "/outputs"),
            (json!({"outputs": ["audio"]}), "/outputs"),
        ] {
            let faults = checked(&fields).unwrap_err();
            let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(pointers, [pointer], "{fields}");
        }
    }

    #[test]
    fn what_may_not_be_meant_is_a_warning() {
        let warned = checked(&json!({"subtitle": {"lines": 1}, "outputs": ["txt"]}));
        assert_eq!(warned.unwrap().warnings.len(), 1);
        assert!(checked(&json!({"outputs": []})).is_ok());
    }
}
