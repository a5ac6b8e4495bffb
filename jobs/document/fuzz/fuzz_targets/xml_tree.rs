//! The XML of packages: its pieces, and its trees, by both rules.

#![no_main]

use esteira_document::fuzzing::{Rules, Token, Xml, decoded};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (text, limits) = (decoded(bytes.to_vec()), esteira_document_fuzz::limits());
    for rules in [Rules::Strict, Rules::Book] {
        let mut pieces = Xml::new(&text, rules, &limits);
        while !matches!(pieces.token(), Ok(Token::Done) | Err(_)) {}
        let _ = Xml::new(&text, rules, &limits).tree();
    }
});
