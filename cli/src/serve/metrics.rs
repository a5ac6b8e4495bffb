//! Where does this process tell its metrics? At the address of the settings, or at the usual one of this machine.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use esteira_engine::config::{Config, MetricsListen};
use esteira_engine::{Engine, metrics, overview};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::listen;

/// Where Prometheus looks by the configuration that comes along.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9600);
/// Where several roles run on one machine, the others take whatever is free.
const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A listener for metrics, if there is to be one.
pub struct Metrics(Option<TcpListener>);

impl Metrics {
    /// Takes the address, before anything else is started.
    pub async fn listen(config: &Config) -> Result<Self> {
        let listener = match config.metrics.listen()? {
            MetricsListen::Off => None,
            MetricsListen::At(address) => Some(listen(address).await?),
            MetricsListen::Usual => Some(match listen(USUAL).await {
                Err(error) if error.is_in_use() => listen(ANY).await?,
                answer => answer?,
            }),
        };
        Ok(Self(listener))
    }

    /// Where they are, for clients on this machine.
    pub fn address(&self) -> Option<SocketAddr> {
        self.0.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Tells what this process counts, and takes part in the look at the whole, until `stop`. Where nobody
    /// is told, it does neither.
    pub async fn run(self, engine: Engine, config: &Config, stop: CancellationToken) {
        let emf = config.metrics.emf();
        if self.0.is_none() && emf.is_none() {
            return;
        }
        let told = engine.clone();
        let scrape = move |format| told.scrape(format);
        let serving = async {
            let Some(listener) = self.0 else { return };
            if let Ok(address) = listener.local_addr() {
                tracing::info!(%address, "metrics at /metrics");
            }
            metrics::serve(listener, scrape.clone(), stop.clone()).await;
        };
        let emitting = async {
            if let Some(options) = emf {
                metrics::emit(options, scrape.clone(), stop.clone()).await;
            }
        };
        let looking = overview::run(engine, config.metrics.overview(), stop.clone());
        tokio::join!(serving, emitting, looking);
    }
}
