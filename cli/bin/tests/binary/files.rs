//! Large files through a running server: whole, and without being held in its memory.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use serde_json::Value;

use crate::running::{Server, error_of};

const MIB: usize = 1 << 20;

/// A file of so many MiB in which no part is like another.
fn large_file(path: &Path, mib: usize) {
    let mut file = fs::File::create(path).unwrap();
    for number in 0..mib {
        let block: Vec<u8> = (0..MIB).map(|at| ((at >> 4) + number * 7) as u8).collect();
        file.write_all(&block).unwrap();
    }
}

/// The most memory that a process has held so far, in bytes.
fn peak_of(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<usize>().unwrap() * 1024
}

/// Starts to count the peak anew from what the process holds now.
fn forget_peak_of(pid: u32) {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").unwrap();
}

/// The API, the object store behind it and the worker are all in this process: none of them may hold the file.
#[test]
fn a_file_of_90_mib_goes_through_the_server_in_less_than_64_mib() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let (connection, pid) = (server.connection(), server.pid());
    let path = dir.path().join("large.bin");
    large_file(&path, 90);
    let text = |name: &str| connection[name].as_str().unwrap().to_owned();
    let send = |path: &Path| {
        let file = fs::File::open(path).unwrap();
        let length = file.metadata().unwrap().len();
        let request = ureq::post(format!("{}/v1/files?file_name=large.bin", text("url")))
            .header("authorization", format!("Bearer {}", text("api_key")))
            .header("content-type", "application/octet-stream")
            .header("content-length", length.to_string());
        let mut answer = request.send(ureq::SendBody::from_owned_reader(file)).unwrap();
        let mut body = String::new();
        answer.body_mut().as_reader().read_to_string(&mut body).unwrap();
        serde_json::from_str::<Value>(&body).unwrap()["bytes"].as_u64().unwrap()
    };
    // What the first call of its sort takes for good is no matter of the file.
    let small = dir.path().join("small.bin");
    large_file(&small, 1);
    assert_eq!(send(&small), MIB as u64);
    forget_peak_of(pid);
    let before = peak_of(pid);
    assert_eq!(send(&path), 90 * MIB as u64);
    let growth = peak_of(pid).saturating_sub(before);
    assert!(growth < 64 * MIB, "grew by {} MiB", growth / MIB);
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn a_large_file_is_put_in_parts_and_looked_at_without_being_held() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(&dir.path().join("data"));
    let pid = server.pid();
    let path = dir.path().join("large.bin");
    large_file(&path, 70);
    forget_peak_of(pid);
    let before = peak_of(pid);
    let output = server.client(&["file", "put", path.to_str().unwrap()]);
    assert!(output.status.success(), "{}", error_of(&output));
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("upload://"), "{output:?}");
    let growth = peak_of(pid).saturating_sub(before);
    assert!(growth < 64 * MIB, "grew by {} MiB", growth / MIB);
    assert_eq!(server.terminate(), Some(0));
}
