//! To whom may letters go? To addresses of domains that the operator names.

use lettre::Address;
use percent_encoding::percent_decode_str;
use url::Url;

/// The scheme of an address for letters.
pub(in crate::webhook) const SCHEME: &str = "mailto";

/// The domains that letters may go to.
#[derive(Debug, Clone, Default)]
pub struct MailRules {
    domains: Vec<String>,
}

impl MailRules {
    /// Those of these domains; `*` stands for every one.
    #[must_use]
    pub fn new(domains: &[String]) -> Self {
        Self { domains: domains.iter().map(|domain| domain.to_ascii_lowercase()).collect() }
    }

    /// Whether letters may go there.
    #[must_use]
    pub fn allows(&self, address: &Address) -> bool {
        let domain = address.domain().to_ascii_lowercase();
        self.domains.iter().any(|allowed| allowed == "*" || *allowed == domain)
    }
}

/// The one address of a `mailto:` without anything else. A server may send on what has `%`, `!` or a second `@` before the
/// domain, to another domain than the one that is looked at here: such addresses, and quoted ones, are none.
pub(in crate::webhook) fn address(url: &Url) -> Option<Address> {
    let is_plain = url.scheme() == SCHEME && url.query().is_none() && url.fragment().is_none();
    let text = percent_decode_str(url.path()).decode_utf8().ok().filter(|_| is_plain)?;
    let address: Address = text.parse().ok()?;
    let is_routed = |user: &str| !user.is_ascii() || user.contains(['%', '!', '"', '@']);
    (!is_routed(address.user())).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_and_nothing_else() {
        let read = |text: &str| address(&Url::parse(text).unwrap()).map(|address| address.to_string());
        assert_eq!(read("mailto:ana@padaria.example").as_deref(), Some("ana@padaria.example"));
        // As browsers write it.
        assert_eq!(read("mailto:ana%2Bdia@padaria.example").as_deref(), Some("ana+dia@padaria.example"));
        assert_eq!(read("mailto:ana%40padaria.example").as_deref(), Some("ana@padaria.example"));
        for text in [
            "mailto:",
            "mailto:ana%25b.example@a.example",
            "mailto:ana%2540b.example@a.example",
            "mailto:b.example!ana@a.example",
            "mailto:%22ana@b.example%22@a.example",
            "mailto:%22ana%22@a.example",
            "mailto:ana%40b.example@a.example",
            "mailto:jos%C3%A9@a.example",
            "mailto:ana%ff@a.example",
            "mailto:ana@a.example%0d%0aBcc:x@y.example",
            "mailto:ana",
            "mailto:ana@a.example,bia@b.example",
            "mailto:ana@a.example?bcc=x@y.example",
            "mailto:ana@a.example#x",
            "mailto:ana%0d%0aBcc:x@y.example",
            "mailto:Ana <ana@a.example>",
            "https://ana@a.example",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn letters_go_to_the_domains_that_are_named() {
        let to = |text: &str| text.parse::<Address>().unwrap();
        let rules = MailRules::new(&["Padaria.example".to_owned()]);
        assert!(rules.allows(&to("ana@padaria.EXAMPLE")));
        assert!(!rules.allows(&to("ana@filial.padaria.example")));
        assert!(MailRules::new(&["*".to_owned()]).allows(&to("ana@a.example")));
        assert!(!MailRules::default().allows(&to("ana@a.example")));
    }
}
