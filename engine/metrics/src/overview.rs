//! How does the whole stand? What the one process that leads the look has found, for as long as it leads.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::RwLock;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// The whole, as it was at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// Each kind.
    pub kinds: Vec<KindOverview>,
    /// The tenants that have names, and the others together.
    pub tenants: Vec<TenantOverview>,
    /// Tenants that there are.
    pub all_tenants: i64,
    /// Those whose schema is not of this version.
    pub tenants_behind: i64,
    /// Tenants whose webhooks wait to be told something that is due.
    pub webhooks_waiting: i64,
    /// For how many seconds the longest of them has waited.
    pub webhooks_oldest_seconds: f64,
    /// Due instants of schedules about which nothing is decided.
    pub schedules_due: i64,
    /// For how many seconds the oldest of them has been due.
    pub schedules_late_seconds: f64,
    /// Postgres itself.
    pub database: DatabaseOverview,
    /// How long the look took.
    pub took: Duration,
    /// When it was.
    pub at: SystemTime,
}

/// One kind, over all tenants.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "as in `KindStats` of the engine")]
pub struct KindOverview {
    pub kind: String,
    pub blocked: i64,
    pub scheduled: i64,
    pub queued: i64,
    pub running: i64,
    pub oldest_ready_seconds: f64,
    pub oldest_running_seconds: f64,
    pub slots: i64,
    pub workers: i64,
    pub paused: bool,
    /// Tenants of which nothing runs though something has been ready for long, and nothing holds it back.
    pub starved: i64,
}

/// One tenant, or all those that have no name.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantOverview {
    /// Its slug, or `other`.
    pub tenant: String,
    /// Jobs that wait for a slot.
    pub queued: i64,
    /// Jobs that run.
    pub running: i64,
    /// For how many seconds the oldest of the queued could have run.
    pub oldest_ready_seconds: f64,
}

/// Postgres, as its own statistics tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DatabaseOverview {
    /// Sessions of the server, where the engine's role may see those of others.
    pub sessions: Option<i64>,
    /// The most sessions.
    pub most_sessions: i64,
    /// For how many seconds the oldest transaction of a client of this database has been open, where the engine's role may
    /// see those of others.
    pub oldest_transaction_seconds: Option<f64>,
    /// The tables that change with every job.
    pub tables: Vec<TableOverview>,
}

/// A table, as Postgres' statistics tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableOverview {
    /// Its name in the control schema.
    pub table: String,
    /// Its dead rows, which a transaction that is held open keeps.
    pub dead_rows: i64,
    /// Its size, with its indices.
    pub bytes: i64,
}

/// What the leader has found last; nothing while another process leads.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found(Arc<RwLock<Option<Overview>>>);

impl Found {
    pub fn set(&self, overview: Option<Overview>) {
        *self.0.write() = overview;
    }
}

/// Writes gauges, one family after the other.
struct Gauges<'e>(DescriptorEncoder<'e>);

impl Gauges<'_> {
    fn family<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        values: impl IntoIterator<Item = ([(&'static str, String); N], f64)>,
    ) -> Result<(), std::fmt::Error> {
        let mut family = self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for (labels, value) in values {
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        value: f64,
    ) -> Result<(), std::fmt::Error> {
        ConstGauge::new(value).encode(self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?)
    }
}

impl Collector for Found {
    fn encode(&self, encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let found = self.0.read();
        let Some(overview) = &*found else { return Ok(()) };
        let mut gauges = Gauges(encoder);
        kinds(&mut gauges, &overview.kinds)?;
        tenants(&mut gauges, overview)?;
        around(&mut gauges, overview)?;
        database(&mut gauges, &overview.database)
    }
}

fn kinds(gauges: &mut Gauges<'_>, kinds: &[KindOverview]) -> Result<(), std::fmt::Error> {
    let states = kinds.iter().flat_map(|of| {
        [("blocked", of.blocked), ("scheduled", of.scheduled), ("queued", of.queued), ("running", of.running)]
            .map(|(state, jobs)| ([("kind", of.kind.clone()), ("state", state.to_owned())], number(jobs)))
    });
    gauges.family("queue_jobs", "Jobs that are not over, by kind and state.", None, states)?;
    let seconds = Some(&Unit::Seconds);
    let each = |of: fn(&KindOverview) -> f64| {
        kinds.iter().map(move |kind| ([("kind", kind.kind.clone())], of(kind)))
    };
    gauges.family(
        "queue_oldest_ready",
        "For how long the oldest queued job could have run; 0 where none waits.",
        seconds,
        each(|kind| kind.oldest_ready_seconds),
    )?;
    gauges.family(
        "queue_oldest_running",
        "For how long the oldest running attempt has run; 0 where none runs.",
        seconds,
        each(|kind| kind.oldest_running_seconds),
    )?;
    gauges.family(
        "queue_slots",
        "Slots of all live workers that take jobs.",
        None,
        each(|kind| number(kind.slots)),
    )?;
    gauges.family(
        "queue_workers",
        "Live workers that take jobs, by kind.",
        None,
        each(|kind| number(kind.workers)),
    )?;
    gauges.family(
        "queue_paused",
        "Whether the kind is paused for everybody.",
        None,
        each(|kind| f64::from(u8::from(kind.paused))),
    )?;
    gauges.family(
        "queue_starved_tenants",
        "Tenants of which nothing runs though a job of the kind has been ready for long and nothing holds it back.",
        None,
        each(|kind| number(kind.starved)),
    )
}

fn tenants(gauges: &mut Gauges<'_>, overview: &Overview) -> Result<(), std::fmt::Error> {
    let states = overview.tenants.iter().flat_map(|of| {
        [("queued", of.queued), ("running", of.running)]
            .map(|(state, jobs)| ([("tenant", of.tenant.clone()), ("state", state.to_owned())], number(jobs)))
    });
    gauges.family("tenant_queue_jobs", "Jobs that wait for a slot or run, by tenant.", None, states)?;
    let ages = overview.tenants.iter().map(|of| ([("tenant", of.tenant.clone())], of.oldest_ready_seconds));
    gauges.family(
        "tenant_oldest_ready",
        "For how long a tenant's oldest queued job could have run; 0 where none waits.",
        Some(&Unit::Seconds),
        ages,
    )?;
    gauges.one("tenants", "Tenants that there are.", None, number(overview.all_tenants))?;
    gauges.one(
        "tenants_behind",
        "Tenants whose schema is not of this version.",
        None,
        number(overview.tenants_behind),
    )
}

fn around(gauges: &mut Gauges<'_>, overview: &Overview) -> Result<(), std::fmt::Error> {
    let seconds = Some(&Unit::Seconds);
    gauges.one(
        "webhook_waiting_tenants",
        "Tenants whose webhooks are to be told something that is due.",
        None,
        number(overview.webhooks_waiting),
    )?;
    gauges.one(
        "webhook_oldest_due",
        "For how long the longest waiting of them has been due.",
        seconds,
        overview.webhooks_oldest_seconds,
    )?;
    gauges.one(
        "schedules_due",
        "Schedules that are due and about which nothing is decided.",
        None,
        number(overview.schedules_due),
    )?;
    gauges.one(
        "schedules_late",
        "For how long the longest waiting of them has been due.",
        seconds,
        overview.schedules_late_seconds,
    )?;
    gauges.one("overview", "How long the look at the whole took.", seconds, overview.took.as_secs_f64())?;
    let at = overview.at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    gauges.one("overview_time", "When the look at the whole was, since 1970.", seconds, at.as_secs_f64())
}

fn database(gauges: &mut Gauges<'_>, database: &DatabaseOverview) -> Result<(), std::fmt::Error> {
    if let Some(sessions) = database.sessions {
        gauges.one("postgres_sessions", "Sessions of the server.", None, number(sessions))?;
    }
    gauges.one(
        "postgres_sessions_limit",
        "The most sessions that the server takes.",
        None,
        number(database.most_sessions),
    )?;
    if let Some(oldest) = database.oldest_transaction_seconds {
        let help = "For how long the oldest transaction of the database has been open.";
        gauges.one("postgres_oldest_transaction", help, Some(&Unit::Seconds), oldest)?;
    }
    let each = |of: fn(&TableOverview) -> i64| {
        database.tables.iter().map(move |table| ([("table", table.table.clone())], number(of(table))))
    };
    let help = "Dead rows of the tables that change with every job.";
    gauges.family("postgres_dead_rows", help, None, each(|table| table.dead_rows))?;
    let help = "Size of the tables that change with every job, with their indices.";
    gauges.family("postgres_table_size", help, Some(&Unit::Bytes), each(|table| table.bytes))
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, and a gauge holds nothing else")]
fn number(value: i64) -> f64 {
    value as f64
}
