//! The description: no operation without its token, its errors and its examples, and no code that none can answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Operation, operations};
use crate::support::Esteira;

/// The answers of an operation, by status.
fn answers(operation: &Operation) -> Vec<(u16, &Value)> {
    let answers = operation.said["responses"].as_object().unwrap().iter();
    answers.map(|(status, answer)| (status.parse().unwrap(), answer)).collect()
}

#[tokio::test]
async fn every_operation_says_who_may_call_it() {
    let esteira = Esteira::start().await;
    for operation in operations(&esteira).await {
        let is_public = operation.said["tags"][0] == "around";
        assert_eq!(operation.scopes().is_none(), is_public, "{}", operation.id());
    }
}

#[tokio::test]
async fn every_refusal_lists_its_codes_and_every_code_is_listed_somewhere() {
    let esteira = Esteira::start().await;
    let api = esteira.get("", "/openapi.json").await.json();
    let mut listed = BTreeSet::new();
    for operation in operations(&esteira).await {
        assert!(operation.said.get("x-codes").is_none(), "{}", operation.id());
        for (status, answer) in answers(&operation).into_iter().filter(|(status, _)| *status >= 400) {
            let problem = &answer["content"]["application/problem+json"];
            assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem", "{}", operation.id());
            let codes = problem["examples"].as_object().filter(|codes| !codes.is_empty());
            let Some(codes) = codes else {
                panic!("{}: name the codes of {status} in `x-codes`", operation.id());
            };
            for (code, reference) in codes {
                let at = reference["$ref"].as_str().unwrap().trim_start_matches('#');
                let shown = &api.pointer(at).unwrap()["value"];
                assert_eq!((&shown["code"], &shown["status"]), (&json!(code), &json!(status)));
                listed.insert(code.clone());
            }
        }
    }
    let all = api["components"]["schemas"]["ProblemCode"]["enum"].as_array().unwrap();
    let mut unlisted: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
    unlisted.retain(|code| !listed.contains(*code));
    // No operation answers these: they are what is answered where there is none.
    assert_eq!(unlisted, ["unknown_route", "method_not_allowed"]);
}

#[tokio::test]
async fn every_body_and_every_parameter_that_must_be_there_has_an_example_that_fits_its_schema() {
    let esteira = Esteira::start().await;
    let api = esteira.get("", "/openapi.json").await.json();
    for operation in operations(&esteira).await {
        for parameter in operation.said["parameters"].as_array().into_iter().flatten() {
            if parameter["required"] == true {
                fits(&api, &parameter["schema"], &parameter["example"], operation.id());
            }
        }
        let asked = operation.said["requestBody"]["content"].as_object().into_iter().flatten();
        let answered = answers(&operation).into_iter().filter(|(status, _)| *status < 400);
        let answered = answered.flat_map(|(_, answer)| answer["content"].as_object().into_iter().flatten());
        for (media_type, content) in asked.chain(answered) {
            let mut shown =
                content["examples"].as_object().into_iter().flatten().map(|(_, one)| &one["value"]);
            let example = content.get("example").or_else(|| shown.next());
            let Some(example) = example else { panic!("{}: {media_type} has no example", operation.id()) };
            if media_type == "application/json" {
                fits(&api, &content["schema"], example, operation.id());
            }
        }
    }
    for (code, example) in api["components"]["examples"].as_object().unwrap() {
        fits(&api, &json!({"$ref": "#/components/schemas/Problem"}), &example["value"], code);
    }
}

#[tokio::test]
async fn every_code_with_which_the_engine_ends_a_job_is_listed() {
    let esteira = Esteira::start().await;
    let api = esteira.get("", "/openapi.json").await.json();
    let listed = api["components"]["schemas"]["JobError"]["properties"]["code"]["description"].clone();
    let mut found = BTreeSet::from(["crashed".to_owned(), "dependency_failed".to_owned()]);
    for folder in ["child", "child/inside", "worker"] {
        let folder = format!("{}/../engine/src/{folder}", env!("CARGO_MANIFEST_DIR"));
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                found.extend(codes_in(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    assert!(
        found.len() > 25 && found.contains("storage_full") && found.contains("out_of_memory"),
        "{found:?}"
    );
    let unlisted: Vec<&String> =
        found.iter().filter(|code| !listed.as_str().unwrap().contains(&format!("`{code}`"))).collect();
    assert!(unlisted.is_empty(), "{unlisted:?} are to be explained in job_codes.md");
}

/// The codes of errors in a source, its tests left out: the first text of a `KindError`, and of a pair that becomes one.
fn codes_in(source: &str) -> BTreeSet<String> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let after =
        ["KindError::fail(", "KindError::retry(", "=> (", "=> {\n                (", "(&str, &str) = ("];
    let texts = after.into_iter().flat_map(|before| source.split(before).skip(1));
    let firsts = texts.filter_map(|text| text.trim_start().strip_prefix('"')?.split('"').next());
    firsts
        .filter(|text| text.bytes().all(|b| b == b'_' || b.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect()
}

/// That an example is one of its schema.
fn fits(api: &Value, schema: &Value, example: &Value, of: &str) {
    let mut root = schema.clone();
    root["components"] = api["components"].clone();
    let validator = jsonschema::validator_for(&root).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(example).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{of}: {faults:?} in {example}");
}
