//! `esteira webhook` against a running server, which delivers by itself.

use std::process::Output;

use serde_json::{Value, json};

use crate::running::{Server, error_of};

/// Nobody has this name (RFC 6761), so nothing of a test leaves the machine.
const NOWHERE: &str = "https://hooks.invalid/esteira";

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", error_of(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn webhooks_are_made_tested_changed_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let webhook = |args: &[&str]| server.client(&[&["webhook"], args, &["--json"]].concat());

    let refused = webhook(&["create", "https://127.0.0.1/"]);
    assert!(error_of(&refused).contains("must lead to a public address"), "{}", error_of(&refused));
    let made = json(&webhook(&["create", NOWHERE, "--event", "job.failed", "--description", "mine"]));
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let id = made["id"].as_str().unwrap();
    assert_eq!(json(&webhook(&["list"]))[0]["description"], "mine");

    assert_eq!(json(&webhook(&["show", id]))["url"], NOWHERE);

    let delivery = json(&webhook(&["test", id]));
    let tried = loop {
        let found = json(&webhook(&["deliveries", id, "--state", "pending"]));
        if found[0]["attempts"][0].is_object() {
            break found[0].clone();
        }
    };
    assert_eq!(
        (&tried["id"], &tried["attempts"][0]["error"]),
        (&delivery["id"], &json!("no_public_address"))
    );
    let shown = json(&webhook(&["delivery", id, delivery["id"].as_str().unwrap()]));
    assert_eq!((&shown["id"], &shown["payload"]["type"]), (&delivery["id"], &json!("webhook.test")));
    let again = json(&webhook(&["redeliver", id, delivery["id"].as_str().unwrap()]));
    assert_eq!((&again["state"], &again["attempt"]), (&json!("pending"), &json!(0)));

    let rotated =
        json(&webhook(&["update", id, "--rotate-secret", "--keep-old", "60", "--event", "job.succeeded"]));
    assert!(rotated["secret"].is_string() && rotated["old_secret_until"].is_string(), "{rotated}");
    assert_eq!(json(&webhook(&["update", id, "--disable"]))["enabled"], false);
    assert!(error_of(&webhook(&["test", id])).contains("409"));
    assert!(server.client(&["webhook", "delete", id]).status.success());
    assert_eq!(json(&webhook(&["list"])), json!([]));
    assert_eq!(server.terminate(), Some(0));
}
