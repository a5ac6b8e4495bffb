//! Is the `captions` section sound in itself? Every fault that shows without a file, by its pointer.

use esteira_engine::job::InputError;

use super::input::{CaptionStyle, Captions, CueInput};
use super::limits::CaptionLimits;
use super::text::clean;
use crate::video::faults::Faults;
use crate::video::limits::{FONT_BYTES, TAG_BYTES};

/// A day: no caption lies beyond it.
const LAST_SECOND: f64 = 86_400.0;

/// Every fault that the section alone shows; `base` is its own pointer, e.g. `/captions`.
#[must_use]
pub fn check(captions: &Captions, base: &str, limits: &CaptionLimits) -> Vec<InputError> {
    let mut faults = Faults::default();
    let mut fault = |field: &str, message: String| faults.add(format!("{base}{field}"), message);
    match (&captions.source, &captions.cues) {
        (Some(_), Some(_)) => fault("", "give `source` or `cues`, not both".to_owned()),
        (None, None) => fault("", "give `source` (an SRT or WebVTT file) or `cues`".to_owned()),
        (None, Some(cues)) => check_cues(cues, limits, &mut fault),
        (Some(_), None) => {}
    }
    if !(-LAST_SECOND..=LAST_SECOND).contains(&captions.shift) {
        fault("/shift", "more than a day".to_owned());
    }
    if !is_language(&captions.language) {
        fault("/language", "a language is a tag such as \"pt-br\", \"en\" or \"und\"".to_owned());
    }
    if !(10..=200).contains(&captions.lines.max_columns) {
        fault("/lines/max_columns", "it is between 10 and 200".to_owned());
    }
    if !(1..=10).contains(&captions.lines.max_lines) {
        fault("/lines/max_lines", "it is between 1 and 10".to_owned());
    }
    check_style(&captions.style, &mut fault);
    faults.into_told()
}

/// The file that the section names, with its pointer.
#[must_use]
pub fn source<'a>(captions: &'a Captions, base: &str) -> Option<(String, &'a str)> {
    Some((format!("{base}/source"), captions.source.as_deref()?))
}

/// Whether a text is `#rgb`, `#rrggbb` or `#rrggbbaa`.
#[must_use]
pub fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| matches!(hex.len(), 3 | 6 | 8) && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn check_cues(cues: &[CueInput], limits: &CaptionLimits, fault: &mut dyn FnMut(&str, String)) {
    if cues.len() > limits.max_cues {
        return fault("/cues", format!("there are {} cues; {} are allowed", cues.len(), limits.max_cues));
    }
    let bytes: u64 = cues.iter().map(|cue| cue.text.len() as u64).sum();
    if bytes > limits.max_bytes {
        return fault("/cues", format!("the texts have {bytes} bytes; {} are allowed", limits.max_bytes));
    }
    for (index, cue) in cues.iter().enumerate() {
        if !(0.0..=LAST_SECOND).contains(&cue.start) {
            fault(&format!("/cues/{index}/start"), "it is no second of a video".to_owned());
        } else if !(0.0..=LAST_SECOND).contains(&cue.end) || cue.end - cue.start < 0.001 {
            fault(&format!("/cues/{index}/end"), format!("it must lie after the start, {} s", cue.start));
        }
        let chars = cue.text.chars().count();
        if chars > limits.max_cue_chars {
            let most = limits.max_cue_chars;
            fault(&format!("/cues/{index}/text"), format!("it has {chars} characters; {most} are allowed"));
        } else if clean(&cue.text).is_empty() {
            fault(&format!("/cues/{index}/text"), "there is nothing to show".to_owned());
        }
    }
}

fn check_style(style: &CaptionStyle, fault: &mut dyn FnMut(&str, String)) {
    if !(0.01..=0.3).contains(&style.size) {
        fault("/style/size", "it is between 0.01 and 0.3 of the picture's height".to_owned());
    }
    if !(0.0..=0.5).contains(&style.margin) {
        fault("/style/margin", "it is between 0 and 0.5 of the picture's height".to_owned());
    }
    if style.font.as_ref().is_some_and(|font| font.len() > FONT_BYTES) {
        fault("/style/font", format!("the name of a font has at most {FONT_BYTES} bytes"));
    }
    for (field, colour) in [
        ("color", Some(&style.color)),
        ("outline", style.outline.as_ref()),
        ("box", style.background.as_ref()),
    ] {
        if colour.is_some_and(|colour| !is_colour(colour)) {
            fault(&format!("/style/{field}"), "a colour is #rgb, #rrggbb or #rrggbbaa".to_owned());
        }
    }
}

fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    tag.len() <= TAG_BYTES
        && (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Vec<String> {
        let captions: Captions = serde_json::from_str(json).unwrap();
        let limits = CaptionLimits { max_cues: 2, max_cue_chars: 10, max_bytes: 100 };
        check(&captions, "/captions", &limits).into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn a_good_section_has_no_fault() {
        assert!(faults(r#"{"source":"upload://x","language":"pt-BR"}"#).is_empty());
        assert!(
            faults(r##"{"cues":[{"start":0,"end":1.5,"text":"a"}],"style":{"color":"#fff","box":null}}"##)
                .is_empty()
        );
    }

    #[test]
    fn every_fault_points_to_its_place() {
        for (json, pointer) in [
            (r#"{}"#, "/captions"),
            (r#"{"source":"u","cues":[]}"#, "/captions"),
            (r#"{"cues":[{"start":-1,"end":1,"text":"a"}]}"#, "/captions/cues/0/start"),
            (r#"{"cues":[{"start":2,"end":1,"text":"a"}]}"#, "/captions/cues/0/end"),
            (r#"{"cues":[{"start":1,"end":2,"text":" \n "}]}"#, "/captions/cues/0/text"),
            (r#"{"cues":[{"start":1,"end":2,"text":"much too long"}]}"#, "/captions/cues/0/text"),
            (
                r#"{"cues":[{"start":1,"end":2,"text":"a"},{"start":1,"end":2,"text":"a"},{"start":1,"end":2,"text":"a"}]}"#,
                "/captions/cues",
            ),
            (r#"{"source":"u","language":"Portuguese"}"#, "/captions/language"),
            (r#"{"source":"u","lines":{"max_columns":3}}"#, "/captions/lines/max_columns"),
            (r#"{"source":"u","style":{"color":"red"}}"#, "/captions/style/color"),
            (r##"{"source":"u","style":{"box":"#12345"}}"##, "/captions/style/box"),
            (&format!(r#"{{"source":"u","language":"en{}"}}"#, "-x".repeat(50)), "/captions/language"),
            (
                &format!(r#"{{"source":"u","style":{{"font":"{}"}}}}"#, "f".repeat(300)),
                "/captions/style/font",
            ),
            (r#"{"source":"u","style":{"size":2}}"#, "/captions/style/size"),
        ] {
            assert_eq!(faults(json), [pointer], "{json}");
        }
    }
}
