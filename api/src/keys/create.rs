//! `POST /v1/tenants/{slug}/keys`: make a key; the answer is the only showing of its text.

use axum::extract::State;
use axum::http::StatusCode;
use esteira_engine::tenant::{KeyError, Scope};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::clock;
use crate::extract::{Json, KeyMaker, Query, Timestamp};
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::{NewKeyView, scope_schema};

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Random(error) => Self::internal(&error),
            KeyError::TooMany { limit } => Self::new(
                Code::TooManyKeys,
                format!("The tenant has {limit} keys that work, and may not have more. Revoke one first."),
            ),
            KeyError::Database(error) => error.into(),
        }
    }
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "shop backend", "scopes": ["jobs:read", "jobs:write"]}))]
pub(crate) struct NewKeyRequest {
    /// What to call it, 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100, example = "shop backend")]
    name: String,
    /// What it may do.
    #[schema(schema_with = scope_schema)]
    scopes: Vec<Scope>,
    /// When it is to end by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl NewKeyRequest {
    /// The first thing about it that cannot be.
    fn check(&self) -> Result<(), Problem> {
        if !(1..=100).contains(&self.name.chars().count()) || self.name.contains(char::is_control) {
            return Err(Problem::value("/name", "must have 1 to 100 characters, none a control character"));
        }
        if self.scopes.is_empty() {
            return Err(Problem::value("/scopes", "must name a scope at least"));
        }
        if let Some(position) = self.scopes.iter().position(|scope| *scope == Scope::Operator) {
            return Err(Problem::value(
                format!("/scopes/{position}"),
                "a tenant's key is never an operator's",
            ));
        }
        if self.expires_at.is_some_and(|instant| instant.0 <= clock::now()) {
            return Err(Problem::value("/expires_at", "is over already"));
        }
        Ok(())
    }
}

/// Make a key
///
/// Keep the `key` of the answer: it is shown this once.
#[utoipa::path(
    post, path = "/v1/tenants/{slug}/keys", tag = "keys",
    params(("slug" = String, Path, description = "The tenant", example = "acme")), request_body = NewKeyRequest,
    security(("token" = ["operator"]), ("token" = ["tenant:admin"])),
    extensions(("x-codes" = json!([Code::InvalidValue, Code::TooManyKeys, Code::TenantSuspended]))),
    responses(
        (status = 201, description = "The key is made.", body = NewKeyView),
        (status = 400, description = "The body is not JSON, or a field is unknown, missing or of the wrong type."),
        (status = 403, description = "The token lacks the scope, or the caller's tenant is suspended."),
        (status = 404, description = "There is no such tenant, or it is not the caller's."),
        (status = 409, description = "The tenant has as many keys as it may."),
        (status = 422, description = "A value cannot be."),
    ),
)]
pub(crate) async fn create_key(
    KeyMaker(tenant): KeyMaker,
    State(state): State<ApiState>,
    Query(()): Query<()>,
    Json(mut request): Json<NewKeyRequest>,
) -> Result<(StatusCode, axum::Json<NewKeyView>), Problem> {
    request.check()?;
    request.scopes.sort_unstable();
    request.scopes.dedup();
    let expires_at = request.expires_at.map(|instant| instant.0);
    let key = state.engine.create_key(Some(&tenant), &request.name, &request.scopes, expires_at).await?;
    Ok((StatusCode::CREATED, axum::Json(key.into())))
}
