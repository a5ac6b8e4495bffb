//! `GET /v1/search`: which pages, or which seconds, say what is asked for? The best first.

use axum::Json;
use axum::extract::State;
use esteira_engine::document::{Position, Wanted};
use utoipa::IntoParams;

use crate::cursor;
use crate::extract::{FromParams, JobsRead, PageParams, Params, Query, TenantCaller};
use crate::options::ApiOptions;
use crate::problem::{Code, Problem};
use crate::state::ApiState;
use crate::view::{HitView, Page};

/// The list, as cursors name it.
const LIST: &str = "search";

/// What is asked for, as the description shows it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only describes what Question takes")]
pub(crate) struct QuestionParams {
    /// What to look for: words that all must be there, `"words in this order"`, `or` between alternatives, `-` before
    /// what must not be there. Accents, capitals and endings of words do not matter.
    #[param(min_length = 1, max_length = 500, example = "contrato \"ação judicial\" -minuta")]
    q: String,
    /// In documents of jobs of this kind.
    kind: Option<String>,
    /// In documents of this language, of whatever country. Without it, each document is searched by the words of its own.
    #[param(example = "pt")]
    language: Option<String>,
}

/// What is asked for.
pub(crate) struct Question {
    wanted: Wanted,
    after: Option<Position>,
    limit: u16,
}

impl FromParams for Question {
    fn from_params(params: &mut Params, options: &ApiOptions) -> Self {
        let page = PageParams::from_params(params, options);
        let query = params.text("q");
        if query.is_none() {
            params.fault("q", "must say what to look for");
        }
        let wanted = Wanted {
            query: query.unwrap_or_default(),
            kind: params.text("kind"),
            language: params.parsed("language"),
        };
        Self { wanted, after: page.after(LIST, params), limit: page.limit }
    }
}

/// Search documents
///
/// Pages of documents and stretches of recordings that say what is asked for, the best first. `snippet` is HTML: the text
/// around what was found, escaped, with `<mark>` around the words. Follow `next_cursor` until it is null, with the same
/// question.
#[utoipa::path(
    get, path = "/v1/search", tag = "documents", params(QuestionParams, PageParams),
    security(("token" = ["jobs:read"])),
    extensions(("x-codes" = json!([Code::TooManyAtOnce]))),
    responses(
        (status = 200, description = "A page of hits.", body = Page<HitView>),
        (status = 400, description = "A parameter is wrong: `q` is empty, too long or only says what must not be there, or `cursor` belongs to another question."),
        (status = 429, description = "Too many requests, or too many of the tenant's searches at the same time."),
        (status = 503, description = "The search took too long, or the database is away. `Retry-After` says when to try again."),
    ),
)]
pub(crate) async fn search_documents(
    TenantCaller { tenant, .. }: TenantCaller<JobsRead>,
    State(state): State<ApiState>,
    Query(Question { wanted, after, limit }): Query<Question>,
) -> Result<Json<Page<HitView>>, Problem> {
    let most = state.options.max_searches_per_tenant;
    let Some(_place) = state.searches.take(tenant.id, most) else {
        return Err(Problem::too_many_at_once("searches", most));
    };
    let options = &state.options.search;
    let page = state.engine.search(&tenant, options, &wanted, after.as_ref(), limit).await?;
    Ok(Json(Page {
        items: page.items.into_iter().map(HitView::from).collect(),
        next_cursor: page.next.map(|last| cursor::encode(LIST, &last)),
    }))
}
