//! A document goes in: what comes out of the whole kind?

#![expect(clippy::unwrap_used, reason = "what fails in a helper of a test fails the test")]

mod studio;

use serde_json::{Value, json};
use studio::{Studio, grid, pdf, stamped, zip};

const LETTER: &str =
    "Assunto: informa\u{e7}\u{f5}es sigilosas\nA manuten\u{e7}\u{e3}o da rede come\u{e7}a na segunda-feira.";

fn blocks(page: &Value) -> Vec<&str> {
    page["blocks"].as_array().unwrap().iter().map(|block| block["text"].as_str().unwrap()).collect()
}

#[test]
fn a_table_of_values_comes_out_in_every_form() {
    let studio = Studio::new();
    let csv = "Item;Preço\nRoteador;1.234,50\nCabo;9,90\nAntena;120,00\nConector;0,80\n";
    let asked = json!({"outputs": ["json", "md", "txt", "xlsx", "csv"]});
    let output = studio.read(csv.as_bytes(), asked).unwrap();
    assert_eq!(
        (output["media_type"].as_str(), output["usage"]["pages"].as_u64()),
        (Some("text/csv"), Some(1))
    );
    assert_eq!(output["counts"]["tables"], 1, "{output}");
    assert_eq!(studio.json()["pages"][0]["tables"][0]["rows"][1], json!(["Roteador", "1.234,50"]));
    assert!(studio.text("document.md").contains("| Roteador | 1.234,50 |"));
    assert_eq!(
        studio.text("tables/001.csv"),
        "Item,Preço\r\nRoteador,\"1.234,50\"\r\nCabo,\"9,90\"\r\nAntena,\"120,00\"\r\nConector,\"0,80\"\r\n"
    );
    assert!(studio.bytes("tables.xlsx").starts_with(b"PK"));
    assert_eq!(
        studio.artifacts(),
        ["tables/001.csv", "tables.xlsx", "document.md", "document.txt", "document.json"]
    );
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let asked =
        json!({"outputs": ["json", "md", "txt", "xlsx", "images", "searchable_pdf"], "ocr": "always"});
    let once = || {
        let studio = Studio::new();
        let output = studio.read(&pdf(&[LETTER]), asked.clone()).unwrap();
        assert_eq!(output["warnings"], json!([]));
        studio
    };
    let (one, other) = (once(), once());
    for name in ["document.json", "document.md", "tables.xlsx", "pages/0001.webp", "searchable.pdf"] {
        assert!(one.bytes(name) == other.bytes(name), "{name}");
    }
}

#[test]
fn the_pages_of_a_pdf_that_were_asked_for_are_read() {
    let studio = Studio::new();
    let output = studio.read(&pdf(&["Um", "Dois", "Tr\u{ea}s"]), json!({"pages": "2-"})).unwrap();
    let document = studio.json();
    let numbers: Vec<u64> =
        document["pages"].as_array().unwrap().iter().map(|page| page["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [2, 3]);
    assert_eq!((&document["metadata"]["pages"], &output["usage"]["pages"]), (&json!(3), &json!(2)));
    assert_eq!(blocks(&document["pages"][1]), ["Três"]);
    assert!(studio.passages().contains("Três") && !studio.passages().contains("Um"));
}

#[test]
fn a_scan_with_a_stamp_is_read_and_the_stamp_comes_once() {
    let studio = Studio::new();
    let asked = json!({"outputs": ["images"], "images": {"width": 1600, "format": "png"}});
    studio.read(&pdf(&[LETTER]), asked).unwrap();
    let stamp = "Num. 123456 - Page 1 Signed by JOAO DA SILVA on 2026-03-03 https://pje.example/7";
    let scan = Studio::new();
    let scanned = stamped(&studio.bytes("pages/0001.png"), stamp);
    let output = scan.read(&scanned, json!({"languages": ["por"], "outputs": ["json", "txt"]})).unwrap();
    assert_eq!(output["counts"]["ocr_pages"], 1, "{output}");
    let text = scan.text("document.txt");
    assert!(text.contains("manutenção da rede"), "{text}");
    assert_eq!((text.matches("Num. 123456").count(), text.matches("SILVA").count()), (1, 1), "{text}");
}

#[test]
fn a_scan_in_portuguese_is_read_from_its_picture_and_becomes_searchable() {
    let studio = Studio::new();
    studio
        .read(&pdf(&[LETTER]), json!({"outputs": ["images"], "images": {"width": 1600, "format": "png"}}))
        .unwrap();
    let picture = studio.bytes("pages/0001.png");
    let scan = Studio::new();
    let output =
        scan.read(&picture, json!({"languages": ["por"], "outputs": ["json", "searchable_pdf"]})).unwrap();
    assert_eq!(output["counts"]["ocr_pages"], 1);
    let page = &scan.json()["pages"][0];
    assert_eq!(page["source"], "ocr");
    let text = blocks(page).join("\n");
    assert!(text.contains("informações sigilosas") && text.contains("manutenção"), "{text}");
    // What was made of it is read again by its text, not by its picture.
    let again = Studio::new();
    again.read(&scan.bytes("searchable.pdf"), json!({"ocr": "never"})).unwrap();
    assert!(again.text("document.txt").contains("informações sigilosas"), "{}", again.text("document.txt"));
}

#[test]
fn what_lies_inside_a_message_or_a_bundle_is_a_part_of_its_own() {
    let message = "From: ana@example.com\r\nTo: bia@example.com\r\nSubject: Contrato\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSegue o contrato.\r\n\
        --b\r\nContent-Type: text/csv; name=itens.csv\r\nContent-Disposition: attachment; filename=itens.csv\r\n\r\n\
        item,valor\r\ncabo,9\r\n--b--\r\n";
    let bundle =
        zip(&[("carta.eml", message.as_bytes()), ("foto.bin", b"\x7fELF\x02\x01\x01 nothing to read")]);
    let studio = Studio::new();
    let output = studio.read(&bundle, json!({})).unwrap();
    let text = studio.text("document.txt");
    assert!(text.contains("Segue o contrato.") && text.contains("cabo\t9"), "{text}");
    let document = studio.json();
    let names: Vec<&str> =
        document["pages"].as_array().unwrap().iter().filter_map(|page| page["name"].as_str()).collect();
    assert!(names.iter().any(|name| name.contains("carta.eml")), "{names:?}");
    assert!(names.iter().any(|name| name.contains("itens.csv")), "{names:?}");
    let warnings = output["warnings"].to_string();
    assert!(warnings.contains("foto.bin"), "{warnings}");
}

/// The picture of a page with this text.
fn picture(text: &str) -> Vec<u8> {
    let studio = Studio::new();
    let asked = json!({"outputs": ["images"], "images": {"width": 1600, "format": "png"}});
    studio.read(&pdf(&[text]), asked).unwrap();
    studio.bytes("pages/0001.png")
}

#[test]
fn a_picture_that_an_earlier_attempt_has_read_is_not_read_again() {
    let asked = json!({"languages": ["por"], "outputs": ["txt", "images"]});
    let first = Studio::keeping(b"");
    first.read(&picture(LETTER), asked.clone()).unwrap();
    let kept = String::from_utf8(first.kept()).unwrap();
    assert!(kept.contains("sigilosas"), "{kept}");
    // Whoever looked at the picture would find the other word.
    let again = Studio::keeping(kept.replace("sigilosas", "SIGILOSAS").as_bytes());
    again.read(&picture(LETTER), asked.clone()).unwrap();
    let text = again.text("document.txt");
    assert!(text.contains("informa\u{e7}\u{f5}es SIGILOSAS"), "{text}");
    assert!(again.kept().is_empty(), "nothing is kept twice");
    // What an address gave at an earlier attempt is not what it gives now.
    let other = Studio::keeping(kept.as_bytes());
    other.read(&picture("Outra coisa"), asked).unwrap();
    assert!(other.text("document.txt").contains("Outra coisa"), "{}", other.text("document.txt"));
}

#[test]
fn tables_are_not_looked_for_where_nobody_wants_them() {
    let text = "Item        Valor       Total\nCabo        9,90        19,80\nAntena      120,00      240,00\nRoteador    1,00        2,00";
    let columns: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    let document = grid(&columns);
    let with = Studio::new();
    assert_eq!(with.read(&document, json!({})).unwrap()["counts"]["tables"], 1);
    let without = Studio::new();
    assert_eq!(without.read(&document, json!({"tables": false})).unwrap()["counts"]["tables"], 0);
    assert!(without.text("document.txt").contains("Antena"), "{}", without.text("document.txt"));
}

#[test]
fn pages_have_the_same_numbers_whichever_are_asked_for() {
    let (one, two) = (pdf(&["um", "dois", "tr\u{ea}s"]), pdf(&["quatro", "cinco"]));
    let bundle = zip(&[("a.pdf", &one), ("b.pdf", &two)]);
    let all = Studio::new();
    all.read(&bundle, json!({})).unwrap();
    let document = all.json();
    let fifth = &document["pages"][4];
    assert_eq!((fifth["number"].as_u64(), blocks(fifth)), (Some(5), vec!["cinco"]));
    let part = Studio::new();
    part.read(&bundle, json!({"pages": "5"})).unwrap();
    assert_eq!(part.json()["pages"], json!([fifth]));
    // Of none of them, a warning tells.
    let none = Studio::new();
    let output = none.read(&bundle, json!({"pages": "9-"})).unwrap();
    assert_eq!(output["warnings"][0]["code"], "no_page_asked_for", "{output}");
}

#[test]
fn what_is_missing_is_told_as_a_loss_and_what_is_odd_is_not() {
    let bundle = zip(&[("a.txt", b"texto"), ("b.bin", b"\x7fELF\x02\x01\x01 nothing to read")]);
    let studio = Studio::new();
    let output = studio.read(&bundle, json!({"outputs": ["txt", "images"]})).unwrap();
    let loss = |code: &str| {
        let warnings = output["warnings"].as_array().unwrap().iter();
        warnings
            .filter(|it| it["code"] == code)
            .map(|it| it["loss"].as_bool().unwrap_or(false))
            .collect::<Vec<_>>()
    };
    assert_eq!((loss("unsupported_document"), loss("nothing_drawn")), (vec![true], vec![false]), "{output}");
    assert_eq!(output["truncated"], true);
}

#[test]
fn text_beyond_the_limit_is_cut_and_what_stands_before_it_stays() {
    let studio = Studio::new();
    let text = "um dois tr\u{ea}s quatro\n\ncinco seis sete oito\n\nnove dez\n";
    let output = studio.read_with(text.as_bytes(), json!({}), &json!({"text_bytes": 160})).unwrap();
    let read = studio.text("document.txt");
    assert!(read.starts_with("um dois tr\u{ea}s quatro") && !read.contains("nove"), "{read}");
    assert_eq!(output["truncated"], true, "{output}");
}

#[test]
fn a_scan_that_nothing_here_can_read_is_no_empty_success() {
    let studio = Studio::new();
    let settings = json!({"tessdata": "/nonexistent"});
    let error = studio.read_with(&picture(LETTER), json!({}), &settings).unwrap_err();
    assert_eq!(error.code, "ocr_unavailable", "{error:?}");
    // A document that has text as well is worth having.
    let bundle = zip(&[("a.png", &picture(LETTER)), ("b.txt", b"texto")]);
    let output = Studio::new().read_with(&bundle, json!({}), &settings).unwrap();
    assert_eq!(output["truncated"], true, "{output}");
}

#[test]
fn what_stands_over_a_message_is_the_front_of_its_texts() {
    let message = "From: =?utf-8?Q?Ana_=22A=22?= <ana@example.com>\r\nTo: bia@example.com\r\nSubject: =?utf-8?Q?Reuni=C3=A3o?=\r\n\r\n\
        Amanh\u{e3}, \u{e0}s dez.\r\n";
    let studio = Studio::new();
    studio.read(message.as_bytes(), json!({})).unwrap();
    let markdown = studio.text("document.md");
    let front = "---\nfrom: \"Ana \\\"A\\\" <ana@example.com>\"\nto: \"bia@example.com\"\nsubject: \"Reuni\u{e3}o\"\n---\n";
    assert!(markdown.starts_with(front), "{markdown}");
    let text = studio.text("document.txt");
    assert!(text.contains("Subject: Reuni\u{e3}o\n\nAmanh\u{e3}"), "{text}");
    let document = studio.json();
    assert_eq!(document["metadata"]["subject"], "Reuni\u{e3}o");
    assert_eq!(document["pages"][0]["blocks"].as_array().unwrap().len(), 1, "{document}");
    // Within a bundle, there is no other place for it than the page.
    let bundle = Studio::new();
    bundle.read(&zip(&[("carta.eml", message.as_bytes())]), json!({})).unwrap();
    assert!(bundle.text("document.md").contains("Subject: Reuni\u{e3}o"), "{}", bundle.text("document.md"));
}

#[test]
fn the_name_of_an_upload_decides_where_the_content_does_not() {
    let table = "nome;cidade\nAna;Bel\u{e9}m\n";
    let studio = Studio::called("clientes.csv");
    let output = studio.read(table.as_bytes(), json!({})).unwrap();
    assert_eq!(output["media_type"], "text/csv", "{output}");
    assert_eq!(studio.json()["pages"][0]["tables"][0]["rows"][1], json!(["Ana", "Bel\u{e9}m"]));
    // It is what hits of the search are shown under, where the document has no title.
    assert!(studio.reports().contains("clientes.csv"), "{}", studio.reports());
    // Content that says what it is is not argued with.
    let renamed = Studio::called("clientes.csv");
    let output = renamed.read(&pdf(&["contrato de aluguel"]), json!({})).unwrap();
    assert_eq!(output["media_type"], "application/pdf");
}

#[test]
fn a_message_is_read_without_its_files_where_nobody_wants_them() {
    let message = "From: ana@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nSegue a lista.\r\n--b\r\nContent-Type: text/plain; name=lista.txt\r\n\
        Content-Disposition: attachment; filename=lista.txt\r\n\r\ncabo e antena\r\n--b--\r\n";
    let bundle = zip(&[("carta.eml", message.as_bytes()), ("nota.txt", b"nota fiscal")]);
    for (asked, has_list) in [(json!({}), true), (json!({"attachments": false}), false)] {
        let studio = Studio::new();
        studio.read(&bundle, asked).unwrap();
        let text = studio.text("document.txt");
        assert!(text.contains("Segue a lista") && text.contains("nota fiscal"), "{text}");
        assert_eq!(text.contains("cabo e antena"), has_list, "{text}");
    }
}

#[test]
fn documents_are_not_read_deeper_than_is_allowed() {
    let mut bundle = zip(&[("fundo.txt", b"no fundo do pacote")]);
    for depth in 0..4 {
        bundle = zip(&[(&format!("pacote-{depth}.zip"), &bundle)]);
    }
    let studio = Studio::new();
    let output = studio.read(&bundle, json!({})).unwrap();
    assert_eq!(output["truncated"], true);
    assert!(output["warnings"].to_string().contains("nested_too_deep"), "{output}");
    let all = Studio::new();
    all.read_with(&bundle, json!({}), &json!({"nesting": 5})).unwrap();
    assert!(all.text("document.txt").contains("no fundo do pacote"));
}

#[test]
fn at_a_limit_the_pages_so_far_are_given_back() {
    let pages = ["uma p\u{e1}gina com algum texto"; 8];
    for (settings, code, read) in
        [(json!({"text_bytes": 100}), "too_much_text", 4), (json!({"pages": 5}), "too_many_pages", 5)]
    {
        let studio = Studio::new();
        let output = studio.read_with(&pdf(&pages), json!({}), &settings).unwrap();
        assert_eq!(
            (&output["truncated"], &output["counts"]["pages"]),
            (&json!(true), &json!(read)),
            "{output}"
        );
        assert_eq!(output["warnings"][0]["code"], code);
        assert_eq!(studio.json()["truncated"], true);
    }
}

#[test]
fn what_cannot_be_read_is_refused_for_good_and_says_what_it_is() {
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    for (document, code, word) in [
        (&b""[..], "empty_document", "no bytes"),
        (&program[..4096], "unsupported_document", "program"),
        (&b"%PDF-1.7\nnothing that follows is one"[..], "malformed_document", "PDF"),
    ] {
        let error = Studio::new().read(document, json!({})).unwrap_err();
        assert_eq!((error.code.as_str(), error.retryable), (code, false), "{error}");
        assert!(error.message.contains(word), "{error}");
    }
    let error = Studio::new().read_with(b"texto", json!({}), &json!({"bytes": 4})).unwrap_err();
    assert_eq!(error.code, "document_too_large");
}

#[test]
fn what_comes_out_is_limited_as_a_whole() {
    let studio = Studio::new();
    let pages: Vec<String> = (0..9).map(|page| format!("P{page} {}", "palavra ".repeat(20))).collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let settings = json!({"output_bytes": 1_000});
    let asked = json!({"outputs": ["json", "images"], "images": {"width": 600}});
    let output = studio.read_with(&pdf(&pages), asked, &settings).unwrap();
    let read = output["counts"]["pages"].as_u64().unwrap();
    assert!((1..9).contains(&read), "{output}");
    assert_eq!(
        (&output["warnings"][0]["code"], &output["truncated"]),
        (&json!("too_much_output"), &json!(true))
    );
}

#[test]
fn empty_places_of_all_tables_are_limited_together() {
    // The first row and the first column of each table are full.
    let table = format!(
        "<table><tr>{}</tr>{}</table>",
        "<td>a</td>".repeat(1_500),
        "<tr><td>b</td></tr>".repeat(1_500)
    );
    let studio = Studio::new();
    let page = format!("<!DOCTYPE html><html><body>{}</body></html>", table.repeat(3));
    let output = studio.read(page.as_bytes(), json!({"outputs": ["json"]})).unwrap();
    let codes: Vec<_> = output["warnings"].as_array().unwrap().iter().map(|it| it["code"].clone()).collect();
    assert_eq!((codes, &output["truncated"]), (vec![json!("table_cut")], &json!(true)));
    let json = studio.json();
    let rows: Vec<usize> = json["pages"][0]["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["rows"].as_array().unwrap().len())
        .collect();
    assert_eq!(rows, [1_501, 1_165]);
}
