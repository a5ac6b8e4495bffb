//! The parts of a PPTX.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::packages::PPTX.read(bytes));
