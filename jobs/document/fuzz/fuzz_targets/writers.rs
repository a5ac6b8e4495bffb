//! Every writer, Markdown first, on pages of any blocks.

#![no_main]

use esteira_document::fuzzing::PageSink;
use esteira_document_fuzz::{Writers, pages};
use libfuzzer_sys::arbitrary::Unstructured;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(page) = pages::page(&mut Unstructured::new(bytes)) else { return };
    let mut writers = Writers::default();
    let _ = writers.page(page);
    writers.finish();
});
