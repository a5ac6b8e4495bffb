//! A job is a part of the trace in which it was submitted, from there to the webhook.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use esteira_engine::queue::Submission;
use esteira_engine::trace::{Caller, TraceContext};
use esteira_engine::worker::{Worker, WorkerOptions};
use opentelemetry::trace::{SpanId, TracerProvider as _};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::harness::{HERE, Harness};

/// Keeps spans that have ended.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(spans);
        Ok(())
    }
}

#[tokio::test]
async fn an_attempt_and_its_settle_are_parts_of_the_trace_of_the_submit() {
    let kept = Kept::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(kept.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _recorded = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let h = Harness::new().await;
    let (acme, dir) = (h.tenant("acme").await, TempDir::new().unwrap());
    let submission = Submission { kind: HERE.into(), input: json!({"n": 1}), ..Submission::default() };
    let submit = h.engine.submit(&acme, &submission).instrument(tracing::info_span!("request"));
    let job = submit.await.unwrap().job;
    assert_eq!(h.count("select count(*) from esteira.job_traces").await, 1);

    let slots = BTreeMap::from([(HERE.to_owned(), 1)]);
    let worker = Worker::start(h.engine.clone(), WorkerOptions::new(slots, dir.path().into())).await.unwrap();
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker.run(stop.clone()));
    h.engine.wait(&acme, job, Duration::from_secs(60)).await.unwrap();
    stop.cancel();
    working.await.unwrap();

    let spans = kept.0.lock().unwrap();
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let (request, attempt, settle) = (named("request"), named("attempt"), named("settle"));
    assert_eq!(request.parent_span_id, SpanId::INVALID);
    for span in [attempt, settle] {
        assert_eq!(span.span_context.trace_id(), request.span_context.trace_id());
    }
    assert_eq!(attempt.parent_span_id, request.span_context.span_id());
    assert_eq!(settle.parent_span_id, attempt.span_context.span_id());
}

#[tokio::test]
async fn a_job_that_nobody_traces_costs_no_row() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.submit(&acme).await;
    assert_eq!(h.count("select count(*) from esteira.job_traces").await, 0);
}

#[test]
fn a_span_is_as_recorded_as_the_caller_that_is_trusted_and_only_names_another() {
    let kept = Kept::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(kept.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _recorded = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let caller = |flags: &str| -> Caller {
        format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}").parse().unwrap()
    };
    let trusted = tracing::info_span!("trusted");
    caller("01").adopt(&trusted);
    assert!(TraceContext::of(&trusted).is_some());
    let unrecorded = tracing::info_span!("unrecorded");
    caller("00").adopt(&unrecorded);
    assert_eq!(TraceContext::of(&unrecorded), None);
    let untrusted = tracing::info_span!("untrusted");
    caller("00").link(&untrusted);
    assert!(TraceContext::of(&untrusted).is_some());
    for span in [trusted, unrecorded, untrusted] {
        drop(span);
    }

    let spans = kept.0.lock().unwrap();
    let [trusted, untrusted] = &spans[..] else { panic!("{spans:?}") };
    assert_eq!(trusted.parent_span_id.to_string(), "00f067aa0ba902b7");
    assert_eq!(untrusted.parent_span_id, SpanId::INVALID);
    let links: Vec<String> =
        untrusted.links.iter().map(|link| link.span_context.span_id().to_string()).collect();
    assert_eq!(links, ["00f067aa0ba902b7"]);
}
