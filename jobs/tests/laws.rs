//! The laws of every kind, driven by the catalog: no kind needs a test of its own for them.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

mod studio;

use std::path::{Path, PathBuf};

use esteira_engine::job::Kind;
use serde_json::{Value, json};
use studio::Studio;

fn each_kind(law: impl Fn(&dyn Kind)) {
    for kind in esteira_jobs::catalog() {
        law(kind.as_ref());
    }
}

#[test]
fn names_are_stable_and_unique() {
    let mut names: Vec<&str> = esteira_jobs::catalog().iter().map(|kind| kind.info().name).collect();
    names.sort_unstable();
    assert_eq!(names, ["document.extract", "media.transcribe", "report.generate", "video.generate"]);
}

#[test]
fn schemas_are_valid_and_closed() {
    each_kind(|kind| {
        let info = kind.info();
        for schema in [&info.input_schema, &info.output_schema, &info.settings_schema] {
            assert!(jsonschema::meta::is_valid(schema), "{}", info.name);
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{}", info.name);
        }
        assert_eq!(info.input_schema["additionalProperties"], false, "{}", info.name);
    });
}

#[test]
fn the_example_fits_its_schema_and_passes_the_check() {
    each_kind(|kind| {
        let info = kind.info();
        let schema = jsonschema::validator_for(&info.input_schema).unwrap();
        let faults: Vec<String> = schema.iter_errors(&info.example).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", info.name);
        kind.check(&info.example, &info.settings).unwrap();
    });
}

#[test]
fn the_example_runs_as_it_stands() {
    each_kind(|kind| {
        let info = kind.info();
        let mut studio = Studio::new();
        let mut example = info.example.clone();
        for file in kind.check(&example, &info.settings).unwrap().files {
            // The one thing that an example cannot bring is a file.
            let name = match info.name {
                "media.transcribe" => chirp(&mut studio),
                _ => {
                    std::fs::write(studio.path("letter.txt"), "Olá, mundo.\n\nAté logo.\n").unwrap();
                    studio.name_file(1, "letter.txt")
                }
            };
            *example.pointer_mut(&file.pointer).unwrap() = json!(name);
        }
        studio.run(info.name, &example, &info.settings).unwrap();
        assert!(!studio.artifacts().is_empty(), "{}", info.name);
    });
}

#[test]
fn default_settings_fit_their_schema() {
    each_kind(|kind| {
        let info = kind.info();
        assert!(jsonschema::is_valid(&info.settings_schema, &info.settings), "{}", info.name);
        let bad = json!({"no_such_limit": 1});
        assert!(kind.check(&info.example, &bad).is_err(), "{}", info.name);
        assert_eq!(kind.check_settings(&info.settings), Ok(()), "{}", info.name);
        assert!(
            kind.check_settings(&bad).is_err_and(|error| error.contains("no_such_limit")),
            "{}",
            info.name
        );
    });
}

#[test]
fn unknown_fields_are_refused_at_every_depth() {
    each_kind(|kind| {
        let info = kind.info();
        let schema = jsonschema::validator_for(&info.input_schema).unwrap();
        for place in objects(&info.example, "") {
            // Names of merge fields are free.
            if place.starts_with("/merge") {
                continue;
            }
            let mut input = info.example.clone();
            let object = input.pointer_mut(&place).unwrap();
            object.as_object_mut().unwrap().insert("no_such_field".to_owned(), json!(1));
            let faults = kind.check(&input, &info.settings).unwrap_err();
            let wanted = format!("{place}/no_such_field");
            assert!(faults.iter().any(|fault| fault.pointer == wanted), "{wanted}: {faults:?}");
            assert!(!schema.is_valid(&input), "the schema of {} takes {wanted}", info.name);
        }
    });
}

/// The pointers of all objects inside a value.
fn objects(value: &Value, at: &str) -> Vec<String> {
    let mut out = Vec::new();
    match value {
        Value::Object(fields) => {
            out.push(at.to_owned());
            out.extend(fields.iter().flat_map(|(name, field)| objects(field, &format!("{at}/{name}"))));
        }
        Value::Array(items) => {
            out.extend(
                items.iter().enumerate().flat_map(|(index, item)| objects(item, &format!("{at}/{index}"))),
            );
        }
        _ => {}
    }
    out
}

#[test]
fn what_is_no_object_is_refused_without_a_panic() {
    each_kind(|kind| {
        for input in [Value::Null, json!(1), json!("x"), json!([]), json!({})] {
            assert!(kind.check(&input, &kind.info().settings).is_err());
        }
    });
}

#[test]
fn inputs_of_old_are_understood_today() {
    each_kind(|kind| {
        let info = kind.info();
        let schema = jsonschema::validator_for(&info.input_schema).unwrap();
        let inputs = golden(info.name);
        assert!(!inputs.is_empty(), "{} has no golden input", info.name);
        for (file, input) in inputs {
            let faults = kind.check(&input, &info.settings).map(|_| ());
            assert_eq!(faults, Ok(()), "{}/{file}", info.name);
            assert!(schema.is_valid(&input), "{}/{file}", info.name);
        }
    });
}

#[test]
fn a_second_run_of_an_attempt_leaves_the_same_bytes() {
    each_kind(|kind| {
        let info = kind.info();
        let mut studio = Studio::new();
        let input = small_input(info.name, &mut studio);
        let first = studio.run(info.name, &input, &info.settings).unwrap();
        let names = studio.artifacts();
        let before: Vec<Vec<u8>> = names.iter().map(|name| studio.artifact(name)).collect();
        let second = studio.run(info.name, &input, &info.settings).unwrap();
        assert_eq!(first, second);
        for (name, before) in names.iter().zip(before) {
            assert!(before == studio.artifact(name), "{name} of {} changed", info.name);
        }
    });
}

/// A recording of two seconds of a rising tone: WAV, 16 bits, 8 kHz.
fn chirp(studio: &mut Studio) -> String {
    let (rate, count) = (8_000_u32, 16_000_u32);
    let sample = |n: u32| {
        let t = f64::from(n) / f64::from(rate);
        ((t * (200.0 + 200.0 * t) * std::f64::consts::TAU).sin() * 8_000.0) as i16
    };
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + 2 * count).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend([rate, 2 * rate].iter().flat_map(|n| n.to_le_bytes()));
    wav.extend(b"\x02\0\x10\0data");
    wav.extend((2 * count).to_le_bytes());
    wav.extend((0..count).flat_map(|n| sample(n).to_le_bytes()));
    std::fs::write(studio.path("chirp.wav"), wav).unwrap();
    studio.name_file(2, "chirp.wav")
}

/// The quickest job of a kind, on a file of the studio.
fn small_input(kind: &str, studio: &mut Studio) -> Value {
    if kind == "media.transcribe" {
        return json!({"source": chirp(studio), "language": "en"});
    }
    let photo = studio.quarters(1, 320, 180);
    match kind {
        "video.generate" => studio::one_track(&json!([
            {"type": "image", "source": photo, "length": 1, "motion": {"type": "zoom_in"}},
            {"type": "title", "text": "Olá 😀", "length": 1, "transition": {"type": "fade", "duration": 0.5}},
        ])),
        "report.generate" => {
            json!({"report": "usage", "period": "yesterday", "formats": ["xlsx", "csv", "json", "html"]})
        }
        "document.extract" => json!({"source": photo, "ocr": "never", "outputs": ["json", "md", "images"]}),
        other => panic!("say here what the quickest job of {other} is"),
    }
}

#[test]
fn a_job_that_is_told_to_stop_stops() {
    each_kind(|kind| {
        let info = kind.info();
        let mut studio = Studio::new();
        let input = small_input(info.name, &mut studio);
        studio.stop_at("progress");
        let error = studio.run(info.name, &input, &info.settings).unwrap_err();
        assert_eq!(error.code, "cancelled");
        assert!(studio.artifacts().is_empty());
    });
}

/// The folder of golden inputs of a kind.
fn golden(kind: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(kind);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &PathBuf| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    files.iter().map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), read(path))).collect()
}

#[test]
fn every_example_of_the_manuals_passes_the_check() {
    for (name, page, least) in [
        ("video.generate", "video.md", 12),
        ("document.extract", "document.md", 3),
        ("media.transcribe", "transcription.md", 3),
        ("report.generate", "report.md", 0),
    ] {
        let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
        let text = std::fs::read_to_string(manual).unwrap();
        let catalog = esteira_jobs::catalog();
        let kind = catalog.iter().find(|kind| kind.info().name == name).unwrap();
        let schema = jsonschema::validator_for(&kind.info().input_schema).unwrap();
        let examples: Vec<&str> =
            text.split("```json\n").skip(1).filter_map(|block| block.split("```").next()).collect();
        assert!(examples.len() > least, "{page}: {}", examples.len());
        for example in examples {
            let input: Value = serde_json::from_str(example).unwrap();
            let faults = kind.check(&input, &Value::Null).map(|checked| checked.warnings);
            assert_eq!(faults, Ok(Vec::new()), "{example}");
            let problems: Vec<String> = schema.iter_errors(&input).map(|error| error.to_string()).collect();
            assert!(problems.is_empty(), "{example}: {problems:?}");
        }
    }
}
