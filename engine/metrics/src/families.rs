//! Of which shape are the metrics here? Families by labels, with the histograms' buckets.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

use crate::buckets::{ANSWER_SECONDS, MEMORY_BYTES, WORK_SECONDS};
use crate::exemplar::Exemplar;

/// Whole numbers that grow.
pub(crate) type Counts<L> = Family<L, Counter>;
/// Seconds that grow.
pub(crate) type Seconds<L> = Family<L, Counter<f64, std::sync::atomic::AtomicU64>>;
/// Durations, each with a job to look at.
pub(crate) type Durations<L> =
    Family<L, HistogramWithExemplars<Exemplar>, fn() -> HistogramWithExemplars<Exemplar>>;
/// Sizes or durations without one.
pub(crate) type Sizes<L> = Family<L, Histogram, fn() -> Histogram>;

/// Durations of whole jobs.
pub(crate) fn of_work<L: Clone + std::hash::Hash + Eq>() -> Durations<L> {
    Family::new_with_constructor(|| HistogramWithExemplars::new(WORK_SECONDS.into_iter()))
}

/// Durations of answers.
pub(crate) fn of_answers<L: Clone + std::hash::Hash + Eq>() -> Sizes<L> {
    Family::new_with_constructor(|| Histogram::new(ANSWER_SECONDS))
}

/// Memory.
pub(crate) fn of_memory<L: Clone + std::hash::Hash + Eq>() -> Sizes<L> {
    Family::new_with_constructor(|| Histogram::new(MEMORY_BYTES))
}
