//! What was a webhook told, and what did it answer? Read by its owner, who may have it told again.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::endpoint::{WebhookError, check_version};
use super::event::TEST;
use super::wake::wake;
use crate::db::{DatabaseError, Db, TenantTx};
use crate::id::{DeliveryId, WebhookId};
use crate::tenant::Tenant;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is sent, or will be.
    Pending,
    /// The webhook answered 2xx.
    Delivered,
    /// It is given up.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The text of the column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for DeliveryState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| "must be pending, delivered or failed".to_owned())
    }
}

/// Why an attempt had no answer, or none that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendError {
    /// The URL breaks the operator's rules, which may be newer than it.
    UrlRefused,
    /// The name leads to no public address. Whether it leads to a private one is not told: tenants must not learn
    /// which names the operator's network knows.
    NoPublicAddress,
    /// Nobody listens there.
    Unreachable,
    /// TLS was not agreed upon, or the certificate is not good.
    Tls,
    /// There was no answer in time.
    Timeout,
    /// The connection broke, or the answer is no HTTP.
    BrokenAnswer,
    /// The answer leads somewhere else, which is not followed.
    Redirect,
    /// The answer is neither 2xx nor 3xx.
    Status,
    /// The server of letters refuses this one for good.
    MailRefused,
    /// The server of letters does not take this one now.
    MailPutOff,
    /// The files of the job could not be had.
    FilesAway,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UrlRefused => "the server's rules do not allow the URL any more",
            Self::NoPublicAddress => "the host has no public address",
            Self::Unreachable => "no connection to the host",
            Self::Tls => "no TLS connection: is the certificate good for the host?",
            Self::Timeout => "no answer in time",
            Self::BrokenAnswer => "the connection broke before there was an HTTP answer",
            Self::Redirect => "redirects are not followed",
            Self::Status => "the answer was not 2xx",
            Self::MailRefused => "the mail server refused the letter",
            Self::MailPutOff => "the mail server does not take the letter now",
            Self::FilesAway => "the files of the job could not be had",
        })
    }
}

/// One attempt to tell a webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub at: DateTime<Utc>,
    /// Where to.
    pub url: String,
    /// The head of the request.
    pub headers: BTreeMap<String, String>,
    /// The answer's status, if there was an answer.
    pub status: Option<u16>,
    /// The beginning of its body.
    pub excerpt: Option<String>,
    /// Why it does not count.
    pub error: Option<SendError>,
    /// How long it took, up to the answer's head.
    pub latency_ms: u64,
}

/// What a webhook was told, or is to be.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id, which is the message's.
    pub id: DeliveryId,
    /// Of which webhook.
    pub webhook: WebhookId,
    /// The type of the event.
    pub event: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts since it was made, or asked for again.
    pub attempt: i16,
    /// The last attempts, the oldest first.
    pub attempts: Vec<Attempt>,
    /// When the next one is due.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    pub ended_at: Option<DateTime<Utc>>,
    /// The body, where it was asked for.
    pub payload: Option<String>,
}

/// A page of deliveries.
#[derive(Debug)]
pub struct DeliveryPage {
    /// The deliveries, newest first.
    pub items: Vec<Delivery>,
    /// Where the next page begins: after this one; `None` at the end.
    pub next: Option<DeliveryId>,
}

struct Row {
    id: uuid::Uuid,
    webhook_id: uuid::Uuid,
    event: String,
    state: String,
    attempt: i16,
    attempts: serde_json::Value,
    due_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    payload: Option<String>,
}

impl TryFrom<Row> for Delivery {
    type Error = DatabaseError;

    fn try_from(row: Row) -> Result<Self, DatabaseError> {
        let state = row.state.parse().map_err(|error: String| sqlx::Error::Decode(error.into()))?;
        let attempts =
            serde_json::from_value(row.attempts).map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        Ok(Self {
            id: DeliveryId(row.id),
            webhook: WebhookId(row.webhook_id),
            event: row.event,
            state,
            attempt: row.attempt,
            attempts,
            due_at: row.due_at,
            created_at: row.created_at,
            ended_at: row.ended_at,
            payload: row.payload,
        })
    }
}

/// A page of a webhook's deliveries, at most `limit`, older than `after`; without their bodies.
pub(crate) async fn deliveries(
    db: &Db,
    tenant: &Tenant,
    webhook: WebhookId,
    state: Option<DeliveryState>,
    after: Option<DeliveryId>,
    limit: u16,
) -> Result<DeliveryPage, WebhookError> {
    check_version(tenant)?;
    let mut tx = db.begin_as(tenant).await?;
    enabled(&mut tx, webhook).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"select id, webhook_id, type as event, state, attempt, attempts, due_at, created_at, ended_at,
                  null::text as payload
           from deliveries
           where webhook_id = $1 and ($2::uuid is null or id < $2) and ($3::text is null or state = $3)
           order by id desc limit $4"#,
        webhook.0,
        after.map(|id| id.0),
        state.map(DeliveryState::as_str),
        i64::from(limit) + 1
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let mut items = rows.into_iter().map(Delivery::try_from).collect::<Result<Vec<_>, _>>()?;
    let more = items.len() > usize::from(limit);
    items.truncate(usize::from(limit));
    let next = items.last().filter(|_| more).map(|last| last.id);
    Ok(DeliveryPage { items, next })
}

/// One delivery with its body.
pub(crate) async fn delivery(
    db: &Db,
    tenant: &Tenant,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Delivery, WebhookError> {
    check_version(tenant)?;
    let mut tx = db.begin_as(tenant).await?;
    let found = read(&mut tx, webhook, id).await?;
    tx.commit().await?;
    found.ok_or(WebhookError::Unknown)
}

async fn read(
    tx: &mut TenantTx,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<Delivery>, DatabaseError> {
    // A delivery may be there for a moment after its webhook is not.
    sqlx::query_as!(
        Row,
        r#"select d.id, d.webhook_id, d.type as event, d.state, d.attempt, d.attempts, d.due_at, d.created_at,
                  d.ended_at, d.payload as "payload?"
           from deliveries as d join webhooks as w on w.id = d.webhook_id
           where d.id = $1 and d.webhook_id = $2"#,
        id.0,
        webhook.0
    )
    .fetch_optional(tx.conn())
    .await?
    .map(Delivery::try_from)
    .transpose()
}

/// Whether a webhook is told at all.
async fn enabled(tx: &mut TenantTx, webhook: WebhookId) -> Result<bool, WebhookError> {
    let enabled = sqlx::query_scalar!("select enabled from webhooks where id = $1", webhook.0)
        .fetch_optional(tx.conn())
        .await?;
    enabled.ok_or(WebhookError::Unknown)
}

/// Lets a delivery be sent once more, whatever became of it: the same message, from the beginning of the schedule.
pub(crate) async fn redeliver(
    db: &Db,
    tenant: &Tenant,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Delivery, WebhookError> {
    check_version(tenant)?;
    let mut tx = db.begin_as(tenant).await?;
    if !enabled(&mut tx, webhook).await? {
        return Err(WebhookError::Disabled);
    }
    sqlx::query!(
        "update deliveries
         set state = 'pending', due_at = esteira.now(), since = esteira.now(), attempt = 0, ended_at = null
         where id = $1 and webhook_id = $2",
        id.0,
        webhook.0
    )
    .execute(tx.conn())
    .await?;
    send_now(tx, tenant, webhook, id).await
}

/// Sends a webhook a message of no meaning.
pub(crate) async fn test(db: &Db, tenant: &Tenant, webhook: WebhookId) -> Result<Delivery, WebhookError> {
    check_version(tenant)?;
    let id = DeliveryId::new();
    let mut tx = db.begin_as(tenant).await?;
    if !enabled(&mut tx, webhook).await? {
        return Err(WebhookError::Disabled);
    }
    sqlx::query!(
        "insert into deliveries (id, webhook_id, type, payload)
         values ($1, $2, $3, format('{\"type\":%s,\"timestamp\":%s,\"data\":%s}', to_json($3::text),
                                    to_json(esteira.rfc3339(esteira.now())), $4::jsonb))",
        id.0,
        webhook.0,
        TEST,
        json!({"webhook_id": webhook})
    )
    .execute(tx.conn())
    .await?;
    send_now(tx, tenant, webhook, id).await
}

/// What a person asked for is tried even while the webhook is left alone, and before whatever waits for that to end: a
/// webhook that has failed too often has one place only.
async fn send_now(
    mut tx: TenantTx,
    tenant: &Tenant,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Delivery, WebhookError> {
    let delivery = read(&mut tx, webhook, id).await?.ok_or(WebhookError::Unknown)?;
    sqlx::query!(
        "update webhooks set open_until = esteira.now() where id = $1 and open_until > esteira.now()",
        webhook.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update deliveries set due_at = (select min(d.due_at) from deliveries as d where d.webhook_id = $1)
                                        - interval '1 second'
         where id = $2 and state = 'pending' and attempt = 0",
        webhook.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    let mut tx = tx.leave().await?;
    wake(&mut tx, tenant).await?;
    tx.commit().await?;
    Ok(delivery)
}
