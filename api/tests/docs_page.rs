//! The page of `/docs`, run by Node with as much of a browser as it needs: it shows the whole description.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use tokio::process::Command;

use crate::support::Esteira;
use crate::surface::operations;

/// Elements that keep what is put into them; prints every attribute that the page has set, and every text.
const BROWSER: &str = r#"
const fs = require("node:fs");
const [description, page] = process.argv.slice(1);
class Element {
  constructor() { this.attributes = {}; this.children = []; }
  setAttribute(name, value) { this.attributes[name] = String(value); }
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  scrollIntoView() {}
}
const places = { main: new Element(), contents: new Element() };
const document = { createElement: () => new Element(), getElementById: (id) => places[id] ?? null };
const fetch = async () => ({ json: async () => JSON.parse(fs.readFileSync(description, "utf8")) });
new Function("document", "location", "fetch", fs.readFileSync(page, "utf8"))(document, { hash: "" }, fetch);
const shown = { ids: [], links: [], texts: [] };
function walk(node) {
  if (typeof node === "string") return shown.texts.push(node);
  if (node.attributes.id) shown.ids.push(node.attributes.id);
  if (node.attributes.href) shown.links.push(node.attributes.href);
  node.children.forEach(walk);
}
setImmediate(() => { walk(places.main); walk(places.contents); console.log(JSON.stringify(shown)); });
"#;

#[tokio::test]
async fn the_page_shows_every_operation_and_code_and_its_links_lead_somewhere() {
    let esteira = Esteira::start().await;
    let folder = tempfile::tempdir().unwrap();
    let files = [("/openapi.json", "openapi.json"), ("/docs/page.js", "page.js")];
    let mut command = Command::new("node");
    command.args(["-e", BROWSER]);
    for (path, name) in files {
        let file = folder.path().join(name);
        fs::write(&file, esteira.get("", path).await.body).unwrap();
        command.arg(file);
    }
    let done = command.output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let shown: Value = serde_json::from_slice(&done.stdout).unwrap();
    let list = |name: &str| -> BTreeSet<String> { serde_json::from_value(shown[name].clone()).unwrap() };
    let (ids, links, texts) = (list("ids"), list("links"), list("texts"));
    for operation in operations(&esteira).await {
        assert!(ids.contains(operation.id()), "{}", operation.id());
        assert!(texts.contains(&operation.path), "{}", operation.path);
    }
    for code in ["job_final", "unauthenticated", "unknown_route"] {
        assert!(ids.contains(code), "{code}");
    }
    let nowhere: Vec<&String> = links.iter().filter(|link| !ids.contains(&link[1..])).collect();
    assert!(nowhere.is_empty() && links.len() > 100, "{nowhere:?}");
}
