//! Which parameters does the query carry? Each is taken by name; what is left over is refused.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::options::ApiOptions;
use crate::problem::{Code, FieldError, Problem};
use crate::state::ApiState;

/// The parameters of a query that nobody has taken yet, and what was wrong with the others.
pub(crate) struct Params {
    left: Vec<(String, String)>,
    faults: Vec<FieldError>,
}

/// Something that is made of a query's parameters. It notes faults in `params` and goes on, so that
/// the answer names all of them.
pub(crate) trait FromParams: Sized {
    /// Takes its parameters out of `params`.
    fn from_params(params: &mut Params, options: &ApiOptions) -> Self;
}

/// The query of a request.
pub(crate) struct Query<T>(pub T);

impl<T: FromParams> FromRequestParts<ApiState> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let pairs = axum::extract::Query::try_from_uri(&parts.uri);
        let axum::extract::Query(left) = pairs
            .map_err(|_| Problem::new(Code::InvalidParameter, "The query cannot be read as parameters."))?;
        let mut params = Params { left, faults: Vec::new() };
        let value = T::from_params(&mut params, &state.options);
        params.finish()?;
        Ok(Self(value))
    }
}

/// No parameters at all.
impl FromParams for () {
    fn from_params(_: &mut Params, _: &ApiOptions) -> Self {}
}

impl Params {
    /// The text of a parameter.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let mut values: Vec<String> =
            self.left.extract_if(.., |(key, _)| key == name).map(|(_, value)| value).collect();
        let value = values.pop()?;
        if !values.is_empty() {
            self.fault(name, "is given more than once");
        } else if value.contains('\0') {
            self.fault(name, "must not contain the character U+0000");
        }
        Some(value)
    }

    /// A parameter as what it stands for.
    pub(crate) fn parsed<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(name, error);
                None
            }
        }
    }

    /// The parameters below a prefix, e.g. `metadata.`.
    pub(crate) fn below(&mut self, prefix: &str) -> Vec<(String, String)> {
        let names: Vec<String> =
            self.left.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(key, _)| key.clone()).collect();
        let mut found = Vec::new();
        for name in names {
            if name.contains('\0') {
                self.fault(prefix, "must not contain the character U+0000");
            }
            if let Some(value) = self.text(&name) {
                found.push((name[prefix.len()..].to_owned(), value));
            }
        }
        found
    }

    /// Notes that a parameter is wrong.
    pub(crate) fn fault(&mut self, name: &str, message: impl Display) {
        self.faults.push(FieldError::new(format!("/{name}"), message.to_string()));
    }

    fn finish(mut self) -> Result<(), Problem> {
        for (name, _) in std::mem::take(&mut self.left) {
            self.fault(&name, "is not a parameter of this route");
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(Problem::new(Code::InvalidParameter, "The query is refused.").with_errors(self.faults))
    }
}
