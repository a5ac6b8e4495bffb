//! Which settings does each kind have, and how does the file write them? `[kinds."NAME".settings]`, and its limits.

use esteira_engine::config::{Config, KindConfig};
use esteira_engine::job::KindInfo;
use serde_json::{Value, json};

/// Every kind's tables as they stand in the file, each value with its manual; without a config that fits, the kinds'
/// own values.
pub fn lines(kinds: &[KindInfo], config: Option<&Config>) -> Vec<String> {
    let none = KindConfig::default();
    let mut lines = Vec::new();
    for kind in kinds {
        let changed = config.and_then(|config| config.kinds.get(kind.name)).unwrap_or(&none);
        lines.push(format!("[kinds.\"{}\".settings]", kind.name));
        for (name, own) in kind.settings.as_object().into_iter().flatten() {
            let set = changed.settings.get(name);
            lines.push(line(name, set.unwrap_or(own), set.is_some()));
            let doc = kind.settings_schema.pointer(&format!("/properties/{name}/description"));
            lines.extend(doc.and_then(Value::as_str).map(|doc| format!("    {doc}")));
        }
        lines.push(format!("\n[kinds.\"{}\".resources]", kind.name));
        let (own, set) = (&kind.resources, &changed.resources);
        for (name, own, set, doc) in [
            ("memory_bytes", own.memory_bytes, set.memory_bytes, "Address space of a child, in bytes."),
            (
                "cpu_seconds",
                own.cpu_seconds,
                set.cpu_seconds,
                "CPU seconds of a child, over all its threads.",
            ),
            ("file_bytes", own.file_bytes, set.file_bytes, "Largest file that a child may write, in bytes."),
            ("open_files", own.open_files, set.open_files, "Descriptors that a child may have open."),
            ("threads", own.threads, set.threads, "Threads of a child."),
        ] {
            lines.push(line(name, &json!(set.unwrap_or(own)), set.is_some()));
            lines.push(format!("    {doc}"));
        }
        lines.push(String::new());
    }
    lines
}

fn line(name: &str, value: &Value, is_set: bool) -> String {
    let origin = if is_set { "file" } else { "default" };
    format!("{name} = {}  ({origin})", as_toml(value))
}

/// A value as the file writes it on one line.
fn as_toml(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let pairs: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name} = {}", as_toml(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_as_the_file_takes_it() {
        assert_eq!(as_toml(&json!({"a": 1, "b": "x"})), "{ a = 1, b = \"x\" }");
        assert_eq!(line("max_seconds", &json!(900.0), false), "max_seconds = 900.0  (default)");
    }
}
