//! What does the RTF of an Outlook message say? Mostly it is a page of the web in disguise ([MS-OXRTFEX]): the tags stand
//! in groups of their own, and what only RTF needs stands between `\htmlrtf` and `\htmlrtf0`.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::code_page;

/// Groups nest no deeper than this in what programs write; deeper ones are read as if they did not nest.
const MAX_DEPTH: usize = 512;
/// Groups that hold no text of the message.
const NO_TEXT: [&str; 14] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "footer",
    "generator",
    "listtable",
    "listoverridetable",
    "themedata",
    "datastore",
    "xmlnstbl",
];

/// What RTF holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Rich {
    /// A page of the web.
    Page(String),
    /// Plain text.
    Text(String),
}

/// Reads RTF.
pub fn read(rtf: &[u8]) -> Rich {
    let is_page = memchr::memmem::find(rtf.get(..4096).unwrap_or(rtf), b"\\fromhtml1").is_some();
    let mut reading = Reading {
        is_page,
        groups: Vec::new(),
        now: Group { is_tag: false, is_silent: false, skips_html: false, fallback: 1 },
        encoding: WINDOWS_1252,
        bytes: Vec::new(),
        text: String::new(),
        skip: 0,
        is_starred: false,
    };
    reading.run(rtf);
    reading.flush();
    if is_page { Rich::Page(reading.text) } else { Rich::Text(reading.text) }
}

/// What holds in a group.
#[derive(Debug, Clone, Copy)]
struct Group {
    /// It is a piece of a page.
    is_tag: bool,
    /// It holds no text.
    is_silent: bool,
    /// It is what only RTF needs.
    skips_html: bool,
    /// How many letters after `\u` stand for the same one.
    fallback: usize,
}

struct Reading {
    is_page: bool,
    groups: Vec<Group>,
    now: Group,
    encoding: &'static Encoding,
    /// Bytes in `encoding` that are not text yet.
    bytes: Vec<u8>,
    text: String,
    /// Letters that are to be left out, after `\u`.
    skip: usize,
    /// The group began with `\*`: who does not know it, leaves it out.
    is_starred: bool,
}

impl Reading {
    fn run(&mut self, rtf: &[u8]) {
        let mut at = 0;
        while let Some(&byte) = rtf.get(at) {
            at += 1;
            match byte {
                b'{' => {
                    if self.groups.len() < MAX_DEPTH {
                        self.groups.push(self.now);
                    }
                }
                b'}' => {
                    if let Some(group) = self.groups.pop() {
                        self.now = group;
                    }
                }
                b'\\' => at = self.control(rtf, at),
                b'\r' | b'\n' => {}
                _ => self.byte(byte),
            }
        }
    }

    /// Reads what follows a backslash; answers where to go on.
    fn control(&mut self, rtf: &[u8], at: usize) -> usize {
        let rest = rtf.get(at..).unwrap_or_default();
        let letters = rest.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        if letters == 0 {
            return at + self.symbol(rest);
        }
        let (word, rest) = rest.split_at(letters);
        let sign = usize::from(rest.first() == Some(&b'-'));
        let digits = rest.iter().skip(sign).take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let length = if digits == 0 { 0 } else { sign + digits };
        let number =
            rest.get(..length).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<i64>().ok());
        let blank = usize::from(rest.get(length) == Some(&b' '));
        self.word(std::str::from_utf8(word).unwrap_or_default(), number);
        at + letters + length + blank
    }

    /// Reads a control of one sign; answers how long it is.
    fn symbol(&mut self, rest: &[u8]) -> usize {
        match rest.first() {
            Some(b'\'') => {
                let hex = rest.get(1..3).and_then(|hex| std::str::from_utf8(hex).ok());
                if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
                    self.byte(byte);
                }
                3
            }
            Some(b'*') => {
                self.is_starred = true;
                1
            }
            Some(b'~') => {
                self.byte(b' ');
                1
            }
            Some(&sign @ (b'{' | b'}' | b'\\')) => {
                self.byte(sign);
                1
            }
            Some(b'\r' | b'\n') => {
                self.line();
                1
            }
            Some(_) => 1,
            None => 0,
        }
    }

    fn word(&mut self, word: &str, number: Option<i64>) {
        let is_starred = std::mem::take(&mut self.is_starred);
        match word {
            "htmltag" if self.is_page => {
                self.now.is_tag = true;
                self.now.is_silent = false;
            }
            "htmlrtf" => self.now.skips_html = number != Some(0),
            "par" | "line" | "sect" | "page" | "row" => self.line(),
            "tab" | "cell" => self.byte(b'\t'),
            "u" => self.letter(number.unwrap_or_default()),
            "uc" => self.now.fallback = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(8),
            "ansicpg" => {
                self.encoding =
                    number.and_then(|page| u32::try_from(page).ok()).map_or(self.encoding, code_page);
            }
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "lquote" => self.push("‘"),
            "rquote" => self.push("’"),
            "ldblquote" => self.push("“"),
            "rdblquote" => self.push("”"),
            "bullet" => self.push("•"),
            _ if is_starred || NO_TEXT.contains(&word) => self.now.is_silent = true,
            _ => {}
        }
    }

    fn is_heard(&self) -> bool {
        !(self.now.is_silent || self.is_page && self.now.skips_html)
    }

    fn byte(&mut self, byte: u8) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.is_heard() {
            self.bytes.push(byte);
        }
    }

    fn letter(&mut self, code: i64) {
        self.skip = self.now.fallback;
        // Written as a signed number of 16 bits; two make a letter beyond them, which hardly any message has.
        let code = u32::try_from(code.rem_euclid(0x1_0000)).unwrap_or_default();
        let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        if letter != '\0' {
            self.push(letter.encode_utf8(&mut [0; 4]));
        }
    }

    fn line(&mut self) {
        self.push("\n");
    }

    fn push(&mut self, text: &str) {
        if self.is_heard() {
            self.flush();
            self.text.push_str(text);
        }
    }

    fn flush(&mut self) {
        let (text, _) = self.encoding.decode_without_bom_handling(&self.bytes);
        self.text.push_str(&text);
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_in_disguise_is_found() {
        let rtf = br"{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl{\f0 Arial;}}\pard
{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Ol\'e1 \u231\'e7{\*\htmltag72 </p>}\htmlrtf\par}\htmlrtf0
{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 fim}";
        assert_eq!(read(rtf), Rich::Page("<p>Olá ç</p>&nbsp;fim".to_owned()));
    }

    #[test]
    fn plain_rtf_is_text() {
        let rtf = br"{\rtf1\ansi{\*\generator X;}{\info{\title T}}Linha um\par Linha {\b dois}\tab fim}";
        assert_eq!(read(rtf), Rich::Text("Linha um\nLinha dois\tfim".to_owned()));
    }

    #[test]
    fn nonsense_ends() {
        read(&b"{".repeat(1_000_000));
        read(&b"\\".repeat(1_000_000));
        read(&b"\\u-99999999999\\'zz\\uc99999999 ".repeat(10_000));
    }
}
