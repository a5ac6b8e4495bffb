//! When does a receiver want to be told again? As the `Retry-After` of its answer says, where that means "not now".

use std::time::Duration;

use chrono::{DateTime, Utc};
use hyper::header::RETRY_AFTER;
use hyper::{HeaderMap, StatusCode};

/// The wait that an answer asks for, in seconds or as a date.
pub(super) fn asked_for(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    if !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return None;
    }
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        // One that is over already asks for nothing.
        Err(_) => (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now).to_std().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_count_where_the_answer_means_not_now() {
        let now = "2015-10-21T07:28:00Z".parse().unwrap();
        let asked = |status: u16, text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            asked_for(StatusCode::from_u16(status).unwrap(), &headers, now)
        };
        for (status, text, seconds) in [
            (503, "120", Some(120)),
            (429, " 0 ", Some(0)),
            (429, "Wed, 21 Oct 2015 07:29:30 GMT", Some(90)),
            (429, "Wed, 21 Oct 2015 07:27:00 GMT", None),
            (503, "-1", None),
            (503, "99999999999999999999999", None),
            (503, "soon", None),
            (500, "120", None),
            (301, "120", None),
        ] {
            assert_eq!(asked(status, text), seconds.map(Duration::from_secs), "{status} {text}");
        }
        assert_eq!(asked_for(StatusCode::SERVICE_UNAVAILABLE, &HeaderMap::new(), now), None);
    }
}
