//! What can an operation refuse? What all of its sort do, and the codes that its handler lists.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterIn};

use crate::problem::Code;

/// Where a handler lists its own codes.
const OWN: &str = "x-codes";

/// The codes by status. The list of the handler is taken out: whoever reads the description finds it in the answers.
pub(super) fn taken_from(operation: &mut Operation) -> BTreeMap<u16, Vec<Code>> {
    let own = operation.extensions.as_mut().and_then(|extensions| extensions.remove(OWN));
    let own = own.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let own = own.filter_map(|text| Code::ALL.iter().copied().find(|code| code.as_str() == text));
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in shared(operation).into_iter().chain(own) {
        let codes = by_status.entry(code.status().as_u16()).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    by_status
}

/// What follows from who may call, and from what a request consists of.
fn shared(operation: &Operation) -> Vec<Code> {
    let mut codes = vec![Code::Internal, Code::Timeout];
    if let Some(scopes) = scopes(operation) {
        codes.extend([Code::InvalidParameter, Code::Unauthenticated, Code::Unavailable]);
        let for_operators = scopes.iter().any(|scope| scope == "operator");
        if !scopes.is_empty() {
            codes.push(Code::InsufficientScope);
        }
        if !scopes.is_empty() && !for_operators {
            codes.push(Code::NoTenant);
        }
        // Operators are not counted.
        if !(for_operators && scopes.len() == 1) {
            codes.push(Code::RateLimited);
        }
    }
    if parameters(operation).any(|(place, _)| *place == ParameterIn::Path) {
        codes.push(Code::NotFound);
    }
    if let Some(media_type) = media_type(operation) {
        codes.extend([Code::IncompleteBody, Code::BodyTimeout, Code::BodyTooLarge]);
        codes.push(Code::UnsupportedMediaType);
        if media_type == "application/json" {
            codes.extend([Code::MalformedBody, Code::UnknownField, Code::InvalidField]);
            // A tenant's large bodies; those of operators are everybody's.
            if codes.contains(&Code::RateLimited) {
                codes.push(Code::TooManyAtOnce);
            }
        }
    }
    if parameters(operation).any(|(_, name)| name == "Idempotency-Key") {
        codes.extend([Code::InvalidIdempotencyKey, Code::IdempotencyKeyReused]);
    }
    codes
}

/// The scopes, any of which opens the operation; `None` where no token is needed.
fn scopes(operation: &Operation) -> Option<Vec<String>> {
    let alternatives = serde_json::to_value(operation.security.as_ref()?).ok()?;
    let scopes = alternatives.as_array()?.iter().filter_map(|one| one.get("token")?.as_array());
    Some(scopes.flatten().filter_map(|scope| scope.as_str().map(str::to_owned)).collect())
}

fn parameters(operation: &Operation) -> impl Iterator<Item = (&ParameterIn, &str)> {
    operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some((&parameter.parameter_in, parameter.name.as_str())),
        RefOr::Ref(_) => None,
    })
}

fn media_type(operation: &Operation) -> Option<&str> {
    match operation.request_body.as_ref()? {
        RefOr::T(body) => body.content.keys().next().map(String::as_str),
        RefOr::Ref(_) => None,
    }
}
