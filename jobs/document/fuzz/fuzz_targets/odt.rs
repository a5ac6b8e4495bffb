//! The parts of an ODT.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::packages::ODT.read(bytes));
