//! How do the same numbers reach CloudWatch without a scraper? As lines in its embedded metric format, on standard output.
//!
//! The format: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
//! CloudWatch adds up what it is sent, so of what only grows the rise since the last time is sent; of a histogram its sum and
//! its count. Each label set is a metric that is paid for: only those are sent whose names are asked for.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::exposition::Format;
use crate::sample::Sample;

/// The most metrics of one line, by the specification.
const MOST_METRICS: usize = 100;

/// What is sent to CloudWatch, and how often.
#[derive(Debug, Clone)]
pub struct EmfOptions {
    /// How often.
    pub every: Duration,
    /// The namespace of the metrics.
    pub namespace: String,
    /// What the names of metrics begin with that are sent.
    pub names: Vec<String>,
}

/// Writes lines every some seconds until `stop`, and once more then. Both `write` and whoever reads the lines may take their
/// time, on a thread that may wait.
pub async fn emit(
    options: EmfOptions,
    write: impl Fn(Format) -> String + Send + Sync + 'static,
    stop: CancellationToken,
) {
    let mut ticks = interval(options.every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (emf, write) = (Arc::new(Mutex::new(Emf::new(options))), Arc::new(write));
    loop {
        let last = tokio::select! {
            _ = ticks.tick() => false,
            () = stop.cancelled() => true,
        };
        let (emf, write) = (Arc::clone(&emf), Arc::clone(&write));
        let told = tokio::task::spawn_blocking(move || emf.lock().tell(&write(Format::Classic))).await;
        if let Err(error) = told {
            tracing::error!(error = &error as &dyn std::error::Error, "the metrics were not written");
        }
        if last {
            return;
        }
    }
}

/// What was sent so far.
struct Emf {
    options: EmfOptions,
    before: HashMap<String, f64>,
}

/// The dimensions of a line, and the metrics that share them.
type Groups = BTreeMap<BTreeMap<String, String>, BTreeMap<String, f64>>;

impl Emf {
    fn new(options: EmfOptions) -> Self {
        Self { options, before: HashMap::new() }
    }

    /// Writes the lines for a scrape that is made now.
    fn tell(&mut self, text: &str) {
        let at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut out = std::io::stdout();
        for line in self.lines(text, u64::try_from(at.as_millis()).unwrap_or(u64::MAX)) {
            // Nobody reads: there is nobody to tell that to either.
            drop(writeln!(out, "{line}"));
        }
    }

    /// The lines for a scrape.
    fn lines(&mut self, text: &str, at_ms: u64) -> Vec<String> {
        let mut groups = Groups::new();
        let mut growing = false;
        for line in text.lines() {
            if let Some(kind) = line.strip_prefix("# TYPE ") {
                growing = !kind.ends_with(" gauge");
                continue;
            }
            let Some(sample) = Sample::read(line).filter(|sample| self.is_sent(&sample.name)) else {
                continue;
            };
            let value = if growing { self.rise(line, sample.value) } else { Some(sample.value) };
            if let Some(value) = value {
                groups.entry(sample.labels).or_default().insert(sample.name, value);
            }
        }
        groups.iter().flat_map(|(labels, metrics)| self.write(labels, metrics, at_ms)).collect()
    }

    fn is_sent(&self, name: &str) -> bool {
        !name.ends_with("_bucket") && self.options.names.iter().any(|begin| name.starts_with(begin.as_str()))
    }

    /// How much a series has risen; nothing when it has not, or when it is seen for the first time.
    fn rise(&mut self, line: &str, value: f64) -> Option<f64> {
        let series = line.rsplit_once(' ').map_or(line, |(series, _)| series);
        let before = self.before.insert(series.to_owned(), value);
        // What is seen late has begun with nothing; at the first time of all nothing is known of before.
        Some(value - before.unwrap_or(0.0)).filter(|rise| *rise > 0.0)
    }

    fn write(
        &self,
        labels: &BTreeMap<String, String>,
        metrics: &BTreeMap<String, f64>,
        at_ms: u64,
    ) -> Vec<String> {
        let metrics: Vec<(&String, &f64)> = metrics.iter().collect();
        let line = |part: &[(&String, &f64)]| {
            let declared: Vec<Value> =
                part.iter().map(|(name, _)| json!({"Name": name, "Unit": unit(name)})).collect();
            let dimensions: Vec<&String> = labels.keys().collect();
            let mut line = Map::new();
            line.insert(
                "_aws".to_owned(),
                json!({"Timestamp": at_ms, "CloudWatchMetrics": [
                    {"Namespace": self.options.namespace, "Dimensions": [dimensions], "Metrics": declared}]}),
            );
            // An empty value is no dimension to CloudWatch.
            let named = |value: &String| if value.is_empty() { "none".to_owned() } else { value.clone() };
            line.extend(labels.iter().map(|(name, value)| (name.clone(), named(value).into())));
            line.extend(part.iter().map(|(name, value)| ((*name).clone(), json!(value))));
            Value::Object(line).to_string()
        };
        metrics.chunks(MOST_METRICS).map(line).collect()
    }
}

fn unit(name: &str) -> &'static str {
    let base = name.strip_suffix("_total").or_else(|| name.strip_suffix("_sum")).unwrap_or(name);
    if base.ends_with("_seconds") {
        "Seconds"
    } else if base.ends_with("_bytes") {
        "Bytes"
    } else {
        "Count"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emf() -> Emf {
        let names = ["esteira_queue_jobs", "esteira_jobs_finished", "esteira_settle_seconds"];
        Emf::new(EmfOptions {
            every: Duration::from_secs(60),
            namespace: "Esteira".to_owned(),
            names: names.map(str::to_owned).to_vec(),
        })
    }

    const FIRST: &str = "# TYPE esteira_queue_jobs gauge\nesteira_queue_jobs{kind=\"k\",state=\"queued\"} 4\n\
        # TYPE esteira_jobs_finished_total counter\nesteira_jobs_finished_total{kind=\"k\",outcome=\"failed\",code=\"\"} 2\n\
        # TYPE esteira_settle_seconds histogram\nesteira_settle_seconds_sum{kind=\"k\"} 0.5\n\
        esteira_settle_seconds_bucket{kind=\"k\",le=\"1.0\"} 3\nesteira_settle_seconds_count{kind=\"k\"} 3\n\
        # TYPE process_open_fds gauge\nprocess_open_fds 9\n";

    #[test]
    fn gauges_are_sent_as_they_are_and_of_what_grows_the_rise() {
        let mut emf = emf();
        let read = |lines: Vec<String>| -> Vec<Value> {
            lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let lines = read(emf.lines(FIRST, 1_700_000_000_000));
        assert_eq!(lines.len(), 3, "{lines:?}");
        let jobs = lines.iter().find(|line| line["esteira_queue_jobs"] == 4.0).unwrap();
        assert_eq!(jobs["_aws"]["Timestamp"], 1_700_000_000_000_u64);
        assert_eq!(
            jobs["_aws"]["CloudWatchMetrics"][0],
            json!({"Namespace": "Esteira", "Dimensions": [["kind", "state"]],
                   "Metrics": [{"Name": "esteira_queue_jobs", "Unit": "Count"}]})
        );
        assert_eq!((&jobs["kind"], &jobs["state"]), (&json!("k"), &json!("queued")));
        let settle = lines.iter().find(|line| line["esteira_settle_seconds_count"] == 3.0).unwrap();
        assert_eq!(settle["esteira_settle_seconds_sum"], 0.5);
        assert!(
            lines.iter().any(|line| line["esteira_jobs_finished_total"] == 2.0 && line["code"] == "none")
        );
        let second = FIRST.replace("code=\"\"} 2", "code=\"\"} 5");
        let lines = read(emf.lines(&second, 1_700_000_060_000));
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines.iter().any(|line| line["esteira_jobs_finished_total"] == 3.0));
    }

    #[test]
    fn a_line_has_no_more_metrics_than_it_may() {
        let mut emf = Emf::new(EmfOptions { names: vec!["m".to_owned()], ..emf().options });
        let text: String = (0..250).map(|number| format!("m{number} 1\n")).collect();
        let lines = emf.lines(&format!("# TYPE m gauge\n{text}"), 0);
        assert_eq!(lines.len(), 3);
    }
}
