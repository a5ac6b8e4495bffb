//! The parts of an XLSX.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::packages::XLSX.read(bytes));
