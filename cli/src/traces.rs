//! How do traces get to their collector? By OTLP over HTTP, a bundle every some seconds, on a thread of its own.

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use bytes::Bytes;
use esteira_engine::config::TracesConfig;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Registry;
use ureq::http::HeaderValue;

/// Where a collector takes traces, below its address: the path that OTLP has for them.
const PATH: &str = "/v1/traces";
/// A collector that takes longer loses the bundle.
const LONGEST: Duration = Duration::from_secs(10);

/// Who records and sends, where a collector is named.
pub fn provider(config: &TracesConfig) -> Result<Option<SdkTracerProvider>> {
    let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
    let authorization =
        config.otlp_authorization.as_ref().map(|secret| secret.expose().parse::<HeaderValue>());
    let authorization = authorization.transpose().context("setting traces.otlp_authorization")?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector::new(authorization))
        .with_endpoint(format!("{}{PATH}", endpoint.trim_end_matches('/')))
        .with_timeout(LONGEST)
        .build()
        .context("setting traces.otlp_endpoint")?;
    let attributes = config.attributes.iter().map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
    let resource = Resource::builder()
        .with_service_name("esteira")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attributes(attributes)
        .build();
    #[expect(clippy::cast_precision_loss, reason = "a number up to 100")]
    let share = config.sample_percent as f64 / 100.0;
    Ok(Some(
        SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            // A caller that is trusted decides for what it calls; of what begins here, so many.
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
            .with_resource(resource)
            .build(),
    ))
}

/// What records the spans of this process.
pub fn layer(provider: &SdkTracerProvider) -> OpenTelemetryLayer<Registry, SdkTracer> {
    tracing_opentelemetry::layer().with_tracer(provider.tracer("esteira"))
}

/// A collector, as it is reached.
struct Collector {
    agent: ureq::Agent,
    authorization: Option<HeaderValue>,
}

impl Collector {
    fn new(authorization: Option<HeaderValue>) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(LONGEST)).http_status_as_error(false);
        Self { agent: config.build().into(), authorization }
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}

#[async_trait]
impl HttpClient for Collector {
    /// Blocks: it is called on the thread that only sends.
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert("authorization", authorization.clone());
        }
        let answer = self.agent.run(request.map(|body| body.to_vec()))?;
        let (head, mut body) = answer.into_parts();
        Ok(Response::from_parts(head, body.read_to_vec()?.into()))
    }
}
