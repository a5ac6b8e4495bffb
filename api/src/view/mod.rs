//! What do callers see? One type a resource, with every key always there.

mod batch;
mod delivery;
mod document;
mod event;
mod file;
mod hit;
mod job;
mod key;
mod kind;
mod limits;
mod page;
mod queue;
mod tenant;
mod upload;
mod usage;
mod webhook;
mod why;
mod worker;

pub(crate) use batch::BatchView;
pub(crate) use delivery::{DeliveryView, WholeDeliveryView, state_schema as delivery_state_schema};
pub(crate) use document::DocumentView;
pub(crate) use event::{EventView, SentEventView, TimelineView};
pub(crate) use file::FileView;
pub(crate) use hit::HitView;
pub(crate) use job::{ErrorView, JobView, ProgressView, state_schema};
pub(crate) use key::{KeyView, NewKeyView, OperatorKeyView, scope_schema};
pub(crate) use kind::KindView;
pub(crate) use limits::{LimitsChangeView, LimitsView};
pub(crate) use page::Page;
pub(crate) use queue::{PauseView, QueuesView, ResumedView};
pub(crate) use tenant::TenantView;
pub(crate) use upload::UploadView;
pub(crate) use usage::UsageView;
pub(crate) use webhook::{WebhookView, WebhookWithSecretView, asked_events_schema};
pub(crate) use why::WhyView;
pub(crate) use worker::WorkerView;
