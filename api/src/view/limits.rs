//! What does an operator see of a tenant's limits?

use esteira_engine::tenant::{Limits, Retention};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

/// The limits of a tenant; null means no limit, unless a field says otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Limits, example = json!({
    "weight": 1.0, "max_running": 4, "max_queued": null, "max_storage_bytes": 10_737_418_240_i64,
    "requests_per_minute": 600, "kinds": null, "s3_buckets": [], "retention_days": null,
    "upload_retention_days": 7,
}))]
pub(crate) struct LimitsView {
    /// Its share of a contended kind, relative to other tenants' weights.
    #[schema(exclusive_minimum = 0.0, maximum = 1_000_000.0)]
    pub weight: f32,
    /// Jobs that run at the same moment, over all kinds.
    #[schema(minimum = 0)]
    pub max_running: Option<i32>,
    /// Jobs that wait (blocked, scheduled or queued).
    #[schema(minimum = 0)]
    pub max_queued: Option<i32>,
    /// Bytes of its uploads and artifacts.
    #[schema(minimum = 0)]
    pub max_storage_bytes: Option<i64>,
    /// HTTP requests a minute, over all processes of the API.
    #[schema(minimum = 0)]
    pub requests_per_minute: Option<i32>,
    /// Kinds that it may submit; null means all.
    pub kinds: Option<Vec<String>>,
    /// Buckets that its inputs may name by `s3://`.
    pub s3_buckets: Vec<String>,
    /// Days that finished jobs are kept with their artifacts, or "forever"; null: as the operator's settings say.
    #[schema(schema_with = retention_schema)]
    pub retention_days: Option<Retention>,
    /// Days that uploads are kept, or "forever"; longer while an unfinished job names them. Null: as the operator's
    /// settings say.
    #[schema(schema_with = retention_schema)]
    pub upload_retention_days: Option<Retention>,
}

/// New limits. A field that is absent stays as it is, or is without limit for a new tenant; null lifts a limit.
#[derive(Deserialize, ToSchema)]
#[schema(as = LimitsChange)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only describes what the engine's LimitsChange takes")]
pub(crate) struct LimitsChangeView {
    /// Its share of a contended kind, relative to other tenants' weights.
    #[schema(minimum = 0.001, maximum = 1_000_000.0)]
    weight: Option<f64>,
    /// Jobs that run at the same moment, over all kinds.
    #[schema(minimum = 0)]
    max_running: Option<i32>,
    /// Jobs that wait (blocked, scheduled or queued).
    #[schema(minimum = 0)]
    max_queued: Option<i32>,
    /// Bytes of its uploads and artifacts.
    #[schema(minimum = 0)]
    max_storage_bytes: Option<i64>,
    /// HTTP requests a minute, over all processes of the API.
    #[schema(minimum = 0)]
    requests_per_minute: Option<i32>,
    /// Kinds that it may submit; null means all.
    kinds: Option<Vec<String>>,
    /// Buckets that its inputs may name by `s3://`.
    s3_buckets: Option<Vec<String>>,
    /// Days that finished jobs are kept with their artifacts, or "forever"; null: as the operator's settings say.
    #[schema(schema_with = retention_schema, required = false)]
    retention_days: Option<Retention>,
    /// Days that uploads are kept, or "forever"; null: as the operator's settings say.
    #[schema(schema_with = retention_schema, required = false)]
    upload_retention_days: Option<Retention>,
}

fn retention_schema() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Integer, Type::String, Type::Null]))
        .minimum(Some(1))
        .maximum(Some(36_500))
        .pattern(Some("^forever$"))
        .description(Some("Days, or \"forever\"; null: as the operator's settings say."))
        .build()
}

impl From<Limits> for LimitsView {
    fn from(limits: Limits) -> Self {
        let Limits {
            weight,
            max_running,
            max_queued,
            max_storage_bytes,
            requests_per_minute,
            kinds,
            s3_buckets,
            retention_days,
            upload_retention_days,
        } = limits;
        Self {
            weight,
            max_running,
            max_queued,
            max_storage_bytes,
            requests_per_minute,
            kinds,
            s3_buckets,
            retention_days,
            upload_retention_days,
        }
    }
}
