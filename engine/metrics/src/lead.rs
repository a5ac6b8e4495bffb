//! Which duties does this process lead, and in which term?

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfDuty {
    duty: &'static str,
}

/// Who leads, as this process knows.
#[derive(Debug, Default)]
pub struct LeadMeter {
    leads: Family<OfDuty, Gauge>,
    term: Family<OfDuty, Gauge>,
}

impl LeadMeter {
    /// It was asked who leads a duty: this process in that term, or another.
    pub fn asked(&self, duty: &'static str, term: Option<i64>) {
        self.leads.get_or_create(&OfDuty { duty }).set(i64::from(term.is_some()));
        match term {
            Some(term) => {
                self.term.get_or_create(&OfDuty { duty }).set(term);
            }
            // The term of a former lead would look as if it went back when the next one begins elsewhere.
            None => {
                self.term.remove(&OfDuty { duty });
            }
        }
    }

    pub(crate) fn register(&self, to: &mut Registry) {
        to.register("leader", "Whether this process leads a duty", self.leads.clone());
        to.register(
            "leader_term",
            "How often the lead of a duty has changed hands, from its leader",
            self.term.clone(),
        );
    }
}
