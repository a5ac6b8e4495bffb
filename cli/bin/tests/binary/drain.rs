//! The end of an `esteira api`: load balancers see it first, watchers are sent elsewhere, and then nobody is let in.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::running::{Server, error_of};

/// An `esteira api` beside a running `up`, and its address.
fn api(server: &Server) -> (Child, String) {
    let mut command = server.role(&["api", "--listen", "127.0.0.1:0"]);
    let mut child = command.env("ESTEIRA_API_DRAIN_SECONDS", "2").stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = lines.by_ref().map(Result::unwrap).find(|line| line.contains("api ready")).unwrap();
    // Whoever says more must not wait for somebody to read it.
    std::thread::spawn(move || lines.count());
    (child, ready.split_once("address=").unwrap().1.to_owned())
}

/// Sends a GET; the answer can be read from what comes back.
fn get(address: &str, path: &str, key: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).unwrap();
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    socket
}

fn answer(mut socket: TcpStream) -> String {
    let mut said = String::new();
    socket.read_to_string(&mut said).unwrap();
    said
}

#[test]
fn at_sigterm_readiness_fails_first_then_streams_end_in_order_and_then_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let key = server.said("api_key");
    // A job that does not end by itself meanwhile.
    assert!(server.client(&["queue", "pause", "--kind", "video.generate"]).status.success());
    let input = dir.path().join("job.json");
    fs::write(&input, r##"{"tracks": [{"clips": [{"type": "color", "color": "#369", "length": 1}]}]}"##)
        .unwrap();
    let submit = ["job", "submit", "--kind", "video.generate", "--input", input.to_str().unwrap()];
    let submitted = server.client(&submit);
    assert!(submitted.status.success(), "{}", error_of(&submitted));
    let job = String::from_utf8(submitted.stdout).unwrap().trim().to_owned();

    let (mut child, address) = api(&server);
    let mut stream = BufReader::new(get(&address, &format!("/v1/jobs/{job}/events"), &key));
    let mut line = String::new();
    while !line.contains("queued") {
        line.clear();
        assert_ne!(stream.read_line(&mut line).unwrap(), 0);
    }
    assert!(answer(get(&address, "/readyz", "")).starts_with("HTTP/1.1 200"));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    while !answer(get(&address, "/readyz", "")).starts_with("HTTP/1.1 503") {}
    assert!(
        answer(get(&address, "/v1/jobs", &key)).starts_with("HTTP/1.1 200"),
        "who still comes is answered"
    );
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("retry: ") && rest.ends_with("\r\n0\r\n\r\n"), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(TcpStream::connect(&address).is_err());
    assert_eq!(server.terminate(), Some(0));
}
