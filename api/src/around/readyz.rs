//! `GET /readyz`: can the process do its work? Each part that it needs, by name.
//!
//! Anybody may ask, so the answer is remembered for a moment: many questions cost the database one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use esteira_engine::Readiness;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::ApiState;

/// Whether a part is fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Fitness {
    /// It is.
    Ok,
    /// It is not; the log says why.
    Failing,
    /// It could not be looked at, because another part is failing.
    Unknown,
}

/// Whether the process can do its work.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct ReadinessView {
    /// Whether every part is fit.
    ready: bool,
    /// Whether the process is about to stop: it still answers, and takes no new clients soon.
    draining: bool,
    /// Whether Postgres answers.
    database: Fitness,
    /// Whether the object store answers.
    store: Fitness,
    /// Whether the database is at this program's version.
    migrations: Fitness,
}

impl From<&Readiness> for ReadinessView {
    fn from(readiness: &Readiness) -> Self {
        let fitness = |ok| if ok { Fitness::Ok } else { Fitness::Failing };
        Self {
            ready: readiness.is_ready(),
            draining: false,
            database: fitness(readiness.database.is_ok()),
            store: fitness(readiness.store.is_ok()),
            migrations: readiness.migrations_behind.map_or(Fitness::Unknown, |behind| fitness(behind == 0)),
        }
    }
}

/// The causes go to the log, never to whoever asks.
fn log(readiness: &Readiness) {
    if let Err(error) = &readiness.database {
        tracing::warn!(error = error as &dyn std::error::Error, "not ready: the database");
    }
    if let Err(error) = &readiness.store {
        tracing::warn!(error = error as &dyn std::error::Error, "not ready: the store");
    }
    if let Some(behind) = readiness.migrations_behind.filter(|behind| *behind > 0) {
        tracing::warn!(behind, "not ready: migrations are not applied; run `esteira migrate`");
    }
}

/// Can the process do its work?
#[utoipa::path(
    get, path = "/readyz", tag = "around",
    responses(
        (status = 200, description = "It can.", body = ReadinessView),
        (status = 503, description = "It cannot: a part is failing.", body = ReadinessView),
    ),
)]
pub(crate) async fn get_readiness(State(state): State<ApiState>) -> (StatusCode, Json<ReadinessView>) {
    let look = async {
        let readiness = state.engine.readiness().await;
        log(&readiness);
        ReadinessView::from(&readiness)
    };
    let mut view = state.readiness.get(state.options.readiness_age, look).await;
    // Not remembered: a load balancer shall see it at its next look.
    view.draining = state.draining.is_cancelled();
    view.ready &= !view.draining;
    let status = if view.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(view))
}
