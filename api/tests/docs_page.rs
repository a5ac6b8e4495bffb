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

/// The contrast of two colours like `#0a7d62`, as the guidelines for accessible pages (WCAG 2) reckon it.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5) + 0.05
    };
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

#[tokio::test]
async fn its_colours_can_be_read_by_day_and_by_night() {
    let esteira = Esteira::start().await;
    let style = String::from_utf8(esteira.get("", "/docs/page.css").await.body.to_vec()).unwrap();
    let (day, night) = style.split_once("(prefers-color-scheme: dark)").unwrap();
    // What lies behind, with the tint of a box.
    for (scheme, behind) in [(day, "#f7f7f7"), (night, "#1a1a1a")] {
        for name in ["--accent: ", "--alert: ", "--faint: "] {
            let colour = &scheme.split_once(name).unwrap().1[..7];
            assert!(contrast(colour, behind) >= 4.5, "{name}{colour} on {behind}");
        }
    }
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 0.01);
}
