//! Whatever it is: detection, then its reader, with archives and compound files as they come.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::read_any(bytes));
