//! What is heard of a request whose signature turns out to be wrong? One line, and not as an error.
//!
//! `s3s` logs two errors each time, before it knows who asks: anybody who reaches the port could fill the log. So it is
//! not heard before it has verified a request; what fails after that is logged as ever.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use async_trait::async_trait;
use hyper::Request;
use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Result, s3_error};
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing::subscriber::NoSubscriber;

/// Hears nothing. `Dispatch::none()` will not do: `tracing` counts it not, and so remembers what is first reached under it
/// as of no interest to the program's own subscriber.
static DEAF: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

/// Whether a request is verified by now; goes along with it.
#[derive(Debug, Clone, Default)]
pub(super) struct Verified(Arc<AtomicBool>);

impl Verified {
    /// Sends a new one along with a request.
    pub fn of<B>(request: &mut Request<B>) -> Self {
        let verified = Self::default();
        request.extensions_mut().insert(verified.clone());
        verified
    }

    /// Whether it is.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The same work, heard by nobody until then.
    pub async fn heard<F: Future>(&self, work: F) -> F::Output {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|cx| self.poll(work.as_mut(), cx)).await
    }

    fn poll<F: Future>(&self, work: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if self.is_set() { work.poll(cx) } else { with_default(&DEAF, || work.poll(cx)) }
    }
}

/// Lets in whoever has signed, and notes that.
pub(super) struct Signed;

#[async_trait]
impl S3Access for Signed {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        if cx.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Signature is required"));
        }
        if let Some(Verified(verified)) = cx.extensions_mut().get() {
            verified.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
