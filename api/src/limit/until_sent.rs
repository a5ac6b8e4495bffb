//! How long does a large answer take its place? Until it is sent, since its client may read it slowly.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Error;
use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// A body that holds a place.
pub(crate) struct UntilSent<P> {
    body: Body,
    _place: P,
}

impl<P: Send + Unpin + 'static> UntilSent<P> {
    /// The same body, with a place that is free again once it is sent or given up.
    pub(crate) fn body(body: Body, place: P) -> Body {
        Body::new(Self { body, _place: place })
    }
}

impl<P: Unpin> HttpBody for UntilSent<P> {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    /// Never ahead of time: a server that knows the end drops a body before its last bytes are on the wire.
    fn is_end_stream(&self) -> bool {
        false
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
