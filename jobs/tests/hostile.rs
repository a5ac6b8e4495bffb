//! What does an input cost that was written to cost much? No more than its own size, and a short answer.
//!
//! Work is told by what it leaves: the number and the size of faults. Time is not looked at, so that a
//! busy machine cannot make a test fail.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

use esteira_engine::job::{InputError, Kind};
use esteira_jobs::video::VideoGenerate;
use serde_json::{Value, json};

/// Bytes of the largest input that is looked at.
const LARGE: usize = 2 << 20;

/// The faults of an input, after a look at how many there are and how long.
fn faults(input: &Value) -> Vec<InputError> {
    let faults = VideoGenerate.check(input, &Value::Null).unwrap_err();
    let bytes: usize = faults.iter().map(|fault| fault.pointer.len() + fault.message.len()).sum();
    assert!(faults.len() <= 101, "{} faults", faults.len());
    assert!(bytes <= 101 * 800, "{bytes} bytes of faults");
    faults
}

fn title(text: &str) -> Value {
    json!({"type": "title", "text": text})
}

fn film(clips: &[Value]) -> Value {
    json!({"tracks": [{"clips": clips}]})
}

/// As many copies as fill a large input.
fn many(item: &Value) -> Vec<Value> {
    vec![item.clone(); LARGE / (item.to_string().len() + 1)]
}

#[test]
fn a_merge_bomb_is_one_fault() {
    let mut input = film(&[title(&"{{A}}".repeat(LARGE / 5))]);
    input["merge"] = json!({"A": "a".repeat(9_000)});
    let faults = faults(&input);
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].pointer, "/merge");
}

#[test]
fn a_value_of_many_kilobytes_is_told_by_its_name() {
    let mut input = film(&[title("{{A}}")]);
    input["merge"] = json!({"A": "a".repeat(200_000)});
    assert_eq!(faults(&input)[0].pointer, "/merge/A");
}

#[test]
fn a_missing_name_below_a_long_one_is_told_shortly() {
    let input = json!({"n".repeat(LARGE / 2): vec!["{{A}}".repeat(10); 10_000]});
    let faults = faults(&input);
    assert!(faults.last().unwrap().message.starts_with("and more faults"));
}

#[test]
fn items_below_a_long_name_cost_no_copy_of_it() {
    // Half a million pointers of a megabyte each would not end within a day.
    let input = json!({"n".repeat(LARGE / 2): vec![0; LARGE / 4]});
    assert_eq!(faults(&input).len(), 2, "the name and the missing tracks");
}

#[test]
fn open_braces_without_an_end_are_words() {
    // A look for the end from each of them would read a terabyte.
    let faults = faults(&film(&[title(&"{{".repeat(LARGE / 2))]));
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].pointer, "/tracks/0/clips/0/text");
}

#[test]
fn a_million_empty_clips_are_not_read_one_by_one() {
    let faults = faults(&film(&many(&json!({}))));
    assert!(faults[0].message.contains("clips; allowed are 500"), "{:?}", faults[0]);
}

#[test]
fn a_million_tracks_are_not_read_one_by_one() {
    let faults = faults(&json!({"tracks": many(&json!({}))}));
    assert_eq!(faults.len(), 21, "the number, and the allowed ones");
}

#[test]
fn lists_of_narration_and_cues_are_counted_before_they_are_read() {
    let cue = json!({"start": 0, "end": "x", "text": ""});
    let mut input = film(&[title("a")]);
    input["audio"] = json!({"narration": many(&json!({"text": "a", "volume": "x"}))});
    input["captions"] = json!({"cues": many(&cue)});
    let pointers: Vec<String> = faults(&input).into_iter().map(|fault| fault.pointer).collect();
    assert_eq!(pointers, ["/audio/narration", "/captions/cues"]);
}

#[test]
fn a_hundred_thousand_unknown_fields_are_a_hundred_faults() {
    let fields: serde_json::Map<String, Value> =
        (0..LARGE / 12).map(|n| (format!("f{n}"), json!(0))).collect();
    let mut clip = fields.clone();
    clip.insert("type".to_owned(), json!("image"));
    for input in [
        Value::Object(fields.clone()),
        film(&[Value::Object(clip)]),
        json!({"output": fields, "tracks": [{"clips": [title("a")]}]}),
        json!({"tracks": [fields]}),
    ] {
        assert_eq!(faults(&input).len(), 101);
    }
}

#[test]
fn a_hundred_thousand_idle_values_are_a_short_warning() {
    let mut input = film(&[title("a")]);
    input["merge"] = (0..LARGE / 12).map(|n| (format!("f{n}"), json!(""))).collect();
    let checked = VideoGenerate.check(&input, &Value::Null).unwrap();
    assert_eq!(checked.warnings.len(), 101);
}

#[test]
fn every_free_text_has_a_limit_and_is_told_at_its_field() {
    let long = "a".repeat(LARGE / 8);
    let mut input = film(&[
        json!({"type": "title", "text": long, "font": long, "color": long}),
        json!({"type": "image", "source": format!("s3://bucket/{long}")}),
    ]);
    input["audio"] = json!({"narration": {"text": long, "voice": long}});
    input["captions"] =
        json!({"source": "s3://bucket/key", "language": long, "style": {"font": long, "color": long}});
    let faults = faults(&input);
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    for pointer in [
        "/tracks/0/clips/0/text",
        "/tracks/0/clips/0/font",
        "/tracks/0/clips/0/color",
        "/tracks/0/clips/1/source",
        "/audio/narration/0/text",
        "/audio/narration/0/voice",
        "/captions/language",
        "/captions/style/font",
        "/captions/style/color",
    ] {
        assert!(pointers.contains(&pointer), "{pointer} is not among {pointers:?}");
    }
}
