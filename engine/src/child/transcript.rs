//! What has the child said so far, and may it say that? The worker's check of every report.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::ended::{ArtifactNote, BadChild};
use super::protocol::{LogLevel, Progress, Report};
use crate::document::DocumentHead;
use crate::job::{KindError, is_artifact_name};

/// More lines than a day of progress five times a second.
const LINES: u64 = 500_000;
/// What all lines together may hold.
const BYTES: usize = 256 << 20;
/// What a job may log; the rest is dropped with one notice, for a talkative job is not a bad one.
const LOG_BYTES: usize = 1 << 20;
/// Segments of a long video in several resolutions.
const ARTIFACTS: usize = 10_000;
/// Characters of a text that is shown to a person.
const MESSAGE: usize = 2_000;
/// Characters of a name.
const WORD: usize = 64;

/// The reports of one child, checked.
#[derive(Debug, Default)]
pub(super) struct Transcript {
    /// Whether the sandbox stands and the kind has begun.
    pub started: bool,
    /// What the kind returned; nothing is said after it.
    pub result: Option<Result<Value, KindError>>,
    /// What was declared under `out/`.
    pub artifacts: Vec<ArtifactNote>,
    /// The document that it read.
    pub document: Option<DocumentHead>,
    names: HashSet<String>,
    checkpoints: u64,
    lines: u64,
    bytes: usize,
    log_bytes: usize,
}

impl Transcript {
    /// Takes in one line and gives the report that is worth passing on, cleaned of what a database
    /// or a page could not show.
    pub fn take(&mut self, line: &[u8]) -> Result<Option<Report>, BadChild> {
        self.lines += 1;
        self.bytes = self.bytes.saturating_add(line.len());
        if self.lines > LINES || self.bytes > BYTES {
            return Err(BadChild::ManyLines);
        }
        // A child says with an empty line that it is ready for its assignment.
        if line.is_empty() && self.lines == 1 {
            return Ok(None);
        }
        let report = serde_json::from_slice(line).map_err(|_| BadChild::NoReport)?;
        // Before `started` only a failed start can be told; after the result, nothing.
        let in_order = match &report {
            Report::Started => !self.started,
            Report::Failed { .. } => true,
            _ => self.started,
        };
        if !in_order || self.result.is_some() {
            return Err(BadChild::OutOfOrder);
        }
        self.accept(report)
    }

    fn accept(&mut self, report: Report) -> Result<Option<Report>, BadChild> {
        Ok(match report {
            Report::Started => {
                self.started = true;
                Some(Report::Started)
            }
            Report::Progress(progress) => Some(Report::Progress(clean_progress(&progress)?)),
            Report::Log { level, message } => self.log(level, &message),
            Report::Checkpoint { number } => {
                self.checkpoints += 1;
                if number != self.checkpoints {
                    return Err(BadChild::OutOfOrder);
                }
                Some(Report::Checkpoint { number })
            }
            Report::Artifact { name, media_type } => self.artifact(name, &media_type)?,
            Report::Document(head) => {
                let head = DocumentHead { metadata: without_nul_in(head.metadata), ..head };
                self.document = Some(head.checked().map_err(BadChild::Document)?);
                None
            }
            Report::Done { output } => {
                self.result = Some(Ok(without_nul(output)));
                None
            }
            Report::Failed { code, message, retryable } => {
                let code = if is_code(&code) { code } else { "kind_failed".to_owned() };
                self.result = Some(Err(KindError { code, message: clean(&message, MESSAGE), retryable }));
                None
            }
        })
    }

    fn log(&mut self, level: LogLevel, message: &str) -> Option<Report> {
        let before = self.log_bytes;
        self.log_bytes = before.saturating_add(message.len());
        if self.log_bytes <= LOG_BYTES {
            return Some(Report::Log { level, message: clean(message, MESSAGE) });
        }
        let notice = "the log is full; later lines are dropped".to_owned();
        (before <= LOG_BYTES).then_some(Report::Log { level: LogLevel::Warn, message: notice })
    }

    fn artifact(&mut self, name: String, media_type: &str) -> Result<Option<Report>, BadChild> {
        if !is_artifact_name(&name) {
            return Err(BadChild::ArtifactName);
        }
        // Declaring a file again changes nothing: a kind may repeat a step.
        if self.names.contains(&name) {
            return Ok(None);
        }
        if self.names.len() >= ARTIFACTS {
            return Err(BadChild::ManyArtifacts);
        }
        self.names.insert(name.clone());
        let media_type =
            if is_media_type(media_type) { media_type } else { "application/octet-stream" }.to_owned();
        self.artifacts.push(ArtifactNote { name: name.clone(), media_type: media_type.clone() });
        Ok(Some(Report::Artifact { name, media_type }))
    }
}

fn clean_progress(progress: &Progress) -> Result<Progress, BadChild> {
    if !progress.fraction.is_finite() {
        return Err(BadChild::NoReport);
    }
    Ok(Progress {
        fraction: progress.fraction.clamp(0.0, 1.0),
        stage: clean(&progress.stage, WORD),
        message: clean(&progress.message, MESSAGE),
    })
}

/// Control characters break logs and terminals, and Postgres keeps no NUL.
fn clean(text: &str, characters: usize) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).take(characters).collect()
}

/// Postgres' `jsonb` has no NUL in its texts. The depth is bounded by the JSON reader.
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "\u{fffd}")),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(fields) => Value::Object(without_nul_in(fields)),
        plain => plain,
    }
}

fn without_nul_in(fields: Map<String, Value>) -> Map<String, Value> {
    fields.into_iter().map(|(key, field)| (key.replace('\0', "\u{fffd}"), without_nul(field))).collect()
}

fn is_code(code: &str) -> bool {
    (1..=WORD).contains(&code.len())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_media_type(text: &str) -> bool {
    text.len() <= 100
        && text.split_once('/').is_some_and(|(top, sub)| !top.is_empty() && !sub.is_empty())
        && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(lines: &[&str]) -> Result<Transcript, BadChild> {
        let mut transcript = Transcript::default();
        for line in lines {
            transcript.take(line.as_bytes())?;
        }
        Ok(transcript)
    }

    const STARTED: &str = r#"{"event":"started"}"#;
    const DONE: &str = r#"{"event":"done","output":{"a":"b\u0000"}}"#;

    #[test]
    fn a_whole_story_is_taken_in() {
        let transcript =
            after(&["", STARTED, r#"{"event":"artifact","name":"a.txt","media_type":"text/plain"}"#, DONE])
                .expect("in order");
        assert_eq!(transcript.artifacts.len(), 1);
        assert!(matches!(transcript.result, Some(Ok(output)) if output["a"] == "b\u{fffd}"));
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for line in ["hello", "{}", "[1]", "", r#"{"event":"unknown"}"#] {
            assert_eq!(after(&[STARTED, line]).err(), Some(BadChild::NoReport), "{line}");
        }
    }

    #[test]
    fn nothing_is_said_before_the_start_or_after_the_end() {
        assert_eq!(after(&[DONE]).err(), Some(BadChild::OutOfOrder));
        assert_eq!(after(&[STARTED, STARTED]).err(), Some(BadChild::OutOfOrder));
        assert_eq!(after(&[STARTED, DONE, DONE]).err(), Some(BadChild::OutOfOrder));
    }

    #[test]
    fn an_artifact_cannot_be_named_out_of_its_directory() {
        let line = r#"{"event":"artifact","name":"../../etc/passwd","media_type":"text/plain"}"#;
        assert_eq!(after(&[STARTED, line]).err(), Some(BadChild::ArtifactName));
    }

    #[test]
    fn checkpoints_are_counted() {
        let report = |number: u64| format!(r#"{{"event":"checkpoint","number":{number}}}"#);
        assert!(after(&[STARTED, &report(1), &report(2)]).is_ok());
        for numbers in [[0, 1], [1, 1], [1, 3], [1, u64::MAX]] {
            let reports = numbers.map(report);
            assert_eq!(after(&[STARTED, &reports[0], &reports[1]]).err(), Some(BadChild::OutOfOrder));
        }
    }

    #[test]
    fn a_document_is_checked_before_anybody_believes_it() {
        let line = r#"{"event":"document","title":"A\u0000","metadata":{"a":"b\u0000"},"pages":2}"#;
        let document = after(&[STARTED, line, DONE]).expect("in order").document.expect("a document");
        assert_eq!((document.title.as_str(), &document.metadata["a"]), ("A", &"b\u{fffd}".into()));
        let line = r#"{"event":"document","title":"A","language":"<b>"}"#;
        assert!(matches!(after(&[STARTED, line]).err(), Some(BadChild::Document(_))));
    }

    #[test]
    fn a_full_log_says_so_once() {
        let mut transcript = after(&[STARTED]).expect("in order");
        let line = format!(r#"{{"event":"log","level":"info","message":"{}"}}"#, "x".repeat(LOG_BYTES / 2));
        let kept = (0..5).filter(|_| matches!(transcript.take(line.as_bytes()), Ok(Some(_)))).count();
        assert_eq!(kept, 3);
    }

    #[test]
    fn a_strange_code_is_replaced() {
        let line = r#"{"event":"failed","code":"<b>","message":"m\u0007","retryable":false}"#;
        let error =
            after(&[STARTED, line]).expect("in order").result.expect("a result").expect_err("an error");
        assert_eq!((error.code.as_str(), error.message.as_str()), ("kind_failed", "m "));
    }
}
