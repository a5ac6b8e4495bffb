//! What does one process count, all in all?

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::api::ApiMeter;
use crate::jobs::JobsMeter;
use crate::lead::LeadMeter;
use crate::machine::{Process, WorkDir};
use crate::overview::{Found, Overview};
use crate::postgres::PostgresMeter;
use crate::store::StoreMeter;
use crate::tenants::Tenants;
use crate::told::{ScheduleMeter, WebhookMeter};

/// What goes before every name that is Esteira's own.
const PREFIX: &str = "esteira";

/// How much there may be to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tenants with a label of their own.
    pub tenants: usize,
    /// Over how long it is looked who of them is busiest.
    pub window: Duration,
    /// Codes of errors with a label of their own.
    pub codes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tenants: 20, window: Duration::from_secs(3600), codes: 200 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// What a process counts; clones count into the same.
#[derive(Debug, Clone)]
pub struct Meter(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    jobs: JobsMeter,
    tenants: Tenants,
    webhooks: WebhookMeter,
    schedules: ScheduleMeter,
    api: ApiMeter,
    postgres: PostgresMeter,
    lead: LeadMeter,
    build: Family<Build, Gauge>,
    migrations_behind: Gauge,
    work_dir: WorkDir,
    found: Found,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Meter {
    /// One that has counted nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let build = Family::<Build, Gauge>::default();
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION") }).set(1);
        Self(Arc::new(Parts {
            jobs: JobsMeter::new(limits.codes),
            tenants: Tenants::new(limits.tenants, limits.window),
            webhooks: WebhookMeter::new(),
            schedules: ScheduleMeter::new(),
            api: ApiMeter::new(),
            postgres: PostgresMeter::default(),
            lead: LeadMeter::default(),
            build,
            migrations_behind: Gauge::default(),
            work_dir: WorkDir::default(),
            found: Found::default(),
        }))
    }

    /// Jobs by kind.
    #[must_use]
    pub fn jobs(&self) -> &JobsMeter {
        &self.0.jobs
    }

    /// The same by tenant.
    #[must_use]
    pub fn tenants(&self) -> &Tenants {
        &self.0.tenants
    }

    /// Webhooks.
    #[must_use]
    pub fn webhooks(&self) -> &WebhookMeter {
        &self.0.webhooks
    }

    /// Schedules.
    #[must_use]
    pub fn schedules(&self) -> &ScheduleMeter {
        &self.0.schedules
    }

    /// Requests.
    #[must_use]
    pub fn api(&self) -> &ApiMeter {
        &self.0.api
    }

    /// Calls of Postgres.
    #[must_use]
    pub fn postgres(&self) -> &PostgresMeter {
        &self.0.postgres
    }

    /// Who leads.
    #[must_use]
    pub fn lead(&self) -> &LeadMeter {
        &self.0.lead
    }

    /// How far the control schema is behind this program.
    pub fn behind(&self, migrations: i32) {
        self.0.migrations_behind.set(migrations.into());
    }

    /// Attempts of this process work here.
    pub fn works_in(&self, dir: PathBuf) {
        self.0.work_dir.set(dir);
    }

    /// What the look at the whole has found; nothing where this process does not lead it any more.
    pub fn overview(&self, overview: Option<Overview>) {
        self.0.found.set(overview);
    }

    /// All of it, with the calls of the object store, to be written once.
    pub(crate) fn registry(&self, store: &StoreMeter) -> Registry {
        let parts = &self.0;
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        let own = registry.sub_registry_with_prefix(PREFIX);
        own.register("build_info", "This program", parts.build.clone());
        let help = "Migrations of the control schema that are not applied";
        own.register("migrations_behind", help, parts.migrations_behind.clone());
        parts.jobs.register(own);
        own.register_collector(Box::new(parts.tenants.clone()));
        parts.webhooks.register(own);
        parts.schedules.register(own);
        parts.api.register(own);
        parts.postgres.register(own);
        store.register(own);
        parts.lead.register(own);
        own.register_collector(Box::new(parts.work_dir.clone()));
        own.register_collector(Box::new(parts.found.clone()));
        registry
    }
}
