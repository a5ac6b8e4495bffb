//! How are timelines read? Those that are asked for at the same moment by one statement a tenant.
//!
//! A thousand streams that are woken by the same hint, or whose jobs report at the same time, would otherwise
//! be a thousand transactions.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::stream::{self, StreamExt};

use super::derive::events;
use super::facts::{Attempt, End, Facts, Live};
use super::{Event, EventPlace};
use crate::db::{DatabaseError, Db};
use crate::gather::Gather;
use crate::id::{JobId, TenantId};
use crate::job::JobState;
use crate::tenant::Tenant;

/// Questions that are answered together at most.
const MOST: usize = 500;
/// Tenants whose questions are answered at the same time, each on a connection.
const TENANTS_AT_ONCE: usize = 2;
/// Attempts of a job that are told, the newest: a job that snoozes for days has thousands.
const MOST_ATTEMPTS: i64 = 100;

/// What has happened to a job after some place.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The events in their order.
    pub events: Vec<Event>,
    /// Whether the job is final: nothing will come after these.
    pub is_final: bool,
}

#[derive(Debug)]
struct Question {
    tenant: Arc<Tenant>,
    job: JobId,
    after: EventPlace,
}

/// No timeline: the tenant has no such job.
type Answer = Result<Option<Timeline>, DatabaseError>;

/// Where the questions of a process for timelines meet; clones share it.
#[derive(Debug, Clone)]
pub struct Timelines(Gather<Question, Answer>);

impl Timelines {
    /// Starts answering. Must be called inside a tokio runtime.
    #[must_use]
    pub fn start(db: &Db) -> Self {
        let db = db.clone();
        Self(Gather::start(MOST, move |questions| {
            let db = db.clone();
            async move { answer_all(&db, questions).await }
        }))
    }

    /// What has happened to a job after `after`; `None` when the tenant has no such job.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn read(&self, tenant: &Arc<Tenant>, job: JobId, after: EventPlace) -> Answer {
        let question = Question { tenant: Arc::clone(tenant), job, after };
        self.0.ask(question).await.unwrap_or_else(|| Err(DatabaseError::timed_out()))
    }
}

async fn answer_all(db: &Db, questions: Vec<Question>) -> Vec<Answer> {
    let mut of_tenants: HashMap<TenantId, Vec<usize>> = HashMap::new();
    for (at, question) in questions.iter().enumerate() {
        of_tenants.entry(question.tenant.id).or_default().push(at);
    }
    let questions = &questions;
    let mut answers: HashMap<usize, Answer> = stream::iter(of_tenants.into_values())
        .map(|places| async move {
            let asked: Vec<&Question> = places.iter().filter_map(|at| questions.get(*at)).collect();
            let answers = match of_tenant(db, &asked).await {
                Ok(timelines) => timelines.into_iter().map(Ok).collect(),
                Err(error) => {
                    // An error cannot be cloned: one of them has the cause, and the others know that it failed.
                    let others = std::iter::repeat_with(DatabaseError::timed_out);
                    std::iter::once(error).chain(others).map(Err).take(places.len()).collect::<Vec<_>>()
                }
            };
            places.into_iter().zip(answers)
        })
        .buffer_unordered(TENANTS_AT_ONCE)
        .flat_map(stream::iter)
        .collect()
        .await;
    (0..questions.len()).map(|at| answers.remove(&at).unwrap_or(Ok(None))).collect()
}

/// The timelines that were asked for on behalf of one tenant, in the order of the questions.
async fn of_tenant(db: &Db, asked: &[&Question]) -> Result<Vec<Option<Timeline>>, DatabaseError> {
    let mut timelines = vec![None; asked.len()];
    let Some(first) = asked.first() else { return Ok(timelines) };
    let mut tx = db.begin_as(&first.tenant).await?;
    // Each look is a subquery with a limit of its own, so that the primary keys lead to the rows of just these jobs. A line
    // that an older version kept has no number, and takes that of its place.
    let rows = sqlx::query_as!(
        Row,
        r#"select asked.position as "position!", j.created_at as "created_at!", j.run_at as "run_at!",
                  coalesce(cardinality(j.depends_on), 0) > 0 as "needs_others!", freed.at as "freed_at?",
                  q.state as "live_state?", q.lease as "live_lease?", q.attempt as "live_attempt?",
                  q.ready_at as "live_ready_at?", q.started_at as "live_started_at?",
                  o.state as "end_state?", o.lease as "end_lease?", o.attempt as "end_attempt?",
                  o.error as "end_error?", o.ready_at as "end_ready_at?", o.started_at as "end_started_at?",
                  o.finished_at as "end_finished_at?", coalesce(a.told, '[]') as "attempts!"
           from unnest($1::uuid[], $2::integer[], $3::integer[])
               with ordinality as asked (job_id, lease, reports, position)
           cross join lateral (select * from jobs where id = asked.job_id limit 1) as j
           left join lateral (select * from outcomes where job_id = asked.job_id limit 1) as o on true
           left join lateral esteira.live_job(asked.job_id) as q on true
           left join lateral (
               select case when count(*) = cardinality(j.depends_on) then max(met.finished_at) end as at
               from outcomes as met
               where asked.lease = 0 and met.job_id = any (j.depends_on) and met.state = 'succeeded'
           ) as freed on true
           left join lateral (
               select jsonb_agg(jsonb_set(to_jsonb(newest), '{log}', (
                   select coalesce(jsonb_agg(
                       jsonb_build_object('number', line.position, 'after_ms', 0) || line.said order by line.position
                   ), '[]')
                   from jsonb_array_elements(newest.log) with ordinality as line (said, position)
                   where newest.lease > asked.lease
                      or coalesce((line.said ->> 'number')::integer, line.position) > asked.reports
               ))) as told
               from (select * from attempts where job_id = asked.job_id and lease >= asked.lease
                     order by lease desc limit $4) as newest
           ) as a on true
           where o.job_id is not null or q.job_id is not null"#,
        &asked.iter().map(|question| question.job.0).collect::<Vec<_>>(),
        &asked.iter().map(|question| question.after.lease).collect::<Vec<_>>(),
        &asked.iter().map(|question| question.after.reports_seen()).collect::<Vec<_>>(),
        MOST_ATTEMPTS
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    for row in rows {
        // Positions begin with 1.
        let at = usize::try_from(row.position - 1).unwrap_or(usize::MAX);
        if let (Some(place), Some(question)) = (timelines.get_mut(at), asked.get(at)) {
            *place = Some(row.timeline(question.after)?);
        }
    }
    Ok(timelines)
}

/// The columns that a timeline follows from.
struct Row {
    position: i64,
    created_at: DateTime<Utc>,
    run_at: DateTime<Utc>,
    needs_others: bool,
    freed_at: Option<DateTime<Utc>>,
    live_state: Option<String>,
    live_lease: Option<i32>,
    live_attempt: Option<i16>,
    live_ready_at: Option<DateTime<Utc>>,
    live_started_at: Option<DateTime<Utc>>,
    end_state: Option<String>,
    end_lease: Option<i32>,
    end_attempt: Option<i16>,
    end_error: Option<serde_json::Value>,
    end_ready_at: Option<DateTime<Utc>>,
    end_started_at: Option<DateTime<Utc>>,
    end_finished_at: Option<DateTime<Utc>>,
    attempts: serde_json::Value,
}

impl Row {
    fn timeline(self, after: EventPlace) -> Result<Timeline, DatabaseError> {
        let mut facts = self.facts()?;
        if let Some(end) = facts.end.as_mut().filter(|end| end.started_at.is_none()) {
            // A job that ended with another one while it waited is kept without its lease, which a retry by hand may have
            // raised. Whatever was seen came before its end.
            end.lease = end.lease.max(after.lease);
        }
        let is_final = facts.end.is_some();
        let mut events = events(&facts);
        events.retain(|event| event.place > after);
        Ok(Timeline { events, is_final })
    }

    fn facts(self) -> Result<Facts, DatabaseError> {
        let decode = |error: serde_json::Error| sqlx::Error::Decode(Box::new(error));
        let state = |text: &str| -> Result<JobState, DatabaseError> {
            Ok(text.parse().map_err(|error: String| sqlx::Error::Decode(error.into()))?)
        };
        let mut attempts: Vec<Attempt> = serde_json::from_value(self.attempts).map_err(decode)?;
        attempts.sort_unstable_by_key(|attempt| attempt.lease);
        let live = match (self.live_state, self.live_lease, self.live_attempt, self.live_ready_at) {
            (Some(text), Some(lease), Some(attempt), Some(ready_at)) => {
                let started_at = self.live_started_at;
                Some(Live { state: state(&text)?, lease, attempt, ready_at, started_at })
            }
            _ => None,
        };
        let end = match (self.end_state, self.end_lease, self.end_attempt, self.end_finished_at) {
            (Some(text), Some(lease), Some(attempt), Some(finished_at)) => Some(End {
                state: state(&text)?,
                lease,
                attempt,
                error: self.end_error.map(serde_json::from_value).transpose().map_err(decode)?,
                ready_at: self.end_ready_at,
                started_at: self.end_started_at,
                finished_at,
            }),
            _ => None,
        };
        Ok(Facts {
            created_at: self.created_at,
            run_at: self.run_at,
            needs_others: self.needs_others,
            freed_at: self.freed_at,
            live,
            end,
            attempts,
        })
    }
}
