//! What is asked of a job, and the operator's settings.

#![no_main]

use esteira_document::fuzzing::{DocumentLimits, check_input, read_input, settings};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice(bytes) else { return };
    let _ = settings(&value);
    if let Ok(input) = read_input(&value) {
        let _ = check_input(&input, &DocumentLimits::default());
    }
});
