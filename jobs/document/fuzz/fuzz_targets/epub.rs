//! The parts of a book.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::packages::EPUB.read(bytes));
