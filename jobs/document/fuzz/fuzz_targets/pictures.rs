//! Pictures: TIFF with its pages, PNG, JPEG, WebP, BMP, GIF.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| esteira_document_fuzz::pictures(bytes));
