//! Which page is wanted? `limit` and `cursor`, the same for every list.

use utoipa::IntoParams;

use super::{FromParams, Params};
use crate::options::ApiOptions;

/// Items of a page where the request does not say, and the most that it may ask for. They belong to
/// the contract, so they are no settings; the description below repeats them.
const USUAL: u16 = 50;
const MOST: u16 = 200;

/// A page of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// How many items at most.
    #[param(required = false, minimum = 1, maximum = 200, default = 50)]
    pub limit: u16,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl FromParams for PageParams {
    fn from_params(params: &mut Params, _: &ApiOptions) -> Self {
        let wanted = |text: String| text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        let limit = params.text("limit").map_or(Some(USUAL), wanted);
        if limit.is_none() {
            params.fault("limit", format!("must be between 1 and {MOST}"));
        }
        let limit = limit.unwrap_or(USUAL);
        Self { limit, cursor: params.text("cursor") }
    }
}

impl PageParams {
    /// The thing after which the page begins.
    pub(crate) fn after<T: std::str::FromStr>(&self, list: &str, params: &mut Params) -> Option<T> {
        let cursor = self.cursor.as_deref()?;
        let after = crate::cursor::decode(list, cursor);
        if after.is_none() {
            params.fault("cursor", "is not the next_cursor of an earlier page");
        }
        after
    }
}
