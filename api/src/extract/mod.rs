//! What does a handler take from a request? Who calls, and checked values, or a problem instead.

mod caller;
mod confirm;
mod distinct;
mod json;
mod key_admin;
mod keyed;
mod last_event;
mod metadata;
mod page;
mod params;
mod path;
mod schedule_owner;
mod timestamp;
mod webhook_owner;
mod weight;

pub(crate) use caller::{Anybody, JobsRead, JobsWrite, Operator, TenantCaller};
pub(crate) use confirm::Confirm;
pub(crate) use distinct::Distinct;
pub(crate) use json::Json;
pub(crate) use key_admin::{KeyAdmin, KeyMaker};
pub(crate) use keyed::{Keyed, KeyedBody};
pub(crate) use last_event::{LastEvent, Wants};
pub(crate) use metadata::Metadata;
pub(crate) use page::PageParams;
pub(crate) use params::{FromParams, Params, Query};
pub(crate) use path::{
    ArtifactPath, BatchPath, DeliveryPath, DocumentPath, JobPath, KeyPath, KindPath, SchedulePath,
    SubmitterPath, TenantPath, UploadPath, WebhookPath, WorkerPath,
};
pub(crate) use schedule_owner::{ScheduleOwner, ScheduleReader};
pub(crate) use timestamp::Timestamp;
pub(crate) use webhook_owner::WebhookOwner;
