//! XML of any vocabulary.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::read(
    esteira_document::fuzzing::Format::Xml,
    bytes
));
