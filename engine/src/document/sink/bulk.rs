//! How do passages get to the search server? Some megabytes at a time; what it refuses is known by its document.

use std::collections::BTreeMap;

use hyper::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::server::{Server, ServerError};

/// Passages on their way into one index.
pub(super) struct Bulk<'a> {
    server: &'a Server,
    /// The index, or an alias.
    target: &'a str,
    lines: String,
    /// Documents with a passage that was refused, and why.
    pub refused: BTreeMap<Uuid, String>,
}

impl<'a> Bulk<'a> {
    pub fn new(server: &'a Server, target: &'a str) -> Self {
        Self { server, target, lines: String::new(), refused: BTreeMap::new() }
    }

    /// Takes a passage, and sends what has come together.
    pub async fn add(&mut self, document: Uuid, number: i32, passage: &Value) -> Result<(), ServerError> {
        // The same name each time: a passage that comes twice is there once.
        let id = format!("{document}.{number}");
        self.lines.push_str(&json!({"index": {"_id": id}}).to_string());
        self.lines.push('\n');
        self.lines.push_str(&passage.to_string());
        self.lines.push('\n');
        if self.lines.len() >= self.server.options().bulk_bytes { self.send().await } else { Ok(()) }
    }

    /// Sends what there is.
    pub async fn send(&mut self) -> Result<(), ServerError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let path = format!("{}/_bulk", self.target);
        let lines = std::mem::take(&mut self.lines);
        let answer = self.server.call(Method::POST, &path, "application/x-ndjson", lines).await?;
        if answer.get("errors") == Some(&Value::Bool(false)) {
            return Ok(());
        }
        for item in answer.get("items").and_then(Value::as_array).into_iter().flatten() {
            if let Some((document, why)) = refusal(item) {
                self.refused.entry(document).or_insert(why);
            }
        }
        Ok(())
    }
}

/// The document of a passage that was refused, and why.
fn refusal(item: &Value) -> Option<(Uuid, String)> {
    let item = item.get("index")?;
    let error = item.get("error")?;
    let (document, _) = item.get("_id")?.as_str()?.split_once('.')?;
    let why = error.get("reason").and_then(Value::as_str).map_or_else(|| error.to_string(), str::to_owned);
    Some((document.parse().ok()?, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_known_by_its_document() {
        let id = Uuid::now_v7();
        let item = json!({"index": {"_id": format!("{id}.3"), "status": 400, "error": {"reason": "no"}}});
        assert_eq!(refusal(&item), Some((id, "no".to_owned())));
        assert_eq!(refusal(&json!({"index": {"_id": format!("{id}.3"), "status": 201}})), None);
    }
}
