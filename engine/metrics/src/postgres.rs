//! How does this process get on with Postgres? Statements, transactions, errors, and the connections of its pool.

use std::sync::atomic::{AtomicU32, Ordering};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::families::Counts;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCall {
    call: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfFault {
    fault: &'static str,
}

/// What went wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server cannot be reached, or went away.
    Away,
    /// No connection of the pool came free in time.
    PoolExhausted,
    /// A lock or another transaction was in the way.
    Contention,
    /// The server refused.
    Refused,
    /// Something else.
    Other,
}

impl Fault {
    fn word(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::PoolExhausted => "pool_exhausted",
            Self::Contention => "contention",
            Self::Refused => "refused",
            Self::Other => "other",
        }
    }
}

/// The connections of the pool at the moment of a scrape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// Those that are used.
    pub busy: u32,
    /// Those that are open and free.
    pub idle: u32,
    /// The most that there may be.
    pub most: u32,
}

/// The calls of this process.
#[derive(Debug)]
pub struct PostgresMeter {
    calls: Counts<OfCall>,
    errors: Counts<OfFault>,
    pool: PoolGauges,
}

#[derive(Debug, Default, Clone)]
struct PoolGauges(std::sync::Arc<[AtomicU32; 3]>);

impl Default for PostgresMeter {
    fn default() -> Self {
        let errors = Counts::default();
        for fault in [Fault::Away, Fault::PoolExhausted, Fault::Contention, Fault::Refused, Fault::Other] {
            drop(errors.get_or_create(&OfFault { fault: fault.word() }));
        }
        Self { calls: Counts::default(), errors, pool: PoolGauges::default() }
    }
}

impl PostgresMeter {
    /// A statement or a transaction was begun: `claim`, `settle`, `statement` or `transaction`.
    pub fn called(&self, call: &'static str) {
        self.calls.get_or_create(&OfCall { call }).inc();
    }

    /// A call failed.
    pub fn failed(&self, fault: Fault) {
        self.errors.get_or_create(&OfFault { fault: fault.word() }).inc();
    }

    /// Looks at the pool, before a scrape.
    pub fn look(&self, pool: Pool) {
        for (gauge, value) in self.pool.0.iter().zip([pool.busy, pool.idle, pool.most]) {
            gauge.store(value, Ordering::Relaxed);
        }
    }

    pub(crate) fn register(&self, to: &mut Registry) {
        to.register("postgres_calls", "Statements and transactions that were begun", self.calls.clone());
        to.register("postgres_errors", "Calls that failed, by what was wrong", self.errors.clone());
        to.register_collector(Box::new(self.pool.clone()));
    }
}

impl Collector for PoolGauges {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let [busy, idle, most] = &*self.0;
        let help = "Connections of the pool of this process.";
        let mut family =
            encoder.encode_descriptor("postgres_pool_connections", help, None, MetricType::Gauge)?;
        for (state, gauge) in [("busy", busy), ("idle", idle)] {
            let gauge = ConstGauge::new(i64::from(gauge.load(Ordering::Relaxed)));
            gauge.encode(family.encode_family(&[("state", state)])?)?;
        }
        let help = "The most connections that the pool of this process may have.";
        let most = ConstGauge::new(i64::from(most.load(Ordering::Relaxed)));
        most.encode(encoder.encode_descriptor("postgres_pool_limit", help, None, MetricType::Gauge)?)
    }
}
