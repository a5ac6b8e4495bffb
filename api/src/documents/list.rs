//! `GET /v1/documents`: what a tenant's jobs read, newest first, a page at a time.

use axum::Json;
use axum::extract::State;
use esteira_engine::document::DocumentFilter;
use esteira_engine::id::DocumentId;
use utoipa::IntoParams;

use crate::cursor;
use crate::extract::{FromParams, JobsRead, PageParams, Params, Query, TenantCaller};
use crate::options::ApiOptions;
use crate::problem::Problem;
use crate::state::ApiState;
use crate::view::{DocumentView, Page};

/// The list, as cursors name it.
const LIST: &str = "documents";

/// Which documents are wanted, as the description shows it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only describes what DocumentsWanted takes")]
pub(crate) struct FilterParams {
    /// Of jobs of this kind.
    kind: Option<String>,
    /// In this language, of whatever country.
    #[param(example = "pt")]
    language: Option<String>,
}

/// Which documents are wanted.
pub(crate) struct DocumentsWanted {
    filter: DocumentFilter,
    after: Option<DocumentId>,
    limit: u16,
}

impl FromParams for DocumentsWanted {
    fn from_params(params: &mut Params, options: &ApiOptions) -> Self {
        let page = PageParams::from_params(params, options);
        let filter = DocumentFilter { kind: params.text("kind"), language: params.parsed("language") };
        Self { filter, after: page.after(LIST, params), limit: page.limit }
    }
}

/// List documents
///
/// Newest first: what the tenant's jobs read, such as extracted documents and transcripts. A document goes with its job.
/// Follow `next_cursor` until it is null.
#[utoipa::path(
    get, path = "/v1/documents", tag = "documents", params(FilterParams, PageParams),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "A page of documents.", body = Page<DocumentView>),
        (status = 400, description = "A parameter is wrong."),
    ),
)]
pub(crate) async fn list_documents(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    Query(DocumentsWanted { filter, after, limit }): Query<DocumentsWanted>,
) -> Result<Json<Page<DocumentView>>, Problem> {
    let page = state.engine.documents(&tenant, &filter, after, limit).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(DocumentView::from).collect(),
        next_cursor: page.next.map(|last| cursor::encode(LIST, &last)),
    }))
}
