//! What does a handler take from a request? Who calls, and checked values, or a problem instead.

mod caller;
mod confirm;
mod distinct;
mod json;
mod key_admin;
mod page;
mod params;
mod path;
mod timestamp;

pub(crate) use caller::{Anybody, JobsRead, JobsWrite, Operator, TenantCaller};
pub(crate) use confirm::Confirm;
pub(crate) use distinct::Distinct;
pub(crate) use json::Json;
pub(crate) use key_admin::{KeyAdmin, KeyMaker};
pub(crate) use page::PageParams;
pub(crate) use params::{FromParams, Params, Query};
pub(crate) use path::{
    ArtifactPath, JobPath, KeyPath, KindPath, SubmitterPath, TenantPath, UploadPath, WorkerPath,
};
pub(crate) use timestamp::Timestamp;
