//! Tests of whole documents.

use std::io::Write;

use super::super::super::super::format::Format;
use super::super::super::output::tests::kept;

/// A document of one piece of text, with places for as many tables as Word 97 has.
fn document(text: &str, flags: u16) -> tempfile::NamedTempFile {
    let bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let length = u32::try_from(text.encode_utf16().count()).unwrap();
    let mut main = vec![0; 2048];
    let mut put = |at: usize, bytes: &[u8]| main[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &0xa5ec_u16.to_le_bytes());
    put(2, &0x00c1_u16.to_le_bytes());
    put(10, &flags.to_le_bytes());
    put(32, &14_u16.to_le_bytes());
    put(62, &22_u16.to_le_bytes());
    put(64 + 3 * 4, &length.to_le_bytes());
    put(152, &93_u16.to_le_bytes());
    put(154 + 33 * 8, &0_u32.to_le_bytes());
    put(154 + 33 * 8 + 4, &21_u32.to_le_bytes());
    main.extend(&bytes);
    let table = [
        &[2, 16, 0, 0, 0][..],
        &0_u32.to_le_bytes(),
        &length.to_le_bytes(),
        &[0, 0],
        &2048_u32.to_le_bytes(),
        &[0, 0],
    ]
    .concat();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut compound = cfb::create(file.path()).unwrap();
    compound.create_stream("WordDocument").unwrap().write_all(&main).unwrap();
    compound.create_stream("0Table").unwrap().write_all(&table).unwrap();
    compound.flush().unwrap();
    file
}

#[test]
fn paragraphs_fields_and_pages_are_read() {
    let text = "Olá, ação\r\u{13}HYPERLINK \"http://a/\"\u{14}link\u{15} end\r\u{c}second\r";
    let (kept, metadata) = kept(Format::Doc, document(text, 0).path());
    assert_eq!(metadata.unwrap().pages, Some(2));
    assert_eq!(kept.texts(), ["Olá, ação", "link end", "second"]);
    assert_eq!(kept.pages[0].blocks[1].spans.len(), 1);
}

#[test]
fn an_encrypted_document_is_locked() {
    let (_, refusal) = kept(Format::Doc, document("x", 0x0100).path());
    assert_eq!(refusal.unwrap_err().code, "document_locked");
}
