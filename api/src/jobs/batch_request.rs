//! What does a batch say? The body of `POST /v1/jobs/batch`.

use esteira_engine::queue::BatchJob;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};
use uuid::Uuid;

use super::request::SubmitRequest;
use crate::extract::{Distinct, KeyedBody, Metadata, Timestamp};
use crate::options::ApiOptions;

/// What is said of `depends_on`.
const NEEDS: &str = "Jobs that have to succeed before: ids of jobs, and `ref:NAME` for the job of this batch whose \
                     `ref` is NAME. 1,000 at most.";

/// Jobs that are taken together, all or none.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"jobs": [
    {"ref": "transcript", "kind": "media.transcribe", "input": {"source": "upload://0192f0c1-2345-7abc-8def-0123456789ab"}},
    {"kind": "document.extract", "input": {"source": "upload://0192f0c1-6789-7abc-8def-0123456789ab"}, "depends_on": ["ref:transcript"]},
]}))]
pub(crate) struct BatchRequest {
    /// The jobs.
    #[schema(min_items = 1, max_items = 10_000)]
    pub(super) jobs: Vec<BatchJobRequest>,
}

/// A job of a batch. Its fields are those of a job that is submitted alone, and `ref`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchJobRequest {
    /// A name by which other jobs of this batch can depend on this one; it is not kept.
    #[serde(rename = "ref")]
    #[schema(min_length = 1, max_length = 100, example = "transcript")]
    reference: Option<String>,
    /// The kind of work.
    #[schema(example = "video.generate")]
    kind: String,
    /// What the kind is to do; its schema is at `GET /v1/kinds/{kind}`.
    #[schema(value_type = Object)]
    input: Distinct,
    /// −100 to 100, higher first, within the tenant.
    #[schema(minimum = -100, maximum = 100, default = 0)]
    priority: Option<i64>,
    /// Not before this instant.
    #[schema(value_type = Option<String>, format = DateTime)]
    run_at: Option<Timestamp>,
    /// How many attempts it may have, if not as many as the kind gives.
    #[schema(minimum = 1, maximum = 100)]
    max_attempts: Option<i64>,
    /// Seconds that one attempt may take, if not as many as the kind gives.
    #[schema(minimum = 1, maximum = 86_400)]
    timeout_seconds: Option<i64>,
    /// While a job with this key is not final, a second one is not made: the answer has the id of the first.
    #[schema(min_length = 1, max_length = 200)]
    unique_key: Option<String>,
    /// Jobs that have to succeed before: ids of jobs, and `ref:NAME` for the job of this batch whose `ref` is NAME.
    /// 1,000 at most.
    #[serde(default)]
    #[schema(schema_with = needs_schema, required = false)]
    depends_on: Vec<Need>,
    /// For the submitter's own use. At most 50 keys, 1,000 values in all, and 64 KiB.
    #[serde(default)]
    #[schema(value_type = Object, required = false)]
    metadata: Metadata,
}

/// What a job of a batch depends on.
#[derive(Deserialize)]
#[serde(try_from = "String")]
enum Need {
    Job(Uuid),
    Ref(String),
}

fn needs_schema() -> Array {
    let id = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    let item = ObjectBuilder::new().schema_type(Type::String).pattern(Some(format!("^(ref:.+|{id})$")));
    let item = item.examples([json!("ref:transcript")]);
    ArrayBuilder::new().items(item).max_items(Some(1000)).description(Some(NEEDS)).build()
}

impl TryFrom<String> for Need {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.strip_prefix("ref:") {
            Some(name) => Ok(Self::Ref(name.to_owned())),
            None => Uuid::try_parse(&text).map(Self::Job).map_err(|_| "must be the id of a job, or ref:NAME"),
        }
    }
}

impl KeyedBody for BatchRequest {
    fn most_bytes(options: &ApiOptions) -> u64 {
        options.batch_bytes
    }
}

impl BatchJobRequest {
    /// As the engine takes it.
    pub(super) fn into_batch_job(self) -> BatchJob {
        let (mut depends_on, mut after) = (Vec::new(), Vec::new());
        for need in self.depends_on {
            match need {
                Need::Job(id) => depends_on.push(id),
                Need::Ref(name) => after.push(name),
            }
        }
        let request = SubmitRequest {
            kind: self.kind,
            input: self.input,
            priority: self.priority,
            run_at: self.run_at,
            max_attempts: self.max_attempts,
            timeout_seconds: self.timeout_seconds,
            unique_key: self.unique_key,
            depends_on,
            metadata: self.metadata,
        };
        BatchJob { reference: self.reference, after, submission: request.into_submission() }
    }
}
