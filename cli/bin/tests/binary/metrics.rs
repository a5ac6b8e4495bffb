//! The metrics of a running `up`: at an address of their own, in both forms.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::running::Server;

/// What a GET of a path answers, head and body.
fn get(url: &str, accept: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut socket = TcpStream::connect(host).unwrap();
    write!(socket, "GET /{path} HTTP/1.1\r\nhost: {host}\r\naccept: {accept}\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn two_servers_on_one_machine_tell_their_metrics_at_addresses_of_their_own() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (Server::start(dir.path()), Server::start(other.path()));
    let [url, other_url] = [&first, &second].map(|server| server.said("metrics_url"));
    assert_ne!(url, other_url);
    assert!(first.client(&["tenant", "list"]).status.success());
    let classic = get(&url, "text/plain");
    assert!(classic.contains("text/plain; version=0.0.4"), "{classic}");
    assert!(
        classic.contains("esteira_api_requests_total{route=\"/v1/tenants\",method=\"GET\",status=\"200\"} 1"),
        "{classic}"
    );
    assert!(classic.contains("esteira_worker_slots{kind=\"video.generate\"}"), "{classic}");
    let open = get(&other_url, "application/openmetrics-text; version=1.0.0");
    assert!(open.contains("# EOF") && open.contains("esteira_build_info{version="), "{open}");
    assert!(!open.contains("/v1/tenants"), "that was asked of the other");
    assert_eq!((first.terminate(), second.terminate()), (Some(0), Some(0)));
}
