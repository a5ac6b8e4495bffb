//! How is a body read without being held? As a stream that gives up on a client that falls silent.

use std::io;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use tokio::io::AsyncRead;
use tokio::time::timeout;
use tokio_util::io::StreamReader;

/// A body as a reader; each of its pieces must come within `idle`.
pub(super) fn reader(body: Body, idle: Duration) -> impl AsyncRead + Unpin {
    StreamReader::new(patient(body.into_data_stream().map_err(io::Error::other), idle).boxed())
}

/// The same stream, with an error of kind `TimedOut` where a piece does not come in time.
fn patient(
    pieces: impl Stream<Item = io::Result<Bytes>> + Send + Unpin + 'static,
    idle: Duration,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::unfold(Some(pieces), move |pieces| async move {
        let mut pieces = pieces?;
        match timeout(idle, pieces.next()).await {
            Ok(None) => None,
            Ok(Some(piece)) => Some((piece, Some(pieces))),
            Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn a_client_that_falls_silent_is_given_up() {
        let first = stream::iter([io::Result::Ok(Bytes::from_static(b"abc"))]);
        let body = Body::from_stream(first.chain(stream::pending()));
        let mut read = Vec::new();
        let error = reader(body, Duration::from_millis(1)).read_to_end(&mut read).await.unwrap_err();
        assert_eq!((read.as_slice(), error.kind()), (&b"abc"[..], io::ErrorKind::TimedOut));
    }
}
