//! How does a checkpoint lie in a file? The lengths of its key and of its bytes, then both.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The longest key, in bytes.
pub const KEY_BYTES: usize = 200;
/// The length of the key in two bytes, that of what is kept in eight; little-endian.
const LENGTHS: usize = 10;

/// Whether a text can be the key of a checkpoint. It never becomes a name of a file.
pub(crate) fn is_key(text: &str) -> bool {
    (1..=KEY_BYTES).contains(&text.len())
}

/// What stands before the bytes of a checkpoint.
pub(crate) fn head(key: &str, bytes: u64) -> Vec<u8> {
    let key_bytes = u16::try_from(key.len()).unwrap_or(u16::MAX);
    [key_bytes.to_le_bytes().as_slice(), &bytes.to_le_bytes(), key.as_bytes()].concat()
}

/// Where a record lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where it begins.
    pub at: u64,
    /// What stands before its bytes.
    pub head: u64,
    /// Its bytes.
    pub bytes: u64,
}

impl Place {
    /// The whole of it.
    pub fn length(self) -> u64 {
        self.head.saturating_add(self.bytes)
    }

    /// Where the next one begins.
    pub fn end(self) -> u64 {
        self.at.saturating_add(self.length())
    }
}

/// The record that begins at a place, if a whole one lies there before `end`.
pub(crate) fn record_at(file: &File, at: u64, end: u64) -> io::Result<Option<(String, Place)>> {
    let mut buffer = [0; LENGTHS + KEY_BYTES];
    let there = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(buffer.len());
    let Some(beginning) = buffer.get_mut(..there) else { return Ok(None) };
    match file.read_exact_at(beginning, at) {
        Ok(()) => {}
        // Whoever wrote the file has cut it meanwhile.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    Ok(parse(beginning).and_then(|(key, bytes)| {
        let place = Place { at, head: (LENGTHS + key.len()) as u64, bytes };
        let is_whole = place.head.checked_add(bytes).and_then(|length| at.checked_add(length))? <= end;
        is_whole.then_some((key, place))
    }))
}

fn parse(beginning: &[u8]) -> Option<(String, u64)> {
    let (key_bytes, rest) = beginning.split_first_chunk()?;
    let (bytes, rest) = rest.split_first_chunk()?;
    let key = rest.get(..usize::from(u16::from_le_bytes(*key_bytes)))?;
    let key = std::str::from_utf8(key).ok().filter(|key| is_key(key))?;
    Some((key.to_owned(), u64::from_le_bytes(*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(bytes: &[u8]) -> Option<(String, Place)> {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(bytes, 0).expect("written");
        record_at(&file, 0, bytes.len() as u64).expect("read")
    }

    #[test]
    fn a_record_tells_its_key_and_where_its_bytes_are() {
        let record = [head("página 1", 3), b"abc".to_vec()].concat();
        let place = Place { at: 0, head: 19, bytes: 3 };
        assert_eq!(first(&record), Some(("página 1".to_owned(), place)));
        assert_eq!((place.length(), place.end()), (22, 22));
    }

    #[test]
    fn what_is_no_whole_record_is_none() {
        let long = "k".repeat(KEY_BYTES + 1);
        for bytes in [
            Vec::new(),
            vec![1; 5],
            head("key", 1),
            head("key", u64::MAX),
            [head("", 1), b"a".to_vec()].concat(),
            [head(&long, 1), b"a".to_vec()].concat(),
            vec![2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
        ] {
            assert_eq!(first(&bytes), None, "{bytes:?}");
        }
    }
}
