//! `GET /v1/queues`: how each kind stands, over all tenants or for one.

use axum::Json;
use axum::extract::State;
use esteira_engine::tenant::Slug;
use utoipa::IntoParams;

use crate::extract::{FromParams, Operator, Params, Query};
use crate::options::ApiOptions;
use crate::problem::{Code, FieldError, Problem};
use crate::state::ApiState;
use crate::view::QueuesView;

/// Whose jobs are counted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct QueuesWanted {
    /// Count this tenant's jobs only.
    #[param(value_type = Option<String>, pattern = "^[a-z][a-z0-9_]{1,39}$", example = "acme")]
    tenant: Option<Slug>,
}

impl FromParams for QueuesWanted {
    fn from_params(params: &mut Params, _: &ApiOptions) -> Self {
        Self { tenant: params.parsed("tenant") }
    }
}

/// The answer about a tenant that there is not.
fn unknown_tenant() -> Problem {
    Problem::new(Code::NotFound, "There is no such tenant.")
        .with_errors([FieldError::new("/tenant", "there is no such tenant")])
}

/// List queues
///
/// How each kind stands, and what is paused. Counting reads every job that is not final, so ask every
/// some seconds rather than all the time.
#[utoipa::path(
    get, path = "/v1/queues", tag = "queues", params(QueuesWanted),
    security(("token" = ["operator"])),
    extensions(("x-codes" = json!([Code::NotFound]))),
    responses(
        (status = 200, description = "The kinds, and the pauses.", body = QueuesView),
        (status = 400, description = "A parameter is wrong."),
        (status = 404, description = "There is no such tenant."),
    ),
)]
pub(crate) async fn list_queues(
    _: Operator,
    State(ApiState { engine, .. }): State<ApiState>,
    Query(QueuesWanted { tenant }): Query<QueuesWanted>,
) -> Result<Json<QueuesView>, Problem> {
    let tenant = match tenant {
        Some(slug) => Some(engine.tenant(slug.as_str()).await?.ok_or_else(unknown_tenant)?),
        None => None,
    };
    Ok(Json(engine.queue_stats(tenant.as_ref()).await?.into()))
}
