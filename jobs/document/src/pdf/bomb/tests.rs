//! Small files that unpack to much, and good ones beside them.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};

use super::super::writer::open_with;
use super::*;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// So many bytes that nothing can pack.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

fn stream(before: &str, stream: &[u8]) -> Vec<u8> {
    [b"1 0 obj\n<< ", before.as_bytes(), stream, b"\nendstream\nendobj\n"].concat()
}

fn document(dictionary: &str, bytes: &[u8]) -> Vec<u8> {
    stream(&format!("{dictionary} >>\nstream\r\n"), bytes)
}

fn limits() -> DocumentLimits {
    DocumentLimits { archive_part_bytes: 1 << 20, archive_bytes: 3 << 20, ..DocumentLimits::default() }
}

fn is_refused(bytes: &[u8]) -> bool {
    let refused = refuse_bombs(bytes, &limits());
    refused.is_err_and(|error| error.code == "document_too_large")
}

#[test]
fn a_stream_in_two_layers_is_refused_before_it_is_opened() {
    let bomb = document("/Filter [/FlateDecode /Fl]", &packed(&packed(&vec![0; 2 << 20])));
    assert!(bomb.len() < 1_000);
    assert_eq!(open_with(&bomb, None, &limits()).unwrap_err().code, "document_too_large");
    assert!(is_refused(&bomb));
    assert!(!is_refused(&document("", &packed(&packed(&vec![0; 1 << 19])))));
}

#[test]
fn a_layer_that_is_too_large_is_refused_though_the_next_one_is_small() {
    let inner = [packed(b"small"), vec![0; 2 << 20]].concat();
    assert!(is_refused(&document("", &packed(&inner))));
}

#[test]
fn a_stream_that_is_too_large_in_one_layer_is_refused_unless_it_is_a_picture() {
    let zeros = packed(&vec![0; 2 << 20]);
    for dictionary in
        ["/Filter /FlateDecode", "/X /Image", "/Subtype /Imagery", "/Subtype % x\n/Image /Type /X"]
    {
        assert!(is_refused(&document(dictionary, &zeros)), "{dictionary}");
    }
    for dictionary in ["/Subtype /Image", "/Subtype/Image/Width 1", "/Subtype\r\n\t\0/Image"] {
        assert!(!is_refused(&document(dictionary, &zeros)), "{dictionary}");
    }
    assert!(!is_refused(&document("", b"endstream stream stream\nx")));
}

#[test]
fn the_dictionary_of_a_picture_may_be_long() {
    let zeros = packed(&vec![0; 2 << 20]);
    let palette = format!("/Subtype /Image /ColorSpace [/Indexed /DeviceRGB 255 <{}>]", "00ff7f".repeat(256));
    assert!(!is_refused(&document(&palette, &zeros)));
    let picture_before = document("/Subtype /Image", b"x");
    assert!(is_refused(&[picture_before, document("", &zeros)].concat()));
}

#[test]
fn a_stream_ends_where_its_packed_bytes_do() {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; 2 << 20]).unwrap();
    // A block that is stored as it is (RFC 1951, 3.2.4), and then the others.
    let begun = [b"\x78\x01\0\x0b\0\xf4\xff".as_slice(), b"\nendstream\n"].concat();
    assert!(is_refused(&document("", &[begun, encoder.finish().unwrap()].concat())));
}

#[test]
fn an_attached_file_may_be_as_large_as_all_of_an_archive() {
    let attached = |length: usize| document("/Type/EmbeddedFile", &packed(&vec![0; length]));
    assert!(!is_refused(&attached(2 << 20)));
    assert!(is_refused(&attached(4 << 20)));
}

#[test]
fn many_streams_are_refused_together() {
    let one = document("", &packed(&packed(&vec![0; 900 << 10])));
    assert!(!is_refused(&one.repeat(3)));
    assert!(is_refused(&one.repeat(4)));
}

#[test]
fn what_stands_behind_the_packed_bytes_or_was_counted_before_does_not_make_them_many() {
    let bomb = packed(&packed(&vec![0; 900 << 10]));
    let followed = document("", &[bomb.clone(), vec![b' '; 100_000]].concat());
    assert!(is_refused(&followed.repeat(4)));
    let begun = stream(&format!(">>\n{}stream\n", "stream ".repeat(100_000)), &bomb);
    assert!(is_refused(&begun.repeat(4)));
}

#[test]
fn a_large_document_that_is_packed_well_hides_no_bomb_behind_it() {
    let good = document("", &packed(&noise(1_000_000))).repeat(5);
    assert!(!is_refused(&good));
    assert!(is_refused(&[good, document("", &packed(&vec![0; 2 << 20]))].concat()));
}

#[test]
fn a_bomb_begins_on_the_line_after_the_word() {
    let bomb = packed(&packed(&vec![0; 2 << 20]));
    for line in ["stream x\n", "stream\t \r", "stream % \r\n"] {
        assert!(is_refused(&stream(&format!(">>\n{line}"), &bomb)), "{line}");
    }
}

#[test]
fn a_bomb_that_is_written_in_letters_is_refused() {
    let bomb = packed(&packed(&vec![0; 2 << 20]));
    let mut hex = hex::encode(&bomb);
    (0..hex.len()).step_by(64).for_each(|at| hex.insert(at, '\n'));
    assert!(is_refused(&document("/Filter [/AHx /Fl /Fl]", hex.as_bytes())));
    assert!(is_refused(&document("", hex.to_uppercase().as_bytes())));
    assert!(is_refused(&document("/Filter [/A85 /Fl /Fl]", &base85(&bomb))));
    assert!(is_refused(&document("", &packed(&base85(&packed(&vec![0; 2 << 20]))))));
}

/// As ASCII85Encode writes bytes (PostScript Language Reference, 3.13.3).
fn base85(bytes: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    for group in bytes.chunks(4) {
        let mut four = [0; 4];
        four[..group.len()].copy_from_slice(group);
        let mut number = u32::from_be_bytes(four);
        let mut five = [0; 5];
        for digit in five.iter_mut().rev() {
            *digit = b'!' + (number % 85) as u8;
            number /= 85;
        }
        written.extend(&five[..=group.len()]);
    }
    [written, b"~>".to_vec()].concat()
}

#[test]
fn a_file_of_more_streams_than_are_looked_at_is_refused() {
    assert!(is_refused(&b"stream\nx\x9cx".repeat(1_000_001)));
}

#[test]
fn a_look_that_takes_too_long_ends() {
    let limits = DocumentLimits { seconds: 0, ..limits() };
    let refused = refuse_bombs(&document("", b"x"), &limits).unwrap_err();
    assert!(refused.code == "document_too_large" && refused.message.contains("time"));
}
