//! Which deliveries of a tenant are sent next? Those that are due, as far as their webhooks have places.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::DeliveryOptions;
use super::mail::Posted;
use crate::db::DatabaseError;
use crate::id::{DeliveryId, JobId, WebhookId};

/// What whoever sends gets beyond the longest attempt, to write down what came of it.
const TO_RECORD: Duration = Duration::from_secs(30);
/// Deliveries that are given up in one statement.
const GIVEN_UP_AT_ONCE: i64 = 1000;
/// Files that a letter tells of.
const FILES: i64 = 50;
/// When a webhook that is disabled is looked at again, for what has waited too long.
const DISABLED_LOOK: Duration = Duration::from_secs(3600);

/// A delivery that is ours to send for now.
#[derive(Debug)]
pub(super) struct Claimed {
    pub id: DeliveryId,
    pub webhook: WebhookId,
    pub payload: String,
    pub attempt: i16,
    pub lease: i32,
    pub since: DateTime<Utc>,
    pub url: String,
    pub secret: String,
    pub old_secret: Option<String>,
    pub now: DateTime<Utc>,
}

/// Takes deliveries that are due, at most `limit`. `busy` says how many of each webhook are under way.
///
/// A webhook that has failed too often has one place: when its time of rest is over, one delivery tries it.
pub(super) async fn claim(
    conn: &mut PgConnection,
    options: &DeliveryOptions,
    busy: &HashMap<WebhookId, i32>,
    limit: usize,
) -> Result<Vec<Claimed>, DatabaseError> {
    let (ids, counts): (Vec<_>, Vec<i32>) = busy.iter().map(|(id, count)| (id.0, *count)).unzip();
    // Only the leader claims. Should there be two for a moment, the second waits for the first one's row, and then
    // finds that it is not due any more.
    let rows = sqlx::query_as!(
        Claimed,
        r#"with room as materialized (
               select w.id, w.url, w.secret,
                      case when w.old_secret_until > esteira.now() then w.old_secret end as old_secret,
                      (case when w.failures >= $3 then 1 else $4 end) - coalesce(under_way.count, 0) as places
               from webhooks as w
               left join unnest($1::uuid[], $2::integer[]) as under_way (id, count) on under_way.id = w.id
               where w.enabled and (w.open_until is null or w.open_until <= esteira.now())
           ), due as materialized (
               select next.id from room cross join lateral (
                   select d.id, d.due_at from deliveries as d
                   where d.webhook_id = room.id and d.due_at <= esteira.now()
                   order by d.due_at limit greatest(room.places, 0)
               ) as next order by next.due_at limit $5
           )
           update deliveries as d
           set lease = d.lease + 1, attempt = d.attempt + 1, due_at = esteira.now() + make_interval(secs => $6)
           from room
           where d.id in (select due.id from due) and room.id = d.webhook_id and d.due_at <= esteira.now()
           returning d.id as "id: DeliveryId", d.webhook_id as "webhook: WebhookId", d.payload, d.attempt,
                     d.lease, d.since, room.url, room.secret, room.old_secret, esteira.now() as "now!""#,
        &ids,
        &counts,
        i32::from(options.failures_to_open),
        i32::from(options.places_per_webhook),
        i64::try_from(limit).unwrap_or(i64::MAX),
        (options.timeout + TO_RECORD).as_secs_f64()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The files of a job, in their order.
pub(super) async fn files(conn: &mut PgConnection, job: JobId) -> Result<Vec<Posted>, DatabaseError> {
    let files = sqlx::query_as!(
        Posted,
        "select name, media_type, bytes, object_key from artifacts where job_id = $1 order by position limit $2",
        job.0,
        FILES
    )
    .fetch_all(conn)
    .await?;
    Ok(files)
}

/// Gives up what has waited too long: it was tried already, or its webhook lets nothing through. After an outage of ours,
/// everything is tried once at least.
pub(super) async fn give_up(conn: &mut PgConnection, options: &DeliveryOptions) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update deliveries set state = 'failed', due_at = null, ended_at = esteira.now()
         where due_at <= esteira.now() and id in (
             select d.id from deliveries as d join webhooks as w on w.id = d.webhook_id
             where d.due_at <= esteira.now() and d.since <= esteira.now() - make_interval(secs => $1)
               and (d.attempt > 0 or not w.enabled or w.failures >= $2)
             limit $3)",
        options.retry_for.as_secs_f64(),
        i32::from(options.failures_to_open),
        GIVEN_UP_AT_ONCE
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// When something of the tenant's is due next; `None` when nothing is pending.
pub(super) async fn next_due(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>, DatabaseError> {
    let due = sqlx::query_scalar!(
        r#"select min(case when w.enabled then greatest(next.due_at, w.open_until)
                           else greatest(next.due_at, esteira.now() + make_interval(secs => $1)) end) as "due?"
           from webhooks as w cross join lateral (
               select d.due_at from deliveries as d
               where d.webhook_id = w.id and d.due_at is not null order by d.due_at limit 1
           ) as next"#,
        DISABLED_LOOK.as_secs_f64()
    )
    .fetch_one(conn)
    .await?;
    Ok(due)
}
