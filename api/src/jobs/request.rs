//! What does a submit say? The body of `POST /v1/jobs`.

use std::time::Duration;

use esteira_engine::id::JobId;
use esteira_engine::queue::Submission;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::extract::{Distinct, KeyedBody, Metadata, Timestamp};
use crate::options::ApiOptions;

/// A job to be done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "video.generate",
    "input": {
        "output": {"width": 1280, "height": 720, "fps": 30},
        "tracks": [{"clips": [
            {"type": "image", "source": "upload://0192f0c1-2345-7abc-8def-0123456789ab", "length": 3},
        ]}],
    },
    "metadata": {"customer": "77"},
}))]
pub(crate) struct SubmitRequest {
    /// The kind of work.
    #[schema(example = "video.generate")]
    pub(super) kind: String,
    /// What the kind is to do; its schema is at `GET /v1/kinds/{kind}`.
    #[schema(value_type = Object)]
    pub(super) input: Distinct,
    /// −100 to 100, higher first, within the tenant.
    #[schema(minimum = -100, maximum = 100, default = 0)]
    pub(super) priority: Option<i64>,
    /// Not before this instant.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) run_at: Option<Timestamp>,
    /// How many attempts it may have, if not as many as the kind gives.
    #[schema(minimum = 1, maximum = 100)]
    pub(super) max_attempts: Option<i64>,
    /// Seconds that one attempt may take, if not as many as the kind gives.
    #[schema(minimum = 1, maximum = 86_400)]
    pub(super) timeout_seconds: Option<i64>,
    /// While a job with this key is not final, a second submit answers 200 with the first. 200 bytes at most.
    #[schema(min_length = 1, max_length = 200, example = "contract-77")]
    pub(super) unique_key: Option<String>,
    /// Jobs that have to succeed before this one runs; if one of them does not, this one is cancelled with the code
    /// `dependency_failed`. 1,000 at most.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub(super) depends_on: Vec<uuid::Uuid>,
    /// For the submitter's own use; `GET /v1/jobs?metadata.KEY=…` finds texts in it. At most 50 keys, 1,000 values in
    /// all, and 64 KiB.
    #[serde(default)]
    #[schema(value_type = Object, required = false)]
    pub(super) metadata: Metadata,
}

impl KeyedBody for SubmitRequest {
    fn most_bytes(options: &ApiOptions) -> u64 {
        options.json_bytes
    }
}

impl SubmitRequest {
    /// Numbers that do not fit become the nearest that do, which the engine refuses with its reason.
    pub(super) fn into_submission(self) -> Submission {
        let narrow = |n: i64| u16::try_from(n.max(0)).unwrap_or(u16::MAX);
        Submission {
            kind: self.kind,
            input: self.input.0,
            priority: self.priority.map_or(0, |n| i16::try_from(n).unwrap_or(i16::MAX)),
            run_at: self.run_at.map(|instant| instant.0),
            max_attempts: self.max_attempts.map(narrow),
            timeout: self.timeout_seconds.map(|n| Duration::from_secs(n.max(0).unsigned_abs())),
            unique_key: self.unique_key,
            depends_on: self.depends_on.into_iter().map(JobId).collect(),
            metadata: self.metadata.0,
        }
    }
}
