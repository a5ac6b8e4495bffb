//! Which URLs may a webhook have? The operator's rules; where a name leads is looked at each time it is connected to.

use url::{Host, Url};

use super::mail::{MailRules, SCHEME, address};
use crate::web::{HostRule, is_public};

/// The longest URL.
const LONGEST: usize = 2048;

/// Why a URL is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// It is none.
    #[error("must be an absolute URL like https://example.com/hooks, of at most {LONGEST} characters")]
    NoUrl,
    /// Its scheme is not allowed.
    #[error("must begin with {}", if *http { "https:// or http://" } else { "https://" })]
    Scheme {
        /// Whether plain HTTP is allowed.
        http: bool,
    },
    /// It is for letters, which this server does not send.
    #[error("must not begin with mailto:, since this server sends no e-mail")]
    NoMail,
    /// It is for letters, and more or less than one address.
    #[error("must be one address and nothing else, as in mailto:ana@example.com")]
    Mail,
    /// It is for letters to a domain that is not named.
    #[error("must be of a domain to which this server sends e-mail")]
    Domain,
    /// It carries a name or a password.
    #[error("must carry no user name and no password; the signature says who sends")]
    Credentials,
    /// It has a fragment, which nobody would receive.
    #[error("must have no fragment (#…)")]
    Fragment,
    /// Its port is not allowed.
    #[error("must not name port {0}, which this server does not allow")]
    Port(u16),
    /// Its host is private.
    #[error("must lead to a public address")]
    Private,
}

/// The operator's rules.
#[derive(Debug, Clone)]
pub struct UrlRules {
    /// Whether plain HTTP is allowed.
    pub http: bool,
    /// The ports that are allowed.
    pub ports: Vec<u16>,
    /// Hosts that may be private, and have any port that their rule does not name.
    pub hosts: Vec<HostRule>,
    /// To whom letters may go, where any are sent.
    pub mail: Option<MailRules>,
}

impl Default for UrlRules {
    fn default() -> Self {
        Self { http: false, ports: vec![80, 443], hosts: Vec::new(), mail: None }
    }
}

impl UrlRules {
    /// Reads a URL and holds it against the rules.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, text: &str) -> Result<Url, UrlFault> {
        let url = Url::parse(text).map_err(|_| UrlFault::NoUrl)?;
        if text.len() > LONGEST {
            return Err(UrlFault::NoUrl);
        }
        if url.scheme() == SCHEME {
            return self.check_mail(&url).map(|()| url);
        }
        if url.scheme() != "https" && !(self.http && url.scheme() == "http") {
            return Err(UrlFault::Scheme { http: self.http });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlFault::Credentials);
        }
        if url.fragment().is_some() {
            return Err(UrlFault::Fragment);
        }
        // The HTTP client reads it by rules of its own, a little stricter ones.
        if url.as_str().parse::<hyper::Uri>().is_err() {
            return Err(UrlFault::NoUrl);
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(UrlFault::NoUrl);
        };
        if !self.trusts(&host, port) {
            if !self.ports.contains(&port) {
                return Err(UrlFault::Port(port));
            }
            let private = match host {
                Host::Ipv4(address) => !is_public(address.into()),
                Host::Ipv6(address) => !is_public(address.into()),
                Host::Domain(name) => is_local_name(name),
            };
            if private {
                return Err(UrlFault::Private);
            }
        }
        Ok(url)
    }

    fn check_mail(&self, url: &Url) -> Result<(), UrlFault> {
        let rules = self.mail.as_ref().ok_or(UrlFault::NoMail)?;
        let address = address(url).ok_or(UrlFault::Mail)?;
        if rules.allows(&address) { Ok(()) } else { Err(UrlFault::Domain) }
    }

    /// Whether the operator lets this host be private.
    pub(super) fn trusts(&self, host: &Host<&str>, port: u16) -> bool {
        self.hosts.iter().any(|rule| rule.is_of(host, port))
    }
}

/// Whether a name is this machine's own by its form alone (RFC 6761).
fn is_local_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::BadHostRule;

    fn fault(rules: &UrlRules, url: &str) -> Option<UrlFault> {
        rules.check(url).err()
    }

    #[test]
    fn an_address_is_seen_through_every_way_to_write_it() {
        let rules = UrlRules::default();
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "017700000001",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "169.254.169.254",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "１２７.0.0.1",
            "[fd00:ec2::254]",
        ] {
            assert_eq!(fault(&rules, &format!("https://{host}/x")), Some(UrlFault::Private), "{host}");
        }
        assert_eq!(fault(&rules, "https://example.com/hooks?a=1"), None);
    }

    #[test]
    fn what_the_rules_do_not_allow_is_refused_by_its_reason() {
        let rules = UrlRules::default();
        for (url, expected) in [
            ("", UrlFault::NoUrl),
            ("/hooks", UrlFault::NoUrl),
            ("https://", UrlFault::NoUrl),
            ("http://example.com", UrlFault::Scheme { http: false }),
            ("ftp://example.com", UrlFault::Scheme { http: false }),
            ("file:///etc/passwd", UrlFault::Scheme { http: false }),
            ("https://me@example.com", UrlFault::Credentials),
            ("https://:word@example.com", UrlFault::Credentials),
            ("https://example.com/#here", UrlFault::Fragment),
            ("https://example.com:6379/", UrlFault::Port(6379)),
        ] {
            assert_eq!(fault(&rules, url), Some(expected), "{url}");
        }
        let long = format!("https://example.com/{}", "x".repeat(LONGEST));
        assert_eq!(fault(&rules, &long), Some(UrlFault::NoUrl));
    }

    #[test]
    fn letters_go_where_the_operator_lets_them() {
        assert_eq!(fault(&UrlRules::default(), "mailto:ana@a.example"), Some(UrlFault::NoMail));
        let mail = Some(MailRules::new(&["a.example".to_owned()]));
        let rules = UrlRules { mail, ..UrlRules::default() };
        assert_eq!(fault(&rules, "mailto:ana@a.example"), None);
        assert_eq!(fault(&rules, "mailto:ana@b.example"), Some(UrlFault::Domain));
        assert_eq!(fault(&rules, "mailto:ana@a.example?bcc=b@b.example"), Some(UrlFault::Mail));
    }

    #[test]
    fn a_host_that_the_operator_names_may_be_private_and_have_its_port() {
        let hosts = ["127.0.0.1", "hooks.internal:8080", "[fd00::7]:9"].map(|text| text.parse().unwrap());
        let rules = UrlRules { http: true, hosts: hosts.into(), ..UrlRules::default() };
        for url in ["http://127.0.0.1:4711/", "https://hooks.internal:8080/x", "http://[fd00::7]:9/"] {
            assert_eq!(fault(&rules, url), None, "{url}");
        }
        assert_eq!(fault(&rules, "https://hooks.internal:22/"), Some(UrlFault::Port(22)));
        assert_eq!(fault(&rules, "https://127.0.0.2/"), Some(UrlFault::Private));
        for text in ["", "a/b", "user@host", "http://host", "host:99999", "a b"] {
            assert_eq!(text.parse::<HostRule>(), Err(BadHostRule), "{text}");
        }
    }
}
