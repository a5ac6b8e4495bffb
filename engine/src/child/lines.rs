//! Where does a child's line end? A reader that never holds more than one line of limited length.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The most that a line may hold: an output with all its fields.
const LINE_BYTES: usize = 4 << 20;

/// Splits a stream into lines.
pub(super) struct Lines<R> {
    source: R,
    buffer: BytesMut,
    searched: usize,
}

/// What comes next out of a stream.
#[derive(Debug)]
pub(super) enum Next {
    /// A whole line without its end.
    Line(Bytes),
    /// Nothing more will come. Half a line at the end is nothing.
    End,
    /// The line that comes is longer than any report.
    TooLong,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub fn new(source: R) -> Self {
        Self { source, buffer: BytesMut::new(), searched: 0 }
    }

    /// The next line. May be dropped while it waits without losing a byte.
    pub async fn next(&mut self) -> io::Result<Next> {
        loop {
            if let Some(end) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(self.searched + end).freeze();
                self.buffer.advance(1);
                self.searched = 0;
                return Ok(Next::Line(line));
            }
            self.searched = self.buffer.len();
            if self.searched > LINE_BYTES {
                return Ok(Next::TooLong);
            }
            if self.source.read_buf(&mut self.buffer).await? == 0 {
                return Ok(Next::End);
            }
        }
    }
}

/// Reads a stream to its end and keeps its last bytes.
pub(super) async fn tail(mut source: impl AsyncRead + Unpin, keep: usize) -> String {
    let mut kept = BytesMut::new();
    // A stream that fails has ended for us.
    while source.read_buf(&mut kept).await.is_ok_and(|read| read > 0) {
        kept.advance(kept.len().saturating_sub(keep));
    }
    String::from_utf8_lossy(&kept).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_come_whole_and_half_a_line_does_not_come() {
        let mut lines = Lines::new(&b"one\n\ntwo\nhal"[..]);
        let mut seen = Vec::new();
        while let Next::Line(line) = lines.next().await.expect("no fault") {
            seen.push(line);
        }
        assert_eq!(seen, ["one", "", "two"]);
    }

    #[tokio::test]
    async fn an_endless_line_is_cut_off() {
        let mut lines = Lines::new(tokio::io::repeat(b'x'));
        assert!(matches!(lines.next().await, Ok(Next::TooLong)));
        assert!(lines.buffer.len() < 3 * LINE_BYTES);
    }

    #[tokio::test]
    async fn only_the_tail_is_kept() {
        assert_eq!(tail(&b"a long story, briefly"[..], 7).await, "briefly");
    }
}
