//! Which engine does a job? The one that it names, or one that can do what it asks; else what is in the way, field by field.

use super::super::aws::code_of;
use super::super::limits::TranscribeLimits;
use super::fields::{EngineChoice, Input, Vocabulary};
use super::language::Language;

/// Characters of a vocabulary's name at Amazon.
const NAME: std::ops::RangeInclusive<usize> = 1..=200;

/// Who hears a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// Whisper, in the child.
    Local,
    /// Amazon Transcribe.
    Aws,
}

/// What is in the way of an engine, by the pointer to its field.
pub type Refusals = Vec<(&'static str, String)>;

/// Chooses; the local engine wherever it can.
///
/// # Errors
/// What is in the way.
pub fn chosen(input: &Input, limits: &TranscribeLimits) -> Result<Chosen, Refusals> {
    let found = |refusals: Refusals, engine| if refusals.is_empty() { Ok(engine) } else { Err(refusals) };
    match input.engine {
        EngineChoice::Local => found(by_local(input), Chosen::Local),
        EngineChoice::Aws => found(by_aws(input, limits), Chosen::Aws),
        EngineChoice::Auto => match (by_local(input), by_aws(input, limits)) {
            (local, _) if local.is_empty() => Ok(Chosen::Local),
            (_, aws) if aws.is_empty() => Ok(Chosen::Aws),
            // What Amazon could do is of no use where nothing is given to it.
            (local, aws) if limits.aws.enabled => Err(local.into_iter().chain(aws).collect()),
            (local, _) => Err(local),
        },
    }
}

fn by_local(input: &Input) -> Refusals {
    let mut refusals = Vec::new();
    if input.diarize {
        let message = "the local engine does not tell voices apart; where each speaker has a channel of their own, \
                       take \"channels\": \"separate\"";
        refusals.push(("/diarize", message.to_owned()));
    }
    if let Language::Tag(tag) = &input.language
        && input.language.for_whisper().is_none()
    {
        refusals.push(("/language", format!("Whisper does not know the language {tag:?}")));
    }
    if matches!(input.vocabulary, Some(Vocabulary::Name(_))) {
        let message = "the local engine takes the words themselves: [\"Esteira\", \"Olinda\"]";
        refusals.push(("/vocabulary", message.to_owned()));
    }
    if input.filter.is_some() {
        let message =
            "Amazon Transcribe alone has filters of words; \"redact\" takes out numbers and addresses";
        refusals.push(("/filter", message.to_owned()));
    }
    refusals
}

fn by_aws(input: &Input, limits: &TranscribeLimits) -> Refusals {
    let mut refusals = Vec::new();
    let mut refuse = |pointer, message: &str| refusals.push((pointer, message.to_owned()));
    if !limits.aws.enabled {
        refuse("/engine", "this server gives nothing to Amazon Transcribe; take \"local\" or \"auto\"");
        return refusals;
    }
    if input.source.starts_with("https://") || input.source.starts_with("http://") {
        refuse("/source", "Amazon Transcribe reads what lies in S3 alone: upload it first");
    }
    if input.track.is_some() {
        refuse("/track", "Amazon Transcribe hears the first track and no other");
    }
    if input.model.is_some() {
        refuse("/model", "Amazon Transcribe has no models to choose from");
    }
    match (&input.vocabulary, &input.language) {
        (None, _) => {}
        (Some(Vocabulary::Words(_)), _) => {
            refuse("/vocabulary", "Amazon Transcribe takes the name of a vocabulary that it knows");
        }
        (Some(Vocabulary::Name(name)), _) if !is_name(name) => {
            refuse("/vocabulary", "a name has 1 to 200 letters, digits, points, _ and -");
        }
        (Some(Vocabulary::Name(_)), Language::Auto) => {
            refuse("/vocabulary", "a vocabulary is one of a language: say which in \"language\"");
        }
        (Some(Vocabulary::Name(name)), Language::Tag(_)) if !limits.aws.vocabularies.contains(name) => {
            refuse("/vocabulary", "this server offers no vocabulary of that name");
        }
        (Some(Vocabulary::Name(_)), Language::Tag(_)) => {}
    }
    if let Some(filter) = &input.filter {
        if !is_name(&filter.name) {
            refuse("/filter/name", "a name has 1 to 200 letters, digits, points, _ and -");
        } else if !limits.aws.filters.contains(&filter.name) {
            refuse("/filter/name", "this server offers no filter of that name");
        }
        if input.language == Language::Auto {
            refuse("/filter", "a filter is one of a language: say which in \"language\"");
        }
    }
    if let Language::Tag(tag) = &input.language
        && code_of(&input.language).is_none()
    {
        refuse("/language", &format!("Amazon Transcribe does not know the language {tag:?}"));
    }
    refusals
}

fn is_name(name: &str) -> bool {
    NAME.contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use serde_json::{Value, json};

    fn choose(fields: &Value, enabled: bool) -> Result<Chosen, Vec<&'static str>> {
        let mut input = json!({"source": "upload://x"});
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let mut limits = TranscribeLimits::default();
        limits.aws.enabled = enabled;
        limits.aws.vocabularies = vec!["names".to_owned()];
        limits.aws.filters = vec!["swearing".to_owned()];
        let places = |refusals: Refusals| refusals.into_iter().map(|(pointer, _)| pointer).collect();
        chosen(&read(&input).unwrap(), &limits).map_err(places)
    }

    #[test]
    fn auto_takes_an_engine_that_can() {
        for (fields, expected) in [
            (json!({}), Ok(Chosen::Local)),
            (json!({"vocabulary": ["Olinda"]}), Ok(Chosen::Local)),
            (json!({"diarize": true}), Ok(Chosen::Aws)),
            (json!({"vocabulary": "names", "language": "pt"}), Ok(Chosen::Aws)),
            (json!({"language": "zu"}), Ok(Chosen::Aws)),
            (json!({"filter": {"name": "swearing"}, "language": "pt"}), Ok(Chosen::Aws)),
            (json!({"diarize": true, "vocabulary": ["Olinda"]}), Err(vec!["/diarize", "/vocabulary"])),
        ] {
            assert_eq!(choose(&fields, true), expected, "{fields}");
        }
        assert_eq!(choose(&json!({"diarize": true}), false), Err(vec!["/diarize"]));
    }

    #[test]
    fn what_amazon_cannot_do_is_named_by_its_field() {
        for (fields, pointer) in [
            (json!({"source": "https://example.com/a.mp3"}), "/source"),
            (json!({"track": 2}), "/track"),
            (json!({"model": "base"}), "/model"),
            (json!({"vocabulary": ["Olinda"]}), "/vocabulary"),
            (json!({"vocabulary": "a b", "language": "pt"}), "/vocabulary"),
            (json!({"vocabulary": "names"}), "/vocabulary"),
            (json!({"vocabulary": "others", "language": "pt"}), "/vocabulary"),
            (json!({"filter": {"name": "swearing"}}), "/filter"),
            (json!({"filter": {"name": "others"}, "language": "pt"}), "/filter/name"),
            (json!({"filter": {"method": "remove"}, "language": "pt"}), "/filter/name"),
            (json!({"language": "la"}), "/language"),
        ] {
            let mut asked = fields.clone();
            asked["engine"] = json!("aws");
            assert_eq!(choose(&asked, true), Err(vec![pointer]), "{fields}");
        }
        assert_eq!(choose(&json!({"engine": "aws"}), false), Err(vec!["/engine"]));
        assert_eq!(choose(&json!({"engine": "aws", "channels": "separate"}), true), Ok(Chosen::Aws));
        assert_eq!(choose(&json!({"engine": "local", "diarize": true}), true), Err(vec!["/diarize"]));
    }
}
