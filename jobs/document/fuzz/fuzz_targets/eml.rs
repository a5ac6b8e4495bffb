//! Messages of Internet mail, and boxes of them.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::read(
    esteira_document::fuzzing::Format::Eml,
    bytes
));
