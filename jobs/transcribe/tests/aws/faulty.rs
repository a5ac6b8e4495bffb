//! A service that answers each call as it was told before, one after the other, and remembers what it was asked.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// What it answers.
#[derive(Debug, Clone)]
pub enum Answer {
    /// This, with a status.
    Json(u16, Value),
    /// Something that is no JSON.
    Garbage,
    /// Nothing.
    Hang,
}

#[derive(Default)]
struct Told {
    answers: VecDeque<Answer>,
    calls: Vec<(String, Value)>,
    /// Connections that are left hanging.
    hanging: Vec<TcpStream>,
}

/// A running one; it answers until the test ends.
pub struct Faulty {
    pub url: String,
    told: Arc<Mutex<Told>>,
}

impl Faulty {
    pub fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told = Arc::new(Mutex::new(Told { answers: answers.into(), ..Told::default() }));
        let shared = Arc::clone(&told);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &shared);
            }
        });
        Self { url, told }
    }

    /// The verbs that were called, each with what was asked.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.told.lock().unwrap().calls.clone()
    }
}

/// Answers the one request of a connection.
fn answer(mut stream: TcpStream, told: &Mutex<Told>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut verb, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => verb = value.trim().rsplit('.').next().unwrap().to_owned(),
            "content-length" => length = value.trim().parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() || verb.is_empty() {
        return;
    }
    let mut told = told.lock().unwrap();
    told.calls.push((verb, serde_json::from_slice(&body).unwrap()));
    let (status, body) = match told.answers.pop_front() {
        Some(Answer::Json(status, body)) => (status, body.to_string()),
        Some(Answer::Garbage) => (200, "{\"TranscriptionJob\": [".to_owned()),
        Some(Answer::Hang) => return told.hanging.push(stream),
        None => (500, "{}".to_owned()),
    };
    let head = "content-type: application/x-amz-json-1.1\r\nconnection: close\r\n";
    let _gone = write!(stream, "HTTP/1.1 {status} X\r\n{head}content-length: {}\r\n\r\n{body}", body.len());
}
