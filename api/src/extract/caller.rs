//! Who calls, and may they? Every handler takes one of these extractors, and gets its tenant from it alone.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use esteira_engine::tenant::{AccessError, Caller, Scope, Tenant};

use crate::layer::RequestContext;
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::token::TokenError;

/// A tenant whose token carries the scope `S`.
pub(crate) struct TenantCaller<S> {
    /// The tenant. Whatever the handler does, it does on this tenant's behalf.
    pub tenant: Tenant,
    scope: PhantomData<S>,
}

/// A scope as a type, so that a handler's signature says what its caller must be allowed.
pub(crate) trait RequiredScope: Send + Sync {
    /// The scope.
    const SCOPE: Scope;
}

/// `jobs:read`
pub(crate) struct JobsRead;
/// `jobs:write`
pub(crate) struct JobsWrite;

impl RequiredScope for JobsRead {
    const SCOPE: Scope = Scope::JobsRead;
}

impl RequiredScope for JobsWrite {
    const SCOPE: Scope = Scope::JobsWrite;
}

/// An operator.
pub(crate) struct Operator;

/// Anybody with a good token; a tenant's, or an operator's.
pub(crate) struct Anybody(pub Caller);

impl<S: RequiredScope> FromRequestParts<ApiState> for TenantCaller<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let caller = authenticate(parts, state).await?;
        let may = caller.may(S::SCOPE);
        let tenant = caller.tenant.ok_or_else(|| {
            Problem::new(Code::NoTenant, "This route works for a tenant; the token belongs to none.")
        })?;
        if may { Ok(Self { tenant, scope: PhantomData }) } else { Err(lacks(S::SCOPE)) }
    }
}

impl FromRequestParts<ApiState> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let caller = authenticate(parts, state).await?;
        if is_operator(&caller) { Ok(Self) } else { Err(lacks(Scope::Operator)) }
    }
}

impl FromRequestParts<ApiState> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Self(authenticate(parts, state).await?))
    }
}

/// Whether a caller is an operator: by scope, and because the token is no tenant's.
pub(super) fn is_operator(caller: &Caller) -> bool {
    caller.may(Scope::Operator) && caller.tenant.is_none()
}

/// Turns the token of a request into its caller, and counts the request against the tenant's limit.
pub(super) async fn authenticate(parts: &Parts, state: &ApiState) -> Result<Caller, Problem> {
    let token = bearer_token(&parts.headers)?;
    let caller = match &state.tokens {
        // An API key has no dot, and a JWT has two.
        Some(tokens) if token.contains('.') => {
            tokens.caller(&state.engine, token, state.options.caller_age).await.map_err(refused_token)?
        }
        _ => state.engine.caller(token, state.options.caller_age).await.map_err(refused_key)?,
    };
    if let Some(tenant) = &caller.tenant {
        count(parts, state, tenant).await?;
    }
    Ok(caller)
}

fn refused_key(error: AccessError) -> Problem {
    match error {
        AccessError::Refused => invalid_token(),
        AccessError::Database(error) => error.into(),
    }
}

/// Only the log learns which check failed: whoever forges a token must not be told what to mend.
fn refused_token(error: TokenError) -> Problem {
    match error {
        TokenError::Refused(refusal) => {
            tracing::info!(reason = &refusal as &dyn std::error::Error, "a token was refused");
            invalid_token()
        }
        TokenError::NoKeys => {
            Problem::new(Code::Unavailable, "Tokens cannot be checked at the moment. Try again.")
        }
        TokenError::Database(error) => error.into(),
    }
}

fn invalid_token() -> Problem {
    unauthenticated(
        "The token is unknown, expired or revoked.",
        HeaderValue::from_static("Bearer error=\"invalid_token\""),
    )
}

async fn count(parts: &Parts, state: &ApiState, tenant: &Tenant) -> Result<(), Problem> {
    let context = parts.extensions.get::<RequestContext>();
    if let Some(context) = context {
        // A second extractor of the same request finds it set, to the same value.
        let _set_before = context.tenant.set(tenant.slug.clone());
    }
    let Some(limit) = tenant.limits.requests_per_minute else { return Ok(()) };
    let standing = state.rates.count(&state.engine, tenant.id, limit.unsigned_abs()).await?;
    if let Some(context) = context {
        let _set_before = context.standing.set(standing);
    }
    match standing.retry_after() {
        None => Ok(()),
        Some(wait) => {
            let detail = format!("This tenant may send {limit} requests a minute.");
            Err(Problem::new(Code::RateLimited, detail).with_retry_after(wait))
        }
    }
}

/// The one bearer token in the head of a request.
fn bearer_token(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let token = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().and_then(|value| value.split_once(' ')),
        _ => None,
    };
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(unauthenticated(
            "Send a token: `Authorization: Bearer …`.",
            HeaderValue::from_static("Bearer"),
        )),
    }
}

fn unauthenticated(detail: &str, challenge: HeaderValue) -> Problem {
    Problem::new(Code::Unauthenticated, detail).with_header(header::WWW_AUTHENTICATE, challenge)
}

/// The answer to a token without the scope that a route asks for (RFC 6750, section 3.1).
pub(super) fn lacks(scope: Scope) -> Problem {
    let problem = Problem::new(Code::InsufficientScope, format!("The token lacks the scope `{scope}`."));
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    match HeaderValue::from_str(&challenge) {
        Ok(challenge) => problem.with_header(header::WWW_AUTHENTICATE, challenge),
        Err(_) => problem,
    }
}
