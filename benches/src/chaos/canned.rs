//! How does a proxy answer an HTTP request by itself? It reads the request to its end, or the answer would be lost.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What S3 says when something is wrong on its side.
pub const INTERNAL_ERROR: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\n\
    content-type: application/xml\r\ncontent-length: 96\r\nconnection: close\r\n\r\n\
    <?xml version=\"1.0\"?><Error><Code>InternalError</Code><Message>Try again later</Message></Error>";

const END_OF_HEAD: &[u8] = b"\r\n\r\n";
const LARGEST_HEAD: usize = 64 << 10;

/// Reads one request and answers it with `bytes`, then closes.
pub async fn answer(mut client: TcpStream, bytes: &[u8]) -> io::Result<()> {
    let mut head = Vec::new();
    let end = loop {
        if let Some(at) = head.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD) {
            break at + END_OF_HEAD.len();
        }
        if client.read_buf(&mut head).await? == 0 || head.len() > LARGEST_HEAD {
            return Ok(());
        }
    };
    let body = head.len() - end;
    let rest = content_length(head.get(..end).unwrap_or_default()).saturating_sub(body as u64);
    tokio::io::copy(&mut (&mut client).take(rest), &mut tokio::io::sink()).await?;
    client.write_all(bytes).await?;
    client.shutdown().await
}

fn content_length(head: &[u8]) -> u64 {
    let head = String::from_utf8_lossy(head);
    let of_line = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    };
    head.lines().find_map(of_line).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_body_is_read_whatever_the_case_of_its_name() {
        assert_eq!(content_length(b"PUT /k HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\n\r\n"), 17);
        assert_eq!(content_length(b"GET /k HTTP/1.1\r\nhost: a\r\n\r\n"), 0);
    }

    #[test]
    fn the_answer_has_the_length_that_it_says() {
        let text = String::from_utf8_lossy(INTERNAL_ERROR);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(content_length(head.as_bytes()), body.len() as u64);
    }
}
