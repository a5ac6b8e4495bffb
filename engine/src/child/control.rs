//! What do worker and template say to each other? Three pipes down, one answer up.
//!
//! Both ends are trusted: the template is the worker's own program, and no byte of a tenant reaches it.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::retry_on_intr;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recv, recvmsg, send, sendmsg, socketpair,
    sockopt,
};
use serde::{Deserialize, Serialize};

/// The longest answer: a refusal with its reason.
const ANSWER_BYTES: usize = 4096;

/// What the template answers: `Ready` or `Refused` once, then one word to each request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// Everything is linked.
    Ready,
    /// No process can be forked from this one, and why.
    Refused(String),
    /// A process was forked, and has its pipes, its session and its death signal.
    Forked(i32),
    /// A process was forked that could not begin.
    Stillborn(i32),
    /// None was, and why.
    Failed(String),
}

/// The two ends, neither of which an executed program inherits by itself.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?)
}

/// Whether `end` is an end of such a pair. A child's standard input is a pipe, a template's is this.
pub(super) fn is_control(end: impl AsFd) -> bool {
    sockopt::socket_type(end).is_ok_and(|kind| kind == SocketType::SEQPACKET)
}

/// Asks for a process with these standard streams.
pub(super) fn ask(control: impl AsFd, pipes: [BorrowedFd<'_>; 3]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    if !rights.push(SendAncillaryMessage::ScmRights(&pipes)) {
        return Err(io::Error::other("three descriptors do not fit a message"));
    }
    // A message without a byte would be taken for the end.
    sendmsg(control, &[IoSlice::new(b"\n")], &mut rights, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// The next request's standard streams; `None` when the worker is gone.
pub(super) fn asked(control: impl AsFd) -> io::Result<Option<[OwnedFd; 3]>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut rights = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let heard = retry_on_intr(|| {
        recvmsg(&control, &mut [IoSliceMut::new(&mut byte)], &mut rights, RecvFlags::CMSG_CLOEXEC)
    })?;
    if heard.bytes == 0 {
        return Ok(None);
    }
    let pipes = rights.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(pipes) => Some(pipes),
        _ => None,
    });
    let pipes: Vec<OwnedFd> = pipes.flatten().collect();
    pipes.try_into().map(Some).map_err(|_| io::Error::other("a request has three descriptors"))
}

/// Answers.
pub(super) fn answer(control: impl AsFd, answer: &Answer) -> io::Result<()> {
    send(control, &serde_json::to_vec(answer)?, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// The next answer, which must be there already: an end without one is an error.
pub(super) fn answered(control: impl AsFd) -> io::Result<Answer> {
    let mut buffer = [0; ANSWER_BYTES];
    let (_, length) = retry_on_intr(|| recv(&control, buffer.as_mut_slice(), RecvFlags::DONTWAIT))?;
    match buffer.get(..length) {
        Some([]) | None => Err(io::ErrorKind::UnexpectedEof.into()),
        Some(answer) => Ok(serde_json::from_slice(answer)?),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn three_pipes_go_down_and_a_word_comes_up() {
        let (worker, template) = pair().expect("a pair");
        assert!(is_control(&worker) && is_control(&template));
        let (mut reader, writer) = io::pipe().expect("a pipe");
        let null = File::open("/dev/null").expect("opens");
        ask(&worker, [null.as_fd(), writer.as_fd(), null.as_fd()]).expect("asked");
        drop(writer);
        let [_, passed, _] = asked(&template).expect("no fault").expect("a request");
        File::from(passed).write_all(b"through").expect("written");
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("read");
        assert_eq!(text, "through");

        answer(&template, &Answer::Forked(7)).expect("answered");
        assert!(matches!(answered(&worker), Ok(Answer::Forked(7))));
        drop(worker);
        assert!(asked(&template).expect("no fault").is_none());
        assert!(!is_control(&reader));
    }

    #[test]
    fn an_end_without_an_answer_is_an_error() {
        let (worker, template) = pair().expect("a pair");
        drop(template);
        assert!(answered(&worker).is_err());
        assert!(ask(&worker, [worker.as_fd(); 3]).is_err());
    }
}
