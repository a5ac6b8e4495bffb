//! Which host does a setting name? `hooks.internal` on every port, `10.0.0.7:8080` on that one.

use std::str::FromStr;

use url::{Host, Url};

/// A host that the operator names, on a port of its own or on any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    /// As a URL of the web would have it.
    pub(super) host: Host,
    pub(super) port: Option<u16>,
}

/// A text names no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a host, as hooks.internal, or a host and a port, as 10.0.0.7:8080 or [fd00::7]:8080")]
pub struct BadHostRule;

impl FromStr for HostRule {
    type Err = BadHostRule;

    fn from_str(text: &str) -> Result<Self, BadHostRule> {
        let url = Url::parse(&format!("esteira://{text}")).map_err(|_| BadHostRule)?;
        let plain = url.path().is_empty()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let host = url.host_str().filter(|_| plain).ok_or(BadHostRule)?;
        // As a URL of the web would have it, so that both are written alike.
        let host = Host::parse(host).map_err(|_| BadHostRule)?;
        Ok(Self { host, port: url.port() })
    }
}

impl HostRule {
    /// Whether a URL with this host and port leads there.
    pub(crate) fn is_of(&self, host: &Host<&str>, port: u16) -> bool {
        self.is_host(host) && self.port.is_none_or(|only| only == port)
    }

    /// Whether a URL with this host leads there, whatever its port.
    pub(super) fn is_host(&self, host: &Host<&str>) -> bool {
        match (&self.host, host) {
            (Host::Domain(own), Host::Domain(other)) => own == other,
            (Host::Ipv4(own), Host::Ipv4(other)) => own == other,
            (Host::Ipv6(own), Host::Ipv6(other)) => own == other,
            _ => false,
        }
    }
}
