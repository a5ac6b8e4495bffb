//! moto, which knows vocabularies; it never writes a transcript.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A running moto; it ends with the test.
pub struct Moto {
    pub url: String,
    address: String,
    _server: Child,
}

impl Moto {
    pub async fn start() -> Self {
        // Free a moment ago; the server does not tell which it took for port 0.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Command::new(program())
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains("Running on") {
                    return;
                }
            }
            panic!("moto ended");
        };
        timeout(Duration::from_secs(60), ready).await.unwrap();
        // Read on, or it stops when the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let address = format!("127.0.0.1:{port}");
        Self { url: format!("http://{address}"), address, _server: server }
    }

    /// A call of the API of Amazon Transcribe that the program itself never makes.
    pub async fn call(&self, verb: &str, body: &Value) {
        let body = body.to_string();
        let signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/transcribe/aws4_request, \
                      SignedHeaders=host, Signature=none";
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {}\r\nx-amz-target: Transcribe.{verb}\r\ncontent-type: application/x-amz-json-1.1\r\n\
             authorization: {signed}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

/// Where `ops/test.sh` installs it.
fn program() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    let program = cache.join("esteira/moto/bin/moto_server");
    assert!(program.exists(), "there is no {}; ops/test.sh installs it", program.display());
    program
}
