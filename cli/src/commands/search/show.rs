//! How are hits shown to a person? A line for where, a line for what.

use serde_json::Value;

use crate::{out, table};

/// Prints a page of hits.
pub fn show(page: &Value) {
    let hits = page.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for hit in hits {
        let cells = table::cells(hit, &["title", "document_id", "snippet"]);
        let [title, document, snippet] = cells.as_slice() else { continue };
        out::line(format_args!("{title}{}  ({document})", place(hit)));
        out::line(format_args!("    {}", plain(snippet)));
    }
    if hits.is_empty() {
        out::note("nothing is found");
    } else if page.get("next_cursor").is_some_and(|cursor| !cursor.is_null()) {
        out::note("there is more: ask with a higher --limit");
    }
}

/// Where in its document a hit is.
fn place(hit: &Value) -> String {
    let number = |field| hit.get(field).and_then(Value::as_f64);
    match (number("page"), number("seconds")) {
        (Some(page), _) => format!(", page {page}"),
        (None, Some(seconds)) => format!(", {}", clock(seconds)),
        (None, None) => String::new(),
    }
}

/// Seconds as a player shows them.
fn clock(seconds: f64) -> String {
    let whole = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default().as_secs();
    format!("{:02}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
}

/// A snippet without its HTML; what was found stands between asterisks.
fn plain(snippet: &str) -> String {
    let text = snippet.replace("<mark>", "*").replace("</mark>", "*").replace('\n', " ");
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(text, |text, (escaped, plain)| text.replace(escaped, plain))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hit_is_where_its_document_has_it() {
        assert_eq!(place(&json!({"page": 3, "seconds": null})), ", page 3");
        assert_eq!(place(&json!({"page": null, "seconds": 3725.9})), ", 01:02:05");
        assert_eq!(place(&json!({})), "");
    }

    #[test]
    fn a_snippet_is_plain_text_in_a_terminal() {
        assert_eq!(plain("a <mark>b</mark> &lt;i&gt; &amp;lt; c\nd"), "a *b* <i> &lt; c d");
    }
}
