//! The formats of numbers and days in workbooks.

#![no_main]

libfuzzer_sys::fuzz_target!(|asked: (f64, bool, &str)| {
    let (value, is_1904, code) = asked;
    let _ = esteira_document::fuzzing::shown(code, value, is_1904);
});
