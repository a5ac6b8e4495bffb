//! `esteira search` and `esteira document` against a running server.

use serde_json::{Value, json};

use crate::running::{Server, error_of};

#[test]
fn documents_are_listed_and_searched_and_what_cannot_be_asked_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let json_of = |args: &[&str]| -> Value {
        let output = server.client(&[args, &["--json"]].concat());
        assert!(output.status.success(), "{}", error_of(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(json_of(&["search", "contrato"]), json!({"items": [], "next_cursor": null}));
    assert_eq!(json_of(&["search", "reindex again", "--kind", "x"])["items"], json!([]));
    assert_eq!(json_of(&["document", "list", "--language", "pt"]), json!([]));
    for (args, said) in [
        (&["search", " -contrato"][..], "must have a word that is wanted"),
        (&["search"], "say what to look for"),
        (&["search", "reindex"], "setting search.opensearch_url"),
        (&["document", "get", "00000000-0000-7000-8000-000000000000"], "There is no such resource"),
    ] {
        let refused = server.client(args);
        assert!(error_of(&refused).contains(said), "{args:?}: {}", error_of(&refused));
    }
}
