//! Whole messages.

use super::super::super::recorder::Recorder;
use super::*;

fn read_all(message: &[u8]) -> (Recorder, Metadata) {
    crate::seeds::keep(message);
    let mut recorder = Recorder::default();
    let metadata = read(message, &DocumentLimits::default(), &mut recorder).unwrap();
    (recorder, metadata)
}

#[test]
fn a_message_shows_its_headers_and_its_text_and_hands_on_its_files() {
    let message = "From: Jo\u{e3}o <j@x.org>\r\nTo: ana@x.org\r\nSubject: =?iso-8859-1?Q?Relat=F3rio?=\r\n\
        Date: Tue, 03 Mar 2026 10:20:30 -0300\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Ol=E1,\r\n\r\nsegue o relat=F3rio.\r\n\
        --b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Transfer-Encoding: base64\r\n\r\nYTtiCjE7Mg==\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nhi\r\n--b--\r\n";
    let (recorder, metadata) = read_all(message.as_bytes());
    let head = [
        "From: João <j@x.org>",
        "To: ana@x.org",
        "Date: Tue, 03 Mar 2026 10:20:30 -0300",
        "Subject: Relatório",
    ];
    assert_eq!(recorder.head(), head);
    assert_eq!(recorder.texts(), ["Olá,", "segue o relatório."]);
    let files: Vec<_> =
        recorder.inner.iter().map(|inner| (inner.name.as_str(), inner.bytes.as_slice())).collect();
    assert_eq!(files, [("a.csv", &b"a;b\n1;2"[..]), ("part-3.eml", b"Subject: inner\r\n\r\nhi")]);
    assert_eq!(metadata.created.as_deref(), Some("2026-03-03T10:20:30-03:00"));
    assert_eq!((metadata.authors.len(), metadata.recipients.len()), (1, 1));
}

#[test]
fn a_page_alone_is_read_as_blocks() {
    let message = b"Content-Type: text/html; charset=utf-8\n\n<h1>T\xc3\xadtulo</h1><p>a<br>b</p>";
    assert_eq!(read_all(message).0.texts(), ["Título", "a\nb"]);
}

#[test]
fn a_wrong_charset_does_no_harm() {
    let latin = encoding_rs::WINDOWS_1252.encode("Manutenção não é só reparação.").0;
    let message = [&b"Content-Type: text/plain; charset=utf-8\n\n"[..], &latin].concat();
    assert_eq!(read_all(&message).0.texts(), ["Manutenção não é só reparação."]);
    let message = "Content-Type: text/plain; charset=us-ascii\n\nManutenção não é só reparação.";
    assert_eq!(read_all(message.as_bytes()).0.texts(), ["Manutenção não é só reparação."]);
}

#[test]
fn softly_broken_lines_are_joined() {
    assert_eq!(
        unflowed("um \ndois\n> tres \n> quatro\n-- \nAna", false),
        "um dois\n> tres quatro\n-- \nAna\n"
    );
    assert_eq!(unflowed("日本 \n語", true), "日本語\n");
}

#[test]
fn a_box_of_messages_is_handed_on_message_by_message() {
    let (recorder, _) = read_all(b"From a Mon\nSubject: 1\n\none\n\nFrom b Tue\nSubject: 2\n\ntwo\n");
    let names: Vec<_> = recorder.inner.iter().map(|inner| inner.name.as_str()).collect();
    assert_eq!(names, ["message-1.eml", "message-2.eml"]);
}

#[test]
fn bombs_end_soon() {
    let header = format!("To: {}\nSubject: x\n\nbody", "a@x.org, (((((".repeat(200_000));
    read_all(header.as_bytes());
    let words = format!("Subject: {}\n\nbody", "=?utf-8?q?a?= ".repeat(100_000));
    read_all(words.as_bytes());
    let lines = "x: y\n".repeat(1_000_000);
    read_all(lines.as_bytes());
    let dashes = format!("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{}", "--\n".repeat(3_000_000));
    read_all(dashes.as_bytes());
    let parameters = format!("Content-Type: text/plain; {}\n\nx", "a=b; ".repeat(100_000));
    read_all(parameters.as_bytes());
    let continued: String = (0..50_000).map(|n| format!("a*{n}=b; ")).collect();
    read_all(format!("Content-Type: text/plain; {continued}\n\nx").as_bytes());
}
