//! `esteira job why`: what does a job wait for?

use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;

use super::{path, view};
use crate::client::Client;
use crate::out;

/// Shows the state of a job, and every reason for which it does not run.
pub fn why(client: &Client, id: &str, as_json: bool) -> Result<ExitCode> {
    let answer = client.get(&path(id, "/why"), &[])?;
    if as_json {
        out::json(&answer);
    } else {
        lines(&answer).iter().for_each(out::line);
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(answer: &Value) -> Vec<String> {
    let running = answer.get("running").and_then(|running| {
        Some(format!(": attempt {}, since {}", running.get("attempt")?, running.get("since")?.as_str()?))
    });
    let mut lines = vec![format!("{}{}", view::state_of(answer), running.unwrap_or_default())];
    let reasons = answer.get("waits_for").and_then(Value::as_array);
    let messages = reasons.into_iter().flatten().filter_map(|reason| reason.get("message")?.as_str());
    lines.extend(messages.map(|message| format!("- {message}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_state_is_followed_by_what_is_known_of_it() {
        let waiting =
            json!({"state": "queued", "running": null, "waits_for": [{"message": "a"}, {"message": "b"}]});
        assert_eq!(lines(&waiting), ["queued", "- a", "- b"]);
        let running = json!({"state": "running", "running": {"attempt": 2, "since": "t"}, "waits_for": []});
        assert_eq!(lines(&running), ["running: attempt 2, since t"]);
        assert_eq!(lines(&json!({"state": "failed"})), ["failed"]);
    }
}
