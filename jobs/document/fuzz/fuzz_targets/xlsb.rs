//! The parts of an XLSB.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::packages::XLSB.read(bytes));
