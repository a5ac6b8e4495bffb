//! Whole messages, written by the tests.

use std::io::Write;

use super::super::super::recorder::Recorder;
use super::*;

type Written = cfb::CompoundFile<Cursor<Vec<u8>>>;

fn put(file: &mut Written, path: &str, bytes: &[u8]) {
    file.create_stream(path).unwrap().write_all(bytes).unwrap();
}

fn text(file: &mut Written, storage: &str, id: &str, value: &str) {
    let bytes: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
    put(file, &format!("{storage}/__substg1.0_{id}001F"), &bytes);
}

fn fixed(header: usize, properties: &[(u32, u64)]) -> Vec<u8> {
    let mut bytes = vec![0; header];
    for (tag, value) in properties {
        bytes.extend(tag.to_le_bytes());
        bytes.extend([6, 0, 0, 0]);
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

fn message() -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    // 2026-03-03 10:20:30 UTC in tenths of microseconds since 1601.
    let sent = (1_772_533_230 + 11_644_473_600) * 10_000_000;
    put(&mut file, "/__properties_version1.0", &fixed(32, &[(0x0039_0040, sent), (0x3ffd_0003, 1252)]));
    text(&mut file, "", "0037", "Relatório de manutenção");
    text(&mut file, "", "0C1A", "João Conceição");
    text(&mut file, "", "5D01", "joao@example.org");
    text(&mut file, "", "1000", "Olá, Ana.\r\n\r\nAté amanhã.");
    for (number, (name, kind)) in [("Ana", 1), ("Rui", 2)].into_iter().enumerate() {
        let storage = format!("/__recip_version1.0_#0000000{number}");
        file.create_storage(&storage).unwrap();
        put(&mut file, &format!("{storage}/__properties_version1.0"), &fixed(8, &[(0x0c15_0003, kind)]));
        text(&mut file, &storage, "3001", name);
    }
    let storage = "/__attach_version1.0_#00000000";
    file.create_storage(storage).unwrap();
    text(&mut file, storage, "3707", "notas.txt");
    put(&mut file, &format!("{storage}/__substg1.0_37010102"), b"notas");
    let storage = "/__attach_version1.0_#00000001";
    file.create_storage(storage).unwrap();
    text(&mut file, storage, "3001", "Outra");
    let inner = format!("{storage}/__substg1.0_3701000D");
    file.create_storage(&inner).unwrap();
    put(&mut file, &format!("{inner}/__properties_version1.0"), &fixed(24, &[(0x0039_0040, sent)]));
    text(&mut file, &inner, "0037", "Dentro");
    put(&mut file, &format!("{inner}/__substg1.0_10130102"), b"<p>Ol\xe1 de dentro, n\xe3o \xe9?</p>");
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn read_all(bytes: &[u8]) -> Recorder {
    crate::seeds::keep(bytes);
    let mut recorder = Recorder::default();
    read(bytes, &DocumentLimits::default(), &mut recorder).unwrap();
    recorder
}

#[test]
fn a_message_is_read_with_its_people_its_text_and_its_files() {
    let recorder = read_all(&message());
    let head = [
        "From: João Conceição <joao@example.org>",
        "To: Ana",
        "Cc: Rui",
        "Date: 2026-03-03T10:20:30Z",
        "Subject: Relatório de manutenção",
    ];
    assert_eq!(recorder.head(), head);
    assert_eq!(recorder.texts(), ["Olá, Ana.", "Até amanhã."]);
    assert_eq!(
        (recorder.inner[0].name.as_str(), recorder.inner[0].bytes.as_slice()),
        ("notas.txt", &b"notas"[..])
    );
}

#[test]
fn a_message_within_a_message_becomes_a_file_of_its_own() {
    let outer = read_all(&message());
    assert_eq!(outer.inner[1].name, "Outra.msg");
    let inner = read_all(&outer.inner[1].bytes);
    assert_eq!(inner.head(), ["Date: 2026-03-03T10:20:30Z", "Subject: Dentro"]);
    assert_eq!(inner.texts(), ["Olá de dentro, não é?"]);
}

#[test]
fn broken_messages_are_refused_or_read_as_far_as_they_go() {
    let whole = message();
    for length in (0..whole.len()).step_by(211) {
        let mut recorder = Recorder::default();
        let _: Result<Metadata, ReadError> =
            read(&whole[..length], &DocumentLimits::default(), &mut recorder);
    }
    for at in (0..whole.len()).step_by(37) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        let mut recorder = Recorder::default();
        let _: Result<Metadata, ReadError> = read(&bytes, &DocumentLimits::default(), &mut recorder);
    }
}
