//! How does apalis get its tasks? From a channel that the feed fills; the one `Backend` of Esteira.
//!
//! The backend never asks the database and never fails: a poll is a look into a channel. Claims,
//! settles and leases are other tasks' business, which wake the poller by sending.

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Instant;

use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::task::Task;
use apalis_core::worker::context::WorkerContext;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tower::layer::util::Identity;
use uuid::Uuid;

use super::roster::Entry;
use crate::queue::Lease;

/// A claimed job on its way to a slot.
#[derive(Debug)]
pub(crate) struct Assigned {
    /// The right to run it.
    pub lease: Lease,
    /// When the claim was asked for.
    pub claimed_at: Instant,
    /// Its line in the roster.
    pub entry: Entry,
    /// Its slot; free again when this is dropped.
    pub slot: OwnedSemaphorePermit,
}

/// The jobs of one kind.
pub(super) struct KindBackend(mpsc::Receiver<Assigned>);

impl KindBackend {
    pub fn new(receiver: mpsc::Receiver<Assigned>) -> Self {
        Self(receiver)
    }
}

impl Backend for KindBackend {
    type Task = Task<Assigned>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Infallible>>> {
        self.0.poll_recv(cx).map(|assigned| assigned.map(|assigned| Ok(Task::new(assigned))))
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        self.0.close();
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for KindBackend {
    type Args = Assigned;
    type Id = Uuid;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
