//! Which parts does a message have, and where do they lie? One way through its lines tells, however they are nested.

use super::super::super::limits::DocumentLimits;
use super::head::{Head, head};

/// A part.
#[derive(Debug)]
pub struct Part<'a> {
    /// What its headers say.
    pub head: Head,
    /// Its headers.
    pub headers: &'a [u8],
    /// Its body as it was sent; empty for a multipart that was opened.
    pub body: &'a [u8],
    /// The parts of a multipart, by their numbers.
    pub children: Vec<usize>,
}

/// A message in parts.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The parts in order; the message itself is the first.
    pub all: Vec<Part<'a>>,
    /// Whether parts were left out or left closed for a limit.
    pub is_cut: bool,
}

/// Finds the parts of `message`.
pub fn parts<'a>(message: &'a [u8], limits: &DocumentLimits) -> Parts<'a> {
    let mut scan = Scan {
        bytes: message,
        parts: Vec::new(),
        open: Vec::new(),
        leaf: None,
        is_cut: false,
        most: limits.mime_parts as usize,
        depth: limits.mime_depth,
    };
    let mut at = scan.begin(0, None);
    while at < message.len() {
        let end = scan.line_end(at);
        at = match scan.boundary(at, end) {
            Some(found) => scan.cross(at, end, found),
            None => end,
        };
    }
    scan.close_leaf(message.len());
    Parts { all: scan.parts, is_cut: scan.is_cut }
}

/// A multipart that is open.
struct Open {
    part: usize,
    boundary: Vec<u8>,
}

struct Scan<'a> {
    bytes: &'a [u8],
    parts: Vec<Part<'a>>,
    open: Vec<Open>,
    /// The part whose body goes on, and where it began.
    leaf: Option<(usize, usize)>,
    is_cut: bool,
    most: usize,
    depth: u32,
}

impl<'a> Scan<'a> {
    /// Where the line that begins `at` ends, its line feed included.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |end| at + end + 1)
    }

    /// Which open multipart's boundary a line is, and whether it is the last one.
    fn boundary(&self, at: usize, end: usize) -> Option<(usize, bool)> {
        let line = self.bytes.get(at..end)?.strip_prefix(b"--")?.trim_ascii_end();
        let find = |line: &[u8]| self.open.iter().rposition(|open| open.boundary == line);
        let last = || Some((find(line.strip_suffix(b"--")?)?, true));
        find(line).map(|open| (open, false)).or_else(last)
    }

    /// Crosses a boundary; answers where to go on.
    fn cross(&mut self, at: usize, end: usize, (open, is_last): (usize, bool)) -> usize {
        self.close_leaf(at);
        let Some(parent) = self.open.get(open).map(|open| open.part) else { return end };
        self.open.truncate(open + usize::from(!is_last));
        if is_last {
            return end;
        }
        if self.parts.len() >= self.most {
            self.is_cut = true;
            return end;
        }
        self.begin(end, Some(parent))
    }

    /// Begins a part whose headers are `at`; answers where its body is.
    fn begin(&mut self, at: usize, parent: Option<usize>) -> usize {
        let (headers, body) = self.headers(at);
        let number = self.parts.len();
        let mut head = head(headers);
        if head.kind == "multipart" && head.boundary.is_none() {
            (head.kind, head.subkind) = ("text".to_owned(), "plain".to_owned());
        }
        let depth = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        if let Some(siblings) = parent.and_then(|parent| self.parts.get_mut(parent)) {
            siblings.children.push(number);
        }
        match &head.boundary {
            Some(boundary) if head.kind == "multipart" && depth < self.depth => {
                let boundary = boundary.trim_end().as_bytes().to_vec();
                self.open.push(Open { part: number, boundary });
            }
            _ => {
                self.is_cut |= head.kind == "multipart";
                self.leaf = Some((number, body));
            }
        }
        self.parts.push(Part { head, headers, body: &[], children: Vec::new() });
        body
    }

    /// The headers that begin `at`, and where the body begins: after an empty line, or at a boundary.
    fn headers(&self, at: usize) -> (&'a [u8], usize) {
        let mut line = at;
        while line < self.bytes.len() {
            let end = self.line_end(line);
            let content = self.bytes.get(line..end).unwrap_or_default();
            if content.trim_ascii_end().is_empty() {
                return (self.bytes.get(at..line).unwrap_or_default(), end);
            }
            if self.boundary(line, end).is_some() {
                return (self.bytes.get(at..line).unwrap_or_default(), line);
            }
            line = end;
        }
        (self.bytes.get(at..).unwrap_or_default(), self.bytes.len())
    }

    /// The line break before a boundary belongs to the boundary.
    fn close_leaf(&mut self, end: usize) {
        let Some((number, start)) = self.leaf.take() else { return };
        let body = self.bytes.get(start..end).unwrap_or_default();
        let body = if end == self.bytes.len() { body } else { body.strip_suffix(b"\n").unwrap_or(body) };
        let body = if end == self.bytes.len() { body } else { body.strip_suffix(b"\r").unwrap_or(body) };
        if let Some(part) = self.parts.get_mut(number) {
            part.body = body;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(message: &str) -> Vec<(String, String, Vec<usize>)> {
        let parts = parts(message.as_bytes(), &DocumentLimits::default());
        let body = |part: &Part<'_>| String::from_utf8_lossy(part.body).into_owned();
        parts.all.iter().map(|part| (part.head.subkind.clone(), body(part), part.children.clone())).collect()
    }

    #[test]
    fn parts_lie_within_parts() {
        let message = "Content-Type: multipart/mixed; boundary=a\n\npreamble\n--a\n\
                       Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n\
                       <p>html\n--b--\n--a\nContent-Type: image/png\n\npng\n--a--\nepilogue\n";
        let expected = [
            ("mixed", "", vec![1, 4]),
            ("alternative", "", vec![2, 3]),
            ("plain", "plain", vec![]),
            ("html", "<p>html", vec![]),
            ("png", "png", vec![]),
        ];
        let expected = expected.map(|(kind, body, children)| (kind.to_owned(), body.to_owned(), children));
        assert_eq!(kinds(message), expected);
    }

    #[test]
    fn a_message_that_ends_early_keeps_what_it_has() {
        let message = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nthe beginn";
        assert_eq!(kinds(message)[1].1, "the beginn");
        assert_eq!(kinds("Subject: only headers").len(), 1);
        assert_eq!(kinds("").len(), 1);
    }

    #[test]
    fn parts_are_not_nested_deeper_nor_more_than_the_limits() {
        use std::fmt::Write;
        let mut message = String::new();
        for depth in 0..3000 {
            write!(message, "Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n").unwrap();
        }
        let found = parts(message.as_bytes(), &DocumentLimits::default());
        assert!(found.is_cut);
        assert_eq!(found.all.iter().filter(|part| !part.children.is_empty()).count(), 32);
        let many = format!("Content-Type: multipart/mixed; boundary=a\n\n{}", "--a\n\nx\n".repeat(100_000));
        let found = parts(many.as_bytes(), &DocumentLimits::default());
        assert_eq!((found.all.len(), found.is_cut), (1000, true));
    }
}
