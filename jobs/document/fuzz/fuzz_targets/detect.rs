//! Which format is it, which charset, which language? The first byte chooses the name that the sender gave.

#![no_main]

use esteira_document::fuzzing::{decode, language};

const NAMES: [Option<&str>; 6] =
    [None, Some("a.md"), Some("a.csv"), Some("a.txt"), Some("a.html"), Some("a.eml")];
const CHARSETS: [Option<&str>; 4] = [None, Some("utf-16le"), Some("iso-2022-jp"), Some("windows-1252")];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let first = usize::from(*first);
    esteira_document_fuzz::detected(bytes, NAMES[first % NAMES.len()]);
    let decoded = decode(bytes, CHARSETS[first % CHARSETS.len()]);
    let _ = language(&decoded.text);
});
