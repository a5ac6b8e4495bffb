//! Which days are wanted?

use chrono::{Days, NaiveDate};
use utoipa::IntoParams;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::extract::{FromParams, Params};
use crate::options::ApiOptions;

/// The days before the last one where the request does not say; with it they are thirty.
const USUAL_BEFORE: Days = Days::new(29);
/// The most days of an answer: a leap year.
const MOST: i64 = 366;

/// Some days, both ends included.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageParams {
    /// The first day; without it, the thirty days up to `to`.
    #[param(required = false, example = "2026-11-01")]
    pub from: NaiveDate,
    /// The last day; without it, today.
    #[param(required = false, example = "2026-11-30")]
    pub to: NaiveDate,
    /// The time zone of the days: `UTC`, which is how the ledger keeps them.
    #[param(required = false, schema_with = utc_schema)]
    #[expect(dead_code, reason = "it is there for the description; whatever passes is UTC")]
    pub timezone: Option<String>,
}

impl FromParams for UsageParams {
    fn from_params(params: &mut Params, _: &ApiOptions) -> Self {
        let today = crate::clock::now().date_naive();
        let to = day(params, "to").unwrap_or(today);
        let from = day(params, "from").unwrap_or_else(|| to.checked_sub_days(USUAL_BEFORE).unwrap_or(to));
        let days = to.signed_duration_since(from).num_days() + 1;
        if days < 1 {
            params.fault("from", "must not be after `to`");
        } else if days > MOST {
            params.fault("from", format!("must not be more than {MOST} days before the end of `to`"));
        }
        let timezone = params.text("timezone");
        if timezone.as_deref().is_some_and(|zone| zone != "UTC") {
            params.fault("timezone", "must be UTC: the ledger keeps days of UTC");
        }
        Self { from, to, timezone }
    }
}

fn utc_schema() -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["UTC"])).build()
}

/// A day as ISO 8601 writes it, of a year that it can write with four digits.
fn day(params: &mut Params, name: &str) -> Option<NaiveDate> {
    let text = params.text(name)?;
    let parsed = Some(&text).filter(|text| text.len() == 10).and_then(|text| text.parse::<NaiveDate>().ok());
    if parsed.is_none() {
        params.fault(name, "is not a day like 2026-11-30");
    }
    parsed
}
