//! Which candidates fit? Those that meet the conditions which their source does not answer for.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::JobFilter;
use super::source::Source;
use crate::db::DatabaseError;
use crate::job::JobState;

/// Conditions that are left to be looked at, job by job.
#[derive(Debug)]
pub(super) struct Conditions {
    state: Option<JobState>,
    kind: Option<String>,
    created_after: Option<DateTime<Utc>>,
    created_before: Option<DateTime<Utc>>,
    metadata: Option<Value>,
}

impl Conditions {
    /// Those of a filter besides what every job of its source meets.
    pub fn besides(source: &Source<'_>, filter: &JobFilter) -> Self {
        let state = filter.state.filter(|_| !matches!(source, Source::Live(..) | Source::Ended(_)));
        let kind = filter.kind.clone().filter(|_| !matches!(source, Source::Live(..) | Source::Kind(_)));
        let is_met = filter.metadata.is_empty() || matches!(source, Source::Rare(_));
        Self {
            state,
            kind,
            created_after: filter.created_after,
            created_before: filter.created_before,
            metadata: (!is_met).then(|| Value::Object(filter.metadata.clone())),
        }
    }

    fn are_none(&self) -> bool {
        let Self { state, kind, created_after, created_before, metadata } = self;
        state.is_none()
            && kind.is_none()
            && created_after.is_none()
            && created_before.is_none()
            && metadata.is_none()
    }

    /// The candidates that fit, newest first.
    pub async fn keep(
        &self,
        conn: &mut PgConnection,
        candidates: Vec<Uuid>,
    ) -> Result<Vec<Uuid>, DatabaseError> {
        if self.are_none() || candidates.is_empty() {
            return Ok(candidates);
        }
        let fit = sqlx::query_scalar!(
            "select j.id from jobs as j
             where j.id = any ($1) and ($2::text is null or j.kind = $2)
               and ($3::timestamptz is null or j.created_at > $3)
               and ($4::timestamptz is null or j.created_at < $4)
               and ($5::jsonb is null or j.metadata @> $5)
             order by j.id desc",
            &candidates,
            self.kind,
            self.created_after,
            self.created_before,
            self.metadata
        )
        .fetch_all(&mut *conn)
        .await?;
        match self.state {
            Some(state) => in_state(conn, &fit, state).await,
            None => Ok(fit),
        }
    }
}

/// Those of some jobs that are in a state, newest first.
async fn in_state(
    conn: &mut PgConnection,
    ids: &[Uuid],
    state: JobState,
) -> Result<Vec<Uuid>, DatabaseError> {
    let ids = if state.is_final() {
        sqlx::query_scalar!(
            "select job_id from outcomes where job_id = any ($1) and state = $2 order by job_id desc",
            ids,
            state.as_str()
        )
        .fetch_all(conn)
        .await?
    } else {
        sqlx::query_scalar!(
            r#"select asked.id as "id!" from unnest($1::uuid[]) as asked (id)
               cross join lateral esteira.live_job(asked.id) as q
               where q.state = $2 order by asked.id desc"#,
            ids,
            state.as_str()
        )
        .fetch_all(conn)
        .await?
    };
    Ok(ids)
}
