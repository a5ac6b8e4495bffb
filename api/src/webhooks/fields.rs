//! What may a webhook's fields hold? Checked alike when it is made and when it is changed.

use esteira_engine::job::Catalog;
use esteira_engine::webhook::{EVENTS, SigningSecret, UrlRules, is_event};
use url::Url;

use crate::problem::Problem;

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 500;

/// A URL that the operator's rules allow.
pub(super) fn url(rules: &UrlRules, text: &str) -> Result<Url, Problem> {
    rules.check(text).map_err(|fault| Problem::value("/url", fault.to_string()))
}

/// A text for people.
pub(super) fn description(text: &str) -> Result<(), Problem> {
    if text.chars().count() > LONGEST_DESCRIPTION || text.contains(char::is_control) {
        let message = format!("must have at most {LONGEST_DESCRIPTION} characters, none a control character");
        return Err(Problem::value("/description", message));
    }
    Ok(())
}

/// Types of events, each once.
pub(super) fn events(mut names: Vec<String>) -> Result<Vec<String>, Problem> {
    if names.is_empty() {
        return Err(Problem::value("/events", "must name an event at least"));
    }
    if let Some(position) = names.iter().position(|name| !is_event(name)) {
        let message = format!("is no event; there are {}", EVENTS.join(", "));
        return Err(Problem::value(format!("/events/{position}"), message));
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Kinds of this server, each once.
pub(super) fn kinds(catalog: &Catalog, mut names: Vec<String>) -> Result<Vec<String>, Problem> {
    if let Some(position) = names.iter().position(|name| catalog.get(name).is_none()) {
        return Err(Problem::value(format!("/kinds/{position}"), "is no kind; GET /v1/kinds lists them"));
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// A secret that the owner brings, or a fresh one.
pub(super) fn secret(pointer: &str, text: Option<&str>) -> Result<SigningSecret, Problem> {
    match text {
        Some(text) => text.parse().map_err(|error| Problem::value(pointer, format!("{error}"))),
        None => SigningSecret::draw().map_err(|error| Problem::internal(&error)),
    }
}
