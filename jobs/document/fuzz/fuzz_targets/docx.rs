//! The parts of a DOCX.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::packages::DOCX.read(bytes));
