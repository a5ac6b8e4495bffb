//! The parts of an ODP.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::packages::ODP.read(bytes));
