//! Who watches? A connection for each job, on which the stream is read line by line.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use esteira_engine::id::JobId;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// All watchers.
pub struct Watchers {
    address: SocketAddr,
    clock: Instant,
    count: usize,
    told: mpsc::UnboundedSender<Result<Heard>>,
    heard: mpsc::UnboundedReceiver<Result<Heard>>,
}

/// Progress that has come.
pub struct Heard {
    /// Which report of its job it was.
    pub round: usize,
    /// How long it took.
    pub delay: Duration,
}

/// What is read of an event.
#[derive(Deserialize)]
struct Event {
    event: String,
    #[serde(default)]
    message: String,
}

impl Watchers {
    pub fn new(address: SocketAddr) -> Self {
        let (told, heard) = mpsc::unbounded_channel();
        Self { address, clock: Instant::now(), count: 0, told, heard }
    }

    pub fn len(&self) -> usize {
        self.count
    }

    /// What all times are told by.
    pub fn clock(&self) -> Instant {
        self.clock
    }

    /// Opens a stream, and reads it in a task of its own.
    pub async fn open(&mut self, job: JobId, key: &str) -> Result<()> {
        let mut socket = TcpStream::connect(self.address).await?;
        let head = format!(
            "GET /v1/jobs/{job}/events HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\n\r\n",
            self.address
        );
        socket.write_all(head.as_bytes()).await?;
        let mut lines = BufReader::new(socket).lines();
        let status = lines.next_line().await?.context("the API answers")?;
        ensure!(status.contains(" 200 "), "a stream was answered by {status}");
        self.count += 1;
        let (told, clock) = (self.told.clone(), self.clock);
        tokio::spawn(async move {
            loop {
                let heard = match lines.next_line().await {
                    Ok(Some(line)) => progress(&line, clock),
                    Ok(None) => Err(anyhow::anyhow!("a stream has ended")),
                    Err(error) => Err(error.into()),
                };
                let Some(heard) = heard.transpose() else { continue };
                let is_over = heard.is_err();
                if told.send(heard).is_err() || is_over {
                    return;
                }
            }
        });
        Ok(())
    }

    /// The next progress that comes to any of them.
    pub async fn heard(&mut self) -> Result<Heard> {
        self.heard.recv().await.unwrap_or_else(|| bail!("nobody watches"))
    }
}

/// The progress that a line tells, if it does.
fn progress(line: &str, clock: Instant) -> Result<Option<Heard>> {
    let Some(data) = line.strip_prefix("data: ") else { return Ok(None) };
    let Event { event, message } = serde_json::from_str(data)?;
    if event != "progress" {
        return Ok(None);
    }
    let (round, micros) = message.split_once(' ').context("a message has a round and a time")?;
    let sent = Duration::from_micros(micros.parse()?);
    Ok(Some(Heard { round: round.parse()?, delay: clock.elapsed().saturating_sub(sent) }))
}
