//! `GET /v1/tenants`: the tenants by slug, a page at a time.

use axum::Json;
use axum::extract::State;
use esteira_engine::tenant::Slug;

use crate::cursor;
use crate::extract::{FromParams, Operator, PageParams, Params, Query};
use crate::options::ApiOptions;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{Page, TenantView};

/// The list, as cursors name it.
const LIST: &str = "tenants";

/// Which tenants are wanted.
pub(crate) struct TenantsWanted {
    after: Option<Slug>,
    limit: u16,
}

impl FromParams for TenantsWanted {
    fn from_params(params: &mut Params, options: &ApiOptions) -> Self {
        let page = PageParams::from_params(params, options);
        Self { after: page.after(LIST, params), limit: page.limit }
    }
}

/// List tenants
///
/// By slug. Follow `next_cursor` until it is null.
#[utoipa::path(
    get, path = "/v1/tenants", tag = "tenants", params(PageParams),
    security(("token" = ["operator"])),
    responses(
        (status = 200, description = "A page of tenants.", body = Page<TenantView>),
        (status = 400, description = "A parameter is wrong."),
    ),
)]
pub(crate) async fn list_tenants(
    _: Operator,
    State(state): State<ApiState>,
    Query(TenantsWanted { after, limit }): Query<TenantsWanted>,
) -> Result<Json<Page<TenantView>>, Problem> {
    let after = after.as_ref().map_or("", Slug::as_str);
    // One more than wanted tells whether there is another page.
    let mut tenants = state.engine.tenants(after, limit.saturating_add(1)).await?;
    let more = tenants.len() > usize::from(limit);
    tenants.truncate(usize::from(limit));
    let last = tenants.last().filter(|_| more).map(|tenant| cursor::encode(LIST, &tenant.slug));
    Ok(Json(Page { items: tenants.into_iter().map(TenantView::from).collect(), next_cursor: last }))
}
