//! How is a stream of events read? Line by line, as the server sends them (the HTML standard, "Server-sent events").

use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use serde_json::Value;

/// When to come again, where the server did not say.
const AGAIN: Duration = Duration::from_secs(1);
/// Longer than any event; what does not end by then is none.
const LONGEST_LINE: u64 = 1 << 20;

/// An event.
#[derive(Debug, PartialEq)]
pub struct Event {
    /// What asks for those after it.
    pub id: String,
    /// What happened.
    pub data: Value,
}

/// A stream of events.
pub struct Events<R> {
    lines: BufReader<R>,
    again: Duration,
}

impl<R: Read> Events<R> {
    pub fn of(body: R) -> Self {
        Self { lines: BufReader::new(body), again: AGAIN }
    }

    /// When to come again, now that the stream has ended.
    pub fn again(&self) -> Duration {
        self.again
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = (&mut self.lines).take(LONGEST_LINE).read_line(&mut line).ok()?;
        let whole = line.strip_suffix('\n').filter(|_| read > 0)?;
        Some(whole.strip_suffix('\r').unwrap_or(whole).to_owned())
    }
}

/// The end is the same, whether the stream has ended or is broken: who wants more comes again.
impl<R: Read> Iterator for Events<R> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let (mut id, mut data) = (String::new(), String::new());
        loop {
            let line = self.line()?;
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => value.clone_into(&mut id),
                "data" => data.push_str(value),
                "retry" => self.again = value.parse().map_or(self.again, Duration::from_millis),
                "" if line.is_empty() && !data.is_empty() => {
                    return Some(Event { id, data: serde_json::from_str(&data).ok()? });
                }
                // A comment, the end of nothing, or the name of an event, which its data tell as well.
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn events_are_read_between_comments_and_words_about_coming_again() {
        let sent = "retry: 250\n\n: still there\n\nid: 1.0.0\nevent: state\ndata: {\"a\":\ndata: 1}\n\nid:2\r\ndata:3\r\n\r\nid: 4\ndata: 5";
        let mut events = Events::of(sent.as_bytes());
        assert_eq!(events.next(), Some(Event { id: "1.0.0".to_owned(), data: json!({"a": 1}) }));
        assert_eq!(events.again(), Duration::from_millis(250));
        assert_eq!(events.next(), Some(Event { id: "2".to_owned(), data: json!(3) }));
        // What is cut off was no event.
        assert_eq!(events.next(), None);
    }
}
