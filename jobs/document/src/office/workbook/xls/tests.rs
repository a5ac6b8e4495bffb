//! Tests of whole workbooks.

use std::io::Write;

use super::super::super::super::format::Format;
use super::super::super::output::tests::kept;

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

fn book(more: &[u8], sheet: &[u8]) -> tempfile::NamedTempFile {
    let begin = record(0x0809, &numbers(&[0x0600, 5, 0, 0]));
    let strings =
        [&[2, 0, 0, 0, 2, 0, 0, 0][..], &[4, 0, 0], b"a\xe7\xe3o", &[2, 0, 1, 0xac, 0x20, 0x41, 0]].concat();
    let globals = |place: u32| {
        let listed = [&place.to_le_bytes()[..], &[1, 0, 5, 0], b"Folha"].concat();
        [
            begin.clone(),
            more.to_vec(),
            record(0x041e, &[&numbers(&[164, 10])[..], &[0], b"dd/mm/yyyy"].concat()),
            record(0xe0, &numbers(&[0, 0])),
            record(0xe0, &numbers(&[0, 164])),
            record(0xfc, &strings),
            record(0x85, &listed),
            record(0x0a, &[]),
        ]
        .concat()
    };
    let place = u32::try_from(globals(0).len()).unwrap();
    let stream = [globals(place), begin.clone(), sheet.to_vec(), record(0x0a, &[])].concat();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut compound = cfb::create(file.path()).unwrap();
    compound.create_stream("Workbook").unwrap().write_all(&stream).unwrap();
    compound.flush().unwrap();
    file
}

#[test]
fn cells_show_what_a_reader_of_the_sheet_sees() {
    let cell =
        |row: u16, column: u16, style: u16, data: &[u8]| [&numbers(&[row, column, style])[..], data].concat();
    let formula = [0, 0, 0, 0, 0, 0, 0xff, 0xff];
    let sheet = [
        record(0xfd, &cell(0, 0, 0, &0_u32.to_le_bytes())),
        record(0xfd, &cell(0, 1, 0, &1_u32.to_le_bytes())),
        record(0x0203, &cell(1, 0, 1, &44_197_f64.to_le_bytes())),
        record(0x06, &cell(1, 1, 0, &formula)),
        record(0x0207, &[&[3, 0, 0][..], b"sum"].concat()),
        record(0xbd, &[&numbers(&[2, 0, 0])[..], &((7_u32 << 2) | 2).to_le_bytes(), &numbers(&[0])].concat()),
        record(0x0205, &cell(2, 1, 0, &[7, 1])),
    ]
    .concat();
    let (kept, metadata) = kept(Format::Xls, book(&[], &sheet).path());
    assert!(metadata.is_ok() && kept.warned("hidden_sheet"));
    assert_eq!(kept.texts(), ["Folha", "ação\t€A\n01/01/2021\tsum\n7\t#DIV/0!"]);
}

#[test]
fn an_encrypted_workbook_is_locked() {
    let (_, refusal) = kept(Format::Xls, book(&record(0x2f, &[0; 6]), &[]).path());
    assert_eq!(refusal.unwrap_err().code, "document_locked");
}
