//! How is one request asked and answered on a connection that stays open? With as little work as can be, since
//! the asking takes CPU time from what is asked.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// The longest body that is read.
const LONGEST: usize = 1 << 20;

/// A kept-alive connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
    body: Vec<u8>,
}

/// A submit, ready to be sent again and again.
pub fn submit_request(address: SocketAddr, key: &str, body: &str) -> Vec<u8> {
    post_request(address, key, "/v1/jobs", body)
}

/// JSON for a path, the same.
pub fn post_request(address: SocketAddr, key: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A look, the same.
pub fn get_request(address: SocketAddr, key: &str, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\r\n").into_bytes()
}

impl Connection {
    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), line: Vec::new(), body: Vec::new() })
    }

    /// Sends a request and reads its answer to the end; gives the status.
    pub async fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        let status = self.head_line().await?;
        let status = status.split(' ').nth(1).and_then(|word| word.parse().ok());
        let status: u16 = status.context("the answer has no status")?;
        let mut length = None;
        loop {
            let line = self.head_line().await?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse::<usize>().context("content-length is a number")?);
            }
        }
        let length = length.context("the answer does not tell its length")?;
        ensure!(length <= LONGEST, "the answer has {length} bytes");
        self.body.resize(length, 0);
        self.stream.read_exact(&mut self.body).await?;
        Ok(status)
    }

    /// A line of the head, without its end.
    async fn head_line(&mut self) -> Result<&str> {
        self.line.clear();
        if self.stream.read_until(b'\n', &mut self.line).await? == 0 {
            bail!("the connection was closed");
        }
        Ok(std::str::from_utf8(&self.line)?.trim_end())
    }
}
