//! Tests of whole presentations.

use std::io::Write;

use super::super::super::super::format::Format;
use super::super::super::output::tests::kept;

fn record(version: u16, kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    [&version.to_le_bytes()[..], &kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

fn number(number: u32) -> [u8; 4] {
    number.to_le_bytes()
}

/// A presentation of one slide, whose body refers to a text of the list of slides.
fn deck(token: u32) -> tempfile::NamedTempFile {
    let listed = [
        record(0, 1011, &[number(2), number(0), number(1), number(256), number(0)].concat()),
        record(0, 3999, &number(0)),
        record(0, 4008, b"T\xedtulo"),
        record(0, 3999, &number(1)),
        record(0, 4000, &"um\rdois".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
    ]
    .concat();
    let document = record(0x0f, 1000, &record(0x0f, 4080, &listed));
    let shape = |text: &[u8], top: u16| {
        let anchor = [top, 0, 10, top + 5].iter().flat_map(|it| it.to_le_bytes()).collect::<Vec<_>>();
        record(0x0f, 0xf004, &[record(0, 0xf010, &anchor), record(0x0f, 0xf00d, text)].concat())
    };
    let shapes = [
        shape(&[record(0, 3999, &number(4)), record(0, 4008, b"free")].concat(), 90),
        shape(&record(0, 3998, &number(1)), 50),
        shape(&record(0, 3998, &number(0)), 70),
    ]
    .concat();
    let drawing = record(0x0f, 1036, &record(0x0f, 0xf002, &record(0x0f, 0xf003, &shapes)));
    let slide = record(0x0f, 1006, &drawing);
    let slide_at = u32::try_from(document.len()).unwrap();
    let directory_at = slide_at + u32::try_from(slide.len()).unwrap();
    let directory = record(0, 6002, &[number((2 << 20) | 1), number(0), number(slide_at)].concat());
    let edit_at = directory_at + u32::try_from(directory.len()).unwrap();
    let edit =
        record(0, 4085, &[number(0), number(0), number(edit_at), number(directory_at), number(1)].concat());
    let stream = [document, slide, directory, edit].concat();
    let user = [&[0; 12][..], &number(token), &number(edit_at)].concat();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut compound = cfb::create(file.path()).unwrap();
    compound.create_stream("PowerPoint Document").unwrap().write_all(&stream).unwrap();
    compound.create_stream("Current User").unwrap().write_all(&user).unwrap();
    compound.flush().unwrap();
    file
}

#[test]
fn slides_are_found_by_the_directory_and_changes_that_circle_end() {
    let (kept, metadata) = kept(Format::Ppt, deck(0xe391_c05f).path());
    assert_eq!(metadata.unwrap().pages, Some(1));
    assert_eq!(kept.texts(), ["Título", "um", "dois", "free"]);
}

#[test]
fn an_encrypted_presentation_is_locked() {
    let (_, refusal) = kept(Format::Ppt, deck(0xf3d1_c4df).path());
    assert_eq!(refusal.unwrap_err().code, "document_locked");
}
