//! Which files of the web may an input name? Those of hosts that the operator allows by name, at public addresses.
//!
//! What is said here of a name is said of its text; where it leads is looked at each time it is connected to.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use url::{Host, Url};

use super::address::is_public;
use super::host::HostRule;

/// The longest address.
const LONGEST: usize = 2048;
/// The ports of a host whose rule names none.
const PORTS: [u16; 2] = [80, 443];

/// A host that inputs may name, or with `*.` before it all those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceHost {
    rule: HostRule,
    below: bool,
}

/// A text names no host that files could be fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSourceHost {
    /// It is none.
    #[error(
        "must be a host, as media.example.org, a host and a port, as media.example.org:8443, or *.example.org"
    )]
    NoHost,
    /// It could never be reached.
    #[error("is no public address, and nothing is ever fetched from such")]
    Private,
}

impl FromStr for SourceHost {
    type Err = BadSourceHost;

    fn from_str(text: &str) -> Result<Self, BadSourceHost> {
        let (below, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        let rule: HostRule = name.parse().map_err(|_| BadSourceHost::NoHost)?;
        match &rule.host {
            Host::Domain(name) if name.contains('*') => return Err(BadSourceHost::NoHost),
            Host::Domain(_) => {}
            Host::Ipv4(_) | Host::Ipv6(_) if below => return Err(BadSourceHost::NoHost),
            Host::Ipv4(address) if !is_public((*address).into()) => return Err(BadSourceHost::Private),
            Host::Ipv6(address) if !is_public((*address).into()) => return Err(BadSourceHost::Private),
            Host::Ipv4(_) | Host::Ipv6(_) => {}
        }
        Ok(Self { rule, below })
    }
}

impl SourceHost {
    fn has_host(&self, host: &Host<&str>) -> bool {
        match (&self.rule.host, host) {
            (Host::Domain(own), Host::Domain(name)) if self.below => name
                .strip_suffix(own.as_str())
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|rest| !rest.is_empty()),
            _ => self.rule.is_host(host),
        }
    }

    fn has_port(&self, port: u16) -> bool {
        self.rule.port.map_or_else(|| PORTS.contains(&port), |only| only == port)
    }
}

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebFault {
    /// The operator allows no host.
    #[error("files are not fetched from the web: upload it first")]
    Closed,
    /// It is none.
    #[error("must be an address like https://example.org/film.mp4, of at most {LONGEST} characters")]
    NoAddress,
    /// It carries a name or a password.
    #[error("must carry no user name and no password")]
    Credentials,
    /// It has a fragment, which a server never hears of.
    #[error("must have no fragment (#…)")]
    Fragment,
    /// The address is not a public one.
    #[error("must not lead to an address that is not public")]
    Private,
    /// The operator does not allow the host.
    #[error("this server fetches no files from {0}: upload it first")]
    Host(String),
    /// The operator allows the host, and not this port.
    #[error("this server fetches no files from port {1} of {0}")]
    Port(String, u16),
}

/// The operator's rules.
#[derive(Debug, Clone, Default)]
pub struct WebRules {
    /// Hosts that inputs may name; without any, no input names a file of the web.
    pub hosts: Vec<SourceHost>,
    /// Addresses that count as public though they are not. No setting leads here: it is how a test has a host.
    pub opened: Vec<SocketAddr>,
}

impl WebRules {
    /// Reads an address and holds it against the rules.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, text: &str) -> Result<Url, WebFault> {
        if self.hosts.is_empty() {
            return Err(WebFault::Closed);
        }
        // Also as it is written: a parser leaves out what it has no use for.
        if text.len() > LONGEST {
            return Err(WebFault::NoAddress);
        }
        let url = Url::parse(text).map_err(|_| WebFault::NoAddress)?;
        if url.fragment().is_some() {
            return Err(WebFault::Fragment);
        }
        self.check_url(&url)?;
        Ok(url)
    }

    /// Holds an address against the rules.
    pub(super) fn check_url(&self, url: &Url) -> Result<(), WebFault> {
        // The HTTP client reads it by rules of its own, a little stricter ones.
        let readable = url.as_str().len() <= LONGEST && url.as_str().parse::<hyper::Uri>().is_ok();
        if !readable || !matches!(url.scheme(), "http" | "https") {
            return Err(WebFault::NoAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebFault::Credentials);
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(WebFault::NoAddress);
        };
        let address: Option<IpAddr> = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        };
        if address.is_some_and(|address| !self.is_open((address, port).into())) {
            return Err(WebFault::Private);
        }
        let mut allowed = self.hosts.iter().filter(|rule| rule.has_host(&host)).peekable();
        if allowed.peek().is_none() {
            return Err(WebFault::Host(host.to_string()));
        }
        if !allowed.any(|rule| rule.has_port(port)) {
            return Err(WebFault::Port(host.to_string(), port));
        }
        Ok(())
    }

    /// Whether an address may be connected to.
    pub(super) fn is_open(&self, address: SocketAddr) -> bool {
        is_public(address.ip()) || self.opened.contains(&address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(hosts: &[&str]) -> WebRules {
        let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        WebRules { hosts, ..WebRules::default() }
    }

    fn fault(rules: &WebRules, url: &str) -> Option<WebFault> {
        rules.check(url).err()
    }

    #[test]
    fn without_an_allowed_host_every_address_is_refused() {
        for url in ["https://example.org/a.png", "http://169.254.169.254/", "https://"] {
            assert_eq!(fault(&WebRules::default(), url), Some(WebFault::Closed), "{url}");
        }
    }

    #[test]
    fn a_host_is_allowed_by_its_whole_name_and_a_star_stands_for_those_below() {
        let rules = rules(&["media.example.org", "*.cdn.example.net", "münchen.example"]);
        for url in [
            "https://media.example.org/a/film.mp4?token=x",
            "http://media.example.org/",
            "https://MEDIA.example.org:443/",
            "https://a.cdn.example.net/",
            "https://a.b.cdn.example.net/",
            "https://xn--mnchen-3ya.example/",
        ] {
            assert_eq!(fault(&rules, url), None, "{url}");
        }
        for host in [
            "example.org",
            "a.media.example.org",
            "media.example.org.",
            "media.example.org.evil.example",
            "evilmedia.example.org",
            "cdn.example.net",
            "evilcdn.example.net",
            ".cdn.example.net",
        ] {
            let found = fault(&rules, &format!("https://{host}/"));
            assert_eq!(found, Some(WebFault::Host(host.to_owned())), "{host}");
        }
    }

    #[test]
    fn a_port_is_one_of_the_webs_unless_the_host_is_allowed_with_another() {
        let rules = rules(&["example.org", "media.example.org:8443"]);
        assert_eq!(fault(&rules, "https://media.example.org:8443/"), None);
        assert_eq!(fault(&rules, "http://example.org:443/"), None);
        for (url, host, port) in [
            ("https://example.org:8443/", "example.org", 8443),
            ("http://example.org:22/", "example.org", 22),
            ("https://media.example.org/", "media.example.org", 443),
        ] {
            assert_eq!(fault(&rules, url), Some(WebFault::Port(host.to_owned(), port)), "{url}");
        }
    }

    #[test]
    fn a_private_address_is_seen_through_every_way_to_write_it() {
        let rules = rules(&["example.org", "1.1.1.1"]);
        for host in
            ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254"]
        {
            assert_eq!(fault(&rules, &format!("http://{host}/x")), Some(WebFault::Private), "{host}");
        }
        assert_eq!(fault(&rules, "http://1.1.1.1/"), None);
        assert_eq!(fault(&rules, "http://8.8.8.8/"), Some(WebFault::Host("8.8.8.8".to_owned())));
    }

    #[test]
    fn what_a_server_would_not_understand_is_refused() {
        let rules = rules(&["example.org"]);
        let long = format!("https://example.org/{}", "x".repeat(LONGEST));
        for (url, expected) in [
            ("https://", WebFault::NoAddress),
            ("ftp://example.org/", WebFault::NoAddress),
            (&long, WebFault::NoAddress),
            ("https://me@example.org/", WebFault::Credentials),
            ("https://example.org@evil.example/", WebFault::Credentials),
            ("https://:word@example.org/", WebFault::Credentials),
            ("https://example.org/#here", WebFault::Fragment),
        ] {
            assert_eq!(fault(&rules, url), Some(expected), "{url}");
        }
    }

    #[test]
    fn a_host_that_could_never_be_fetched_from_is_refused_as_a_setting() {
        for text in ["", "*", "*.", "*.1.1.1.1", "a.*.org", "https://example.org", "me@example.org", "a/b"] {
            assert_eq!(text.parse::<SourceHost>(), Err(BadSourceHost::NoHost), "{text}");
        }
        for text in ["127.0.0.1", "10.0.0.7:8080", "[::1]", "169.254.169.254"] {
            assert_eq!(text.parse::<SourceHost>(), Err(BadSourceHost::Private), "{text}");
        }
    }
}
