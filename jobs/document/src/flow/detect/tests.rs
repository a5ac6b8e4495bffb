//! Files of each format, under right and wrong names.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn detect_bytes(bytes: &[u8], name: Option<&str>) -> Result<Format, ReadError> {
    detect_in(bytes.get(..LOOKED_AT).unwrap_or(bytes), Cursor::new(bytes), name)
}

fn of(bytes: &[u8], name: &str) -> Result<Format, String> {
    detect_bytes(bytes, Some(name)).map_err(|error| format!("{}: {}", error.code, error.message))
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn compound(stream: &str) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(format!("/{stream}")).unwrap().write_all(b"x").unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

#[test]
fn marks_tell_more_than_names() {
    for (bytes, format) in [
        (&b"%PDF-1.7\n"[..], Format::Pdf),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Format::Png),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Format::Jpeg),
        (b"GIF89a\x01\0", Format::Gif),
        (b"II*\0\x08\0\0\0", Format::Tiff),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Format::Webp),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", Format::Bmp),
        (b"\xef\xbb\xbf{\\rtf1 a}", Format::Rtf),
        (b"\0\0junk\0%PDF-1.4", Format::Pdf),
    ] {
        assert_eq!(of(bytes, "x.docx"), Ok(format));
    }
}

#[test]
fn archives_are_told_by_what_is_in_them() {
    let main =
        |kind: &str| format!("<Types><Override ContentType='application/vnd.{kind}.main+xml'/></Types>");
    let office = |kind: &str| archive(&[("[Content_Types].xml", &main(kind)), ("x.xml", "")]);
    let own = |media_type: &str| archive(&[("mimetype", media_type), ("content.xml", "")]);
    for (bytes, format) in [
        (office("openxmlformats-officedocument.wordprocessingml.document"), Format::Docx),
        (office("openxmlformats-officedocument.spreadsheetml.sheet"), Format::Xlsx),
        (office("ms-excel.sheet.binary.macroEnabled"), Format::Xlsb),
        (office("openxmlformats-officedocument.presentationml.slideshow"), Format::Pptx),
        (own("application/vnd.oasis.opendocument.text"), Format::Odt),
        (own("application/vnd.oasis.opendocument.spreadsheet-template"), Format::Ods),
        (own("application/vnd.oasis.opendocument.presentation\n"), Format::Odp),
        (own("application/epub+zip"), Format::Epub),
        (archive(&[("word/document.xml", "")]), Format::Docx),
        (archive(&[("a.pdf", ""), ("b.txt", "")]), Format::Zip),
        (archive(&[]), Format::Zip),
    ] {
        assert_eq!(of(&bytes, "x.pdf"), Ok(format));
    }
}

#[test]
fn an_archive_that_ends_early_is_told_by_its_beginning() {
    let bytes = archive(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<x/>"), ("z", "")]);
    assert_eq!(of(&bytes[..bytes.len() - 100], "x.docx"), Ok(Format::Docx));
}

#[test]
fn compound_files_are_told_by_their_streams() {
    for (stream, format) in [
        ("WordDocument", Format::Doc),
        ("Workbook", Format::Xls),
        ("PowerPoint Document", Format::Ppt),
        ("EncryptedPackage", Format::EncryptedOffice),
        ("__properties_version1.0", Format::Msg),
    ] {
        assert_eq!(of(&compound(stream), "x.txt"), Ok(format));
    }
    let mut broken = compound("WordDocument");
    broken[44] = 0xff;
    assert_eq!(of(&broken, "x.doc"), Ok(Format::Doc));
}

#[test]
fn texts_with_tags_are_told_apart() {
    for (text, name, format) in [
        ("<!DOCTYPE html><p>x", "x.txt", Format::Html),
        ("\u{feff}<!-- c -->\n<HTML><body>", "x.md", Format::Html),
        ("<?xml version='1.0'?><!DOCTYPE html PUBLIC ''><html/>", "x.xml", Format::Html),
        ("<?xml version='1.0'?><note><to>x</to></note>", "x.html", Format::Xml),
        ("<note><to>x</to></note>", "x.txt", Format::Xml),
        ("<a><b>x</b></a>", "x.xml", Format::Xml),
        ("<select><option>x</select>", "x.html", Format::Html),
        ("<?xml version='1.0'?><title>x</title>", "x.xml", Format::Xml),
        ("<!DOCTYPE note SYSTEM 'x'><note/>", "x.xml", Format::Xml),
        ("<p align=center>Logo</p>\n\n# Title", "README.md", Format::Markdown),
        ("<p align=center>Logo</p>\n\ntext", "x.htm", Format::Html),
        ("words and <b>tags</b>", "x.html", Format::Html),
        ("words and <b>tags</b>", "x.txt", Format::Text),
        ("<ana@example.org> wrote: hello", "x.txt", Format::Text),
    ] {
        assert_eq!(of(text.as_bytes(), name), Ok(format), "{text}");
    }
}

#[test]
fn messages_are_known_by_their_headers() {
    let message = "Received: from x\n by y\nFrom: a@x.org\nSubject: b\n\nbody";
    assert_eq!(of(message.as_bytes(), "x.txt"), Ok(Format::Eml));
    assert_eq!(of(b"From a@x.org Mon\nFrom: a@x.org\nTo: b\n\nbody", "x"), Ok(Format::Eml));
    assert_eq!(of(b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n", "x.mht"), Ok(Format::Eml));
    assert_eq!(of("Nota: isto é um texto\nData: hoje\n".as_bytes(), "x"), Ok(Format::Text));
}

#[test]
fn the_name_decides_between_texts_alone() {
    let text = "a,b\n1,2\n";
    for (name, format) in
        [("x.csv", Format::Csv), ("x.TSV", Format::Csv), ("x.md", Format::Markdown), ("x", Format::Text)]
    {
        assert_eq!(of(text.as_bytes(), name), Ok(format));
    }
    assert_eq!(of(b"a;b;c\n1;2;3\n4;5;6\n7;8;9\n", "x.txt"), Ok(Format::Csv));
    assert_eq!(of(b"# A\n\n```\nx\n```\n", "x"), Ok(Format::Markdown));
    let wide: Vec<u8> = "São Paulo, uma cidade".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(of(&wide, "x.txt"), Ok(Format::Text));
}

#[test]
fn what_cannot_be_read_is_named() {
    let elf = [&b"\x7fELF\x02\x01\x01\0"[..], &[0; 64]].concat();
    let mp4 = [&b"\0\0\0\x18ftypisom\0\0\0\0isomiso2"[..], &[0; 64]].concat();
    for (bytes, name, words) in [
        (&elf[..], "x.pdf", "an ELF program"),
        (&mp4[..], "x.pdf", "an MP4 video"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\0\0", "x.txt", "a gzip archive"),
        (b"\x01\x02\0\0\0\x03\x04\x05", "x.txt", "in no format that is known"),
    ] {
        let refusal = of(bytes, name).unwrap_err();
        assert!(refusal.starts_with("unsupported_document:") && refusal.contains(words), "{refusal}");
    }
    assert_eq!(detect_bytes(b"", None).unwrap_err().code, "empty_document");
}

#[test]
fn every_beginning_of_every_file_is_told_or_refused() {
    let files = [
        archive(&[("mimetype", "application/epub+zip")]),
        compound("Workbook"),
        b"From: a\nTo: b\n\n<html>".to_vec(),
    ];
    for file in files {
        for length in 0..file.len().min(2000) {
            let _: Result<Format, ReadError> = detect_bytes(&file[..length], None);
        }
    }
}
