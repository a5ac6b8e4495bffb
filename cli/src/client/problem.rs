//! How is a refusal of the API shown to a person? What, where, and by which number to ask about it.

use std::fmt;

use serde::Deserialize;

/// `application/problem+json`, RFC 9457.
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// A few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A sentence about this case.
    pub detail: Option<String>,
    /// A stable code.
    pub code: Option<String>,
    /// What the server's log calls this request.
    pub request_id: Option<String>,
    /// The faults of an input.
    #[serde(default)]
    pub errors: Vec<Fault>,
}

/// A fault of an input.
#[derive(Debug, Deserialize)]
pub struct Fault {
    /// JSON pointer to its place.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_deref().unwrap_or("problem");
        write!(f, "{} ({} {code})", self.detail.as_deref().unwrap_or(&self.title), self.status)?;
        for fault in &self.errors {
            write!(f, "\n  {}: {}", fault.pointer, fault.message)?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\n  request id {id}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn every_fault_is_shown_with_its_place() {
        let json = r#"{"type":"about:blank","title":"Unprocessable","status":422,"code":"invalid_input",
            "detail":"the input does not fit","request_id":"r1",
            "errors":[{"pointer":"/input/tracks/0/clips/0/length","message":"must be above 0"}]}"#;
        let problem: Problem = serde_json::from_str(json).unwrap();
        assert_eq!(
            problem.to_string(),
            "the input does not fit (422 invalid_input)\n  /input/tracks/0/clips/0/length: must be above 0\n  request id r1"
        );
    }
}
