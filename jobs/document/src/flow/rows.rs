//! How are the values of a file read one by one, however long they are and however many stand in a row?

use csv_core::{ReadFieldResult, Reader};

/// A value longer than this is cut.
const MAX_VALUE: usize = 32 << 20;

/// A value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// What it says.
    pub text: &'a [u8],
    /// Whether it is the last one of its row.
    pub ends_row: bool,
    /// Whether its end was left out.
    pub is_cut: bool,
}

/// The values of a file.
#[derive(Debug)]
pub struct Values<'a> {
    reader: Reader,
    input: &'a [u8],
    output: Vec<u8>,
    is_done: bool,
}

impl<'a> Values<'a> {
    /// Reads `input` by `reader`.
    pub fn new(reader: Reader, input: &'a [u8]) -> Self {
        Self { reader, input, output: vec![0; 4096], is_done: false }
    }

    /// The next value; none at the end.
    pub fn next(&mut self) -> Option<Value<'_>> {
        let mut length = 0;
        let mut is_cut = false;
        while !self.is_done {
            let room = self.output.get_mut(length..).unwrap_or_default();
            let (result, read, written) = self.reader.read_field(self.input, room);
            self.input = self.input.get(read..).unwrap_or_default();
            length += written;
            match result {
                // The reader is told by an empty input that there is no more.
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull if self.output.len() < MAX_VALUE => {
                    self.output.resize(self.output.len() * 2, 0);
                }
                ReadFieldResult::OutputFull => {
                    is_cut = true;
                    length = self.output.len() / 2;
                }
                ReadFieldResult::Field { record_end } => {
                    let text = self.output.get(..length).unwrap_or_default();
                    return Some(Value { text, ends_row: record_end, is_cut });
                }
                ReadFieldResult::End => self.is_done = true,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut values = Values::new(Reader::new(), text.as_bytes());
        let mut rows = vec![Vec::new()];
        while let Some(value) = values.next() {
            rows.last_mut().unwrap().push(String::from_utf8(value.text.to_vec()).unwrap());
            if value.ends_row {
                rows.push(Vec::new());
            }
        }
        rows.pop();
        rows
    }

    #[test]
    fn rows_end_where_they_do() {
        assert_eq!(rows("a,b\r\n\n\"c\nd\",\n"), [["a", "b"], ["c\nd", ""]]);
        assert_eq!(rows("a,b"), [["a", "b"]]);
        assert_eq!(rows("a,\"b"), [["a", "b"]]);
    }

    #[test]
    fn a_long_value_is_read_whole_and_a_huge_one_cut() {
        assert_eq!(rows(&"x".repeat(100_000))[0][0].len(), 100_000);
        let huge = "x".repeat(MAX_VALUE + 10);
        let mut values = Values::new(Reader::new(), huge.as_bytes());
        assert!(values.next().unwrap().is_cut);
        assert_eq!(values.next(), None);
    }
}
