//! What does the API answer, and how fast? By the template of the route, never by the path.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::registry::{Registry, Unit};

use crate::families::{Counts, Sizes, of_answers};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: Arc<str>,
    method: &'static str,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: Arc<str>,
    method: &'static str,
}

/// The requests of this process.
#[derive(Debug)]
pub struct ApiMeter {
    requests: Counts<Answered>,
    seconds: Sizes<OfRoute>,
}

impl ApiMeter {
    pub(crate) fn new() -> Self {
        Self { requests: Counts::default(), seconds: of_answers() }
    }

    /// A request was answered; `route` is the template of its path.
    pub fn answered(&self, route: &str, method: &str, status: u16, took: Duration) {
        let (route, method): (Arc<str>, _) = (route.into(), known(method));
        let answered = Answered { route: Arc::clone(&route), method, status: status.into() };
        self.requests.get_or_create(&answered).inc();
        self.seconds.get_or_create(&OfRoute { route, method }).observe(took.as_secs_f64());
    }

    pub(crate) fn register(&self, to: &mut Registry) {
        to.register("api_requests", "Requests by route, method and status", self.requests.clone());
        to.register_with_unit(
            "api_request",
            "How long a request took until its answer began; waits and streams are among them",
            Unit::Seconds,
            self.seconds.clone(),
        );
    }
}

/// A client may call its method anything.
fn known(method: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("other")
}
