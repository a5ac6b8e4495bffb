//! What becomes of a body that nobody reads to its end? Its rest is taken from the wire and thrown away, within a size and
//! a time.
//!
//! A connection that is closed while its client still writes is reset, and the client sees a broken pipe where it should
//! see what was wrong, say with its token. A client that waits to be asked for its body (`Expect: 100-continue`) is not
//! asked for the sake of throwing it away.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::http::header::EXPECT;
use axum::http::{HeaderMap, Request};
use bytes::{Buf, Bytes};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::options::ApiOptions;

/// How much of a rest is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest {
    /// The most bytes: whoever announces more than that is closed at once.
    most: u64,
    /// For how long.
    longest: Duration,
}

impl Rest {
    /// As much as a body that is read may have, for as long as JSON may take.
    pub(crate) fn of(options: &ApiOptions) -> Self {
        let most = options.file_bytes.max(options.batch_bytes).max(options.json_bytes);
        Self { most, longest: options.body_idle_timeout }
    }

    /// The same request, of whose body nothing is left on the wire when it was dropped.
    pub(crate) fn taken_of<B: Throwable>(self, request: Request<B>) -> Request<Unread<B>> {
        let rest = if is_asked_for(request.headers()) { None } else { Some(self) };
        request.map(|body| Unread { body: Some(body), rest })
    }
}

/// Whether the client sends nothing before it is told to.
fn is_asked_for(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// A body that another task can go on with.
pub(crate) trait Throwable: Body<Data = Bytes> + Send + Unpin + 'static {}

impl<B: Body<Data = Bytes> + Send + Unpin + 'static> Throwable for B {}

/// A body whose rest is thrown away when it is dropped.
pub(crate) struct Unread<B: Throwable> {
    /// `None` once it has ended.
    body: Option<B>,
    /// `None` if the rest is not to be touched.
    rest: Option<Rest>,
}

impl<B: Throwable> Body for Unread<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            this.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B: Throwable> Drop for Unread<B> {
    fn drop(&mut self) {
        let (Some(body), Some(rest)) = (self.body.take(), self.rest) else { return };
        if body.is_end_stream() || body.size_hint().lower() > rest.most {
            return;
        }
        // Where nothing runs any more, nobody is answered either.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(timeout(rest.longest, throw_away(body, rest.most)));
        }
    }
}

/// Reads to the end, or until there were too many bytes.
async fn throw_away(mut body: impl Throwable, most: u64) {
    let mut taken = 0;
    while taken <= most
        && let Some(Ok(frame)) = body.frame().await
    {
        taken += frame.data_ref().map_or(0, |data| data.remaining() as u64);
    }
}
