//! What does a kind do before its child runs, where a service works for it? It hands the job over and waits without a slot.
//!
//! The service is asked by the worker, which has the credentials and the network that a child has not. What it has made
//! is staged like any file of the job, and read by the child like any file of a stranger.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::KindError;
use crate::artifact::{AwsAccount, S3Object};

/// The name under which a child finds what the service has made: [`crate::child::WorkDir::file`].
pub const SERVICE_RESULT: &str = "service:result";

/// The half of a kind that asks a service. It must neither parse what a tenant uploaded nor block its thread.
#[async_trait]
pub trait Prepare: Send + Sync {
    /// Whether a service works for a job of this input.
    fn is_needed(&self, input: &Value, settings: &Value) -> bool;

    /// Hands a job over, or looks how far it is. It is called again after each snooze, and again on another worker when one
    /// has died anywhere in it: what was begun is found by the job's name. Dropped where it is when the job is stopped.
    ///
    /// # Errors
    /// A [`KindError`] says whether another attempt could help.
    async fn prepare(
        &self,
        input: &Value,
        settings: &Value,
        handover: &Handover<'_>,
    ) -> Result<Prepared, KindError>;

    /// Lets go of what the service has of a job that is over, if it has anything. Twice is harmless.
    ///
    /// # Errors
    /// When the service did not do it.
    async fn forget(&self, settings: &Value, name: &str, account: &AwsAccount) -> Result<(), KindError>;
}

/// How far the service is.
#[derive(Debug, Clone, PartialEq)]
pub enum Prepared {
    /// Its result lies where it was asked for: the child may run.
    Ready,
    /// It works, or has no room now: the job gives its slot back, and comes again after this time. Not an attempt that
    /// counts.
    Snooze(Duration),
}

/// A job as a service is told of it.
#[derive(Debug)]
pub struct Handover<'a> {
    /// A name that is this job's alone, and the same in each of its attempts: letters, digits and `-`.
    pub name: String,
    /// How often the job was claimed, this time included.
    pub turn: u32,
    /// The account in which the bucket lies.
    pub account: &'a AwsAccount,
    /// Where the files lie that the input names, but for those of the web.
    pub files: BTreeMap<String, S3Object>,
    /// Where the result is to lie. It goes with the end of the job.
    pub result: S3Object,
}
