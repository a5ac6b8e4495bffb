//! Lines, columns, tables and blocks of a page of a PDF, from words and boxes at any place.

#![no_main]

use esteira_document::fuzzing::PageSink;
use esteira_document_fuzz::{Writers, pages};
use libfuzzer_sys::arbitrary::Unstructured;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok((words, drawn)) = pages::layout(&mut Unstructured::new(bytes)) else { return };
    let mut writers = Writers::default();
    let _ = writers.page(esteira_document::fuzzing::page((595.0, 842.0), words, drawn));
    writers.finish();
});
