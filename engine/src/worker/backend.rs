//! How does apalis get its tasks? From a channel that the feed fills; the one `Backend` of Esteira.
//!
//! The backend never asks the database and never fails: a poll is a look into a channel. Claims,
//! settles and leases are other tasks' business, which wake the poller by sending.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::task::Task;
use apalis_core::worker::context::WorkerContext;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tower::layer::util::Identity;
use uuid::Uuid;

use super::roster::Entry;
use crate::queue::Lease;
use crate::tenant::Tenant;

/// A claimed job on its way to a slot.
#[derive(Debug)]
pub(crate) struct Assigned {
    /// The right to run it.
    pub lease: Arc<Lease>,
    /// Whose it is, and its input, where the feed has read them already.
    pub loaded: Loaded,
    /// When the claim was asked for.
    pub claimed_at: Instant,
    /// Its line in the roster.
    pub entry: Entry,
    /// Its slot; free again when this is dropped.
    pub slot: OwnedSemaphorePermit,
}

/// What is read for many claimed jobs at once, as far as it could be.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub tenant: Option<Arc<Tenant>>,
    pub input: Option<Value>,
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
