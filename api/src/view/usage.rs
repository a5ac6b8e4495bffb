//! What does a caller see of what a tenant used?

use chrono::NaiveDate;
use esteira_engine::tenant::Tenant;
use esteira_engine::usage::{Usage, UsageDay, Used};
use serde::Serialize;
use utoipa::ToSchema;

/// What a tenant used in some days, and what it keeps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub(crate) struct UsageView {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// The time zone of the days, always UTC.
    #[schema(example = "UTC")]
    pub timezone: &'static str,
    /// All days and kinds together.
    pub totals: UsedView,
    /// By day and kind, in that order; where nothing was used there is no item.
    pub items: Vec<UsageDayView>,
    /// At this moment.
    pub storage: StorageView,
}

/// What was used on a day by jobs of a kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageDay)]
pub(crate) struct UsageDayView {
    /// The day on which jobs and attempts ended, and uploads came.
    pub day: NaiveDate,
    /// The kind; null for uploads.
    #[schema(example = "video.generate")]
    pub kind: Option<String>,
    /// How much.
    #[serde(flatten)]
    pub used: UsedView,
}

/// Amounts of what is used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Used, example = json!({
    "jobs": 12, "succeeded": 10, "failed": 1, "cancelled": 1, "attempts": 14, "processing_seconds": 93.5,
    "cpu_seconds": 171.2, "bytes_stored": 48_213_300, "bytes_moved": 96_426_600, "media_seconds": 120.0,
    "pages": 0,
}))]
pub(crate) struct UsedView {
    /// Jobs that are over: `succeeded`, `failed` and `cancelled` together. One that was retried by hand counts once, by
    /// its last end.
    pub jobs: i64,
    /// Those that succeeded.
    pub succeeded: i64,
    /// Those that failed.
    pub failed: i64,
    /// Those that were cancelled.
    pub cancelled: i64,
    /// Attempts that ended, whatever they came to, also of jobs that are not over.
    pub attempts: i64,
    /// Seconds that those took.
    pub processing_seconds: f64,
    /// Seconds of processor time in them.
    pub cpu_seconds: f64,
    /// Bytes of artifacts and uploads that were new.
    pub bytes_stored: i64,
    /// The same, and the bytes of inputs that attempts fetched.
    pub bytes_moved: i64,
    /// Seconds of media, as kinds count them: of a video, its length.
    pub media_seconds: f64,
    /// Pages, as kinds count them.
    pub pages: i64,
}

/// What a tenant keeps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Storage, example = json!({"bytes": 96_426_600, "announced_bytes": 0, "limit_bytes": null}))]
pub(crate) struct StorageView {
    /// Bytes of uploads and artifacts.
    pub bytes: i64,
    /// Bytes of uploads that are announced and not completed.
    pub announced_bytes: i64,
    /// `max_storage_bytes` of the tenant; null means no limit.
    pub limit_bytes: Option<i64>,
}

impl From<&Used> for UsedView {
    fn from(used: &Used) -> Self {
        Self {
            jobs: used.succeeded + used.failed + used.cancelled,
            succeeded: used.succeeded,
            failed: used.failed,
            cancelled: used.cancelled,
            attempts: used.attempts,
            processing_seconds: used.processing_seconds,
            cpu_seconds: used.cpu_seconds,
            bytes_stored: used.bytes_stored,
            bytes_moved: used.bytes_moved,
            media_seconds: used.media_seconds,
            pages: used.pages,
        }
    }
}

impl UsageView {
    /// The answer for some days of a tenant.
    pub(crate) fn new(tenant: &Tenant, from: NaiveDate, to: NaiveDate, usage: Usage) -> Self {
        let mut totals = Used::default();
        usage.days.iter().for_each(|day| totals.add(&day.used));
        let item = |UsageDay { day, kind, used }: UsageDay| UsageDayView { day, kind, used: (&used).into() };
        Self {
            from,
            to,
            timezone: "UTC",
            totals: (&totals).into(),
            items: usage.days.into_iter().map(item).collect(),
            storage: StorageView {
                bytes: usage.storage.bytes,
                announced_bytes: usage.storage.announced_bytes,
                limit_bytes: tenant.limits.max_storage_bytes,
            },
        }
    }
}
