//! Which address does a text name? `127.0.0.1:8080`, `[::1]:8080`, or a name that this machine knows, `localhost:8080`.

use std::net::{SocketAddr, ToSocketAddrs};

use serde::{Deserialize, Deserializer, de};

/// The text names no address.
#[derive(Debug, thiserror::Error)]
#[error("{text:?} is no address: write HOST:PORT, as in 127.0.0.1:8080{}", reason.as_ref().map(|r| format!(" ({r})")).unwrap_or_default())]
pub struct BadAddress {
    text: String,
    reason: Option<String>,
}

/// The address that a text names; of several that a name has, one of IPv4.
///
/// # Errors
/// When it names none.
pub fn parse(text: &str) -> Result<SocketAddr, BadAddress> {
    let bad = |reason| BadAddress { text: text.to_owned(), reason };
    let found: Vec<SocketAddr> = match text.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => {
            text.to_socket_addrs().map_err(|error| bad(Some(error.to_string())))?.collect()
        }
        _ => return Err(bad(None)),
    };
    found.iter().find(|address| address.is_ipv4()).or(found.first()).copied().ok_or_else(|| bad(None))
}

/// For serde.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_name_is_an_address_as_good_as_a_number() {
        assert_eq!(parse("localhost:8080").unwrap().to_string(), "127.0.0.1:8080");
        assert_eq!(parse("[::1]:0").unwrap().to_string(), "[::1]:0");
    }

    #[test]
    fn what_is_no_address_is_quoted() {
        for bad in ["everywhere", "8080", ":x", "localhost:99999"] {
            let error = parse(bad).unwrap_err().to_string();
            assert!(error.contains(bad) && error.contains("HOST:PORT"), "{error}");
        }
    }
}
