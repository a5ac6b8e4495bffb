//! What is answered to a submit? The same whether it happens now or has happened before.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use esteira_engine::queue::{Answer, Once, SubmitError, Taken};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::view::JobView;

const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A batch that was taken.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchTaken {
    /// The batch.
    batch_id: Uuid,
    /// Its jobs, in the order in which they were sent. A job whose `unique_key` was in use is the one that has it, and
    /// belongs to no batch, or to another.
    job_ids: Vec<Uuid>,
}

/// Says what was made.
pub(super) fn answering(taken: Taken) -> Result<Answer, SubmitError> {
    match taken {
        Taken::Job { job, existing } => {
            let status = if existing { StatusCode::OK } else { StatusCode::ACCEPTED };
            answer(status, format!("/v1/jobs/{}", job.id), &JobView::from(*job))
        }
        Taken::Batch(batch, jobs) => {
            let job_ids = jobs.into_iter().map(|job| job.0).collect();
            let location = format!("/v1/batches/{batch}");
            answer(StatusCode::ACCEPTED, location, &BatchTaken { batch_id: batch.0, job_ids })
        }
    }
}

fn answer(status: StatusCode, location: String, body: &impl Serialize) -> Result<Answer, SubmitError> {
    let body = serde_json::to_string(body)?;
    Ok(Answer { status: status.as_u16(), location: Some(location), body })
}

/// Sends it.
pub(super) fn respond(once: Once) -> Response {
    let (answer, replayed) = match once {
        Once::Now(answer) => (answer, false),
        Once::Before(answer) => (answer, true),
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response = (status, json, answer.body).into_response();
    let headers = response.headers_mut();
    if let Some(location) = answer.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    if replayed {
        headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
