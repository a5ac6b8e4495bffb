//! What is in a letter? Made of the message that a server would get, and of the job's files.

use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::error::Error;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use serde::Deserialize;

use super::words::Tongue;
use crate::id::JobId;

/// Characters of a subject, and of the sentence.
const SUBJECT: usize = 200;
const SENTENCE: usize = 2_000;

/// A file of the job that the letter is about.
pub struct Enclosed {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
    /// How the reader gets it.
    pub way: Way,
}

/// How a reader gets a file.
pub enum Way {
    /// It comes with the letter.
    Attached(Vec<u8>),
    /// By a link.
    Link(String),
    /// By the API, with a key.
    Api,
}

/// The message, as far as a letter needs it.
#[derive(Debug, Default, Deserialize)]
pub struct Told {
    /// The type of the event.
    #[serde(rename = "type")]
    pub event: String,
    /// What it is about.
    #[serde(default)]
    pub data: About,
}

/// A job, or something else that has an id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct About {
    /// Its id.
    pub id: Option<String>,
    kind: Option<String>,
    output: Option<Output>,
    error: Option<Failure>,
}

/// What an output may say for people.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Output {
    title: Option<String>,
    summary: Option<String>,
    locale: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Failure {
    message: String,
}

impl Told {
    /// Reads a message; one that has another form says nothing.
    pub fn read(payload: &str) -> Self {
        let told = serde_json::from_str(payload);
        // An output is of any form; where it is none of ours, the rest counts all the same.
        told.or_else(|_| {
            let mut value: serde_json::Value = serde_json::from_str(payload)?;
            if let Some(data) = value.get_mut("data").and_then(serde_json::Value::as_object_mut) {
                data.remove("output");
            }
            serde_json::from_value(value)
        })
        .unwrap_or_default()
    }

    /// The job that a message is about, if it is one.
    pub fn job(payload: &str) -> Option<JobId> {
        let told = Self::read(payload);
        let is_job = told.event.starts_with("job.");
        told.data.id.filter(|_| is_job)?.parse().ok()
    }

    fn tongue(&self, usual: Tongue) -> Tongue {
        let named = self.data.output.as_ref().and_then(|output| output.locale.as_deref());
        named.and_then(Tongue::of).unwrap_or(usual)
    }

    fn subject(&self, tongue: Tongue) -> String {
        let output = self.data.output.as_ref();
        let title =
            output.and_then(|output| output.title.as_deref()).filter(|title| !title.trim().is_empty());
        let subject = match (title, self.data.kind.as_deref()) {
            (Some(title), _) => title.to_owned(),
            (None, Some(kind)) => format!("{kind}: {}", tongue.event(&self.event)),
            (None, None) => format!("Esteira: {}", tongue.event(&self.event)),
        };
        plain(&subject, SUBJECT)
    }

    fn text(&self, tongue: Tongue, files: &[Enclosed], links_until: DateTime<Utc>) -> String {
        let summary = self.data.output.as_ref().and_then(|output| output.summary.as_deref());
        let error = self.data.error.as_ref().map(|error| error.message.as_str());
        let sentence = error.or(summary).unwrap_or_else(|| tongue.nothing(&self.event));
        let mut paragraphs = vec![plain(sentence, SENTENCE)];
        let line = |file: &Enclosed| {
            let size = tongue.size(file.bytes);
            match &file.way {
                Way::Attached(_) => format!("{} ({size}): {}", file.name, tongue.attached()),
                Way::Link(link) => format!("{} ({size}):\n{link}", file.name),
                Way::Api => format!("{} ({size}): {}", file.name, tongue.elsewhere()),
            }
        };
        paragraphs.push(files.iter().map(line).collect::<Vec<_>>().join("\n"));
        if files.iter().any(|file| matches!(file.way, Way::Link(_))) {
            paragraphs.push(tongue.until(links_until));
        }
        paragraphs.push(self.data.id.as_deref().map(|id| tongue.job(&plain(id, 60))).unwrap_or_default());
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        paragraphs.join("\n\n") + "\n"
    }

    /// The letter.
    pub fn letter(
        &self,
        (from, to): (Mailbox, Mailbox),
        id: &str,
        usual: Tongue,
        files: Vec<Enclosed>,
        links_until: DateTime<Utc>,
    ) -> Result<Message, Error> {
        let tongue = self.tongue(usual);
        let text = SinglePart::plain(self.text(tongue, &files, links_until));
        let message_id = format!("<{id}@{}>", from.email.domain());
        let letter = Message::builder().from(from).to(to).message_id(Some(message_id));
        let letter = letter.subject(self.subject(tongue)).header(AutoSubmitted);
        let attached: Vec<SinglePart> = files.into_iter().filter_map(attachment).collect();
        if attached.is_empty() {
            return letter.singlepart(text);
        }
        letter
            .multipart(attached.into_iter().fold(MultiPart::mixed().singlepart(text), MultiPart::singlepart))
    }
}

/// That no person has written it, so that nobody's absence is told in answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// A file that comes with the letter, as one of its parts.
fn attachment(file: Enclosed) -> Option<SinglePart> {
    let Way::Attached(bytes) = file.way else { return None };
    let kind = ContentType::parse(&file.media_type);
    let kind = kind.or_else(|_| ContentType::parse("application/octet-stream")).ok()?;
    Some(Attachment::new(file.name).body(bytes, kind))
}

/// One line without control characters, and not too long.
fn plain(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().filter(|character| !character.is_control()).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(payload: &str, files: Vec<Enclosed>) -> String {
        let mailbox = |text: &str| text.parse::<Mailbox>().unwrap();
        let people = (mailbox("Esteira <a@a.example>"), mailbox("b@b.example"));
        let letter = Told::read(payload)
            .letter(people, "77", Tongue::Portuguese, files, DateTime::UNIX_EPOCH)
            .unwrap();
        String::from_utf8(letter.formatted()).unwrap()
    }

    #[test]
    fn a_letter_has_the_title_the_sentence_and_the_files_of_the_job() {
        let payload = r#"{"type": "job.succeeded", "data": {"id": "1", "kind": "report.generate",
            "output": {"title": "Usage report", "summary": "12 jobs ended.", "locale": "en-US"}}}"#;
        let file = |name: &str, way| Enclosed {
            name: name.to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: 3,
            way,
        };
        let files = vec![
            file("report.pdf", Way::Attached(b"%PD\xe2".to_vec())),
            file("report.xlsx", Way::Link("https://a.example/x".to_owned())),
        ];
        let text = letter(payload, files);
        for part in [
            "Subject: Usage report\r\n",
            "Message-ID: <77@a.example>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "12 jobs ended.",
            "report.pdf (3 B): attached",
            "https://a.example/x",
            "good until 1970-01-01 00:00 (UTC)",
            "filename=\"report.pdf\"",
            "JVBE",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn an_output_of_another_form_and_lines_in_a_title_do_no_harm() {
        let odd =
            letter(r#"{"type": "job.succeeded", "data": {"kind": "x.y", "output": {"title": 7}}}"#, vec![]);
        assert!(odd.contains("=?utf-8?b?"), "{odd}");
        let payload = r#"{"type": "job.succeeded", "data": {"output": {"title": "a\r\nBcc: c@c.example"}}}"#;
        let lines = letter(payload, vec![]);
        assert!(lines.contains("Subject: a Bcc: c@c.example\r\n"), "{lines}");
        assert!(letter("nonsense", vec![]).contains("Subject: Esteira: teste"));
    }
}
