//! Is this really meant? `?confirm=` may give the name once more, and must not give another one.

use utoipa::IntoParams;

use super::{FromParams, Params};
use crate::options::ApiOptions;

/// The name of what is to be removed, typed again.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Confirm {
    /// The slug, once more: this cannot be undone, and another name is refused.
    #[param(required = false, value_type = String, example = "acme")]
    pub confirm: Option<String>,
}

impl FromParams for Confirm {
    fn from_params(params: &mut Params, _: &ApiOptions) -> Self {
        Self { confirm: params.text("confirm") }
    }
}
