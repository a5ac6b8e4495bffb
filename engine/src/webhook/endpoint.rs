//! Which webhooks does a tenant have? Made, listed, changed and removed on its behalf.

use std::time::Duration;

use chrono::{DateTime, Utc};
use url::Url;

use super::secret::SigningSecret;
use super::wake::wake;
use crate::db::{DatabaseError, Db, EngineTx};
use crate::id::WebhookId;
use crate::tenant::Tenant;

/// The version of a tenant's schema that brought webhooks as they are.
pub(crate) const SINCE_VERSION: i32 = 10;

/// A webhook; its secrets stay behind.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where it is told.
    pub url: String,
    /// What its owner says of it.
    pub description: String,
    /// The types of events that it asks for.
    pub events: Vec<String>,
    /// The kinds whose jobs it asks for; `None` for every kind.
    pub kinds: Option<Vec<String>>,
    /// Whether it is told at all.
    pub enabled: bool,
    /// Why not, where that was not its owner's wish: `gone`, since it answered 410.
    pub disabled_because: Option<String>,
    /// Until when deliveries are signed with the secret before as well.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub failures: i32,
    /// Until when it is left alone because of them.
    pub open_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its owner, or a 410, changed it last.
    pub updated_at: DateTime<Utc>,
}

/// A webhook to be made.
#[derive(Debug)]
pub struct NewWebhook {
    /// See [`Webhook::url`]; checked already.
    pub url: Url,
    /// See [`Webhook::description`].
    pub description: String,
    /// See [`Webhook::events`]; at least one.
    pub events: Vec<String>,
    /// See [`Webhook::kinds`]; at least one, if any.
    pub kinds: Option<Vec<String>>,
    /// What its messages are signed with.
    pub secret: SigningSecret,
}

/// New values; what is absent stays.
#[derive(Debug, Default)]
pub struct WebhookChange {
    /// See [`Webhook::url`]; checked already.
    pub url: Option<Url>,
    /// See [`Webhook::description`].
    pub description: Option<String>,
    /// See [`Webhook::events`]; at least one.
    pub events: Option<Vec<String>>,
    /// See [`Webhook::kinds`]; none of them means every kind.
    pub kinds: Option<Vec<String>>,
    /// See [`Webhook::enabled`].
    pub enabled: Option<bool>,
    /// A new secret, and for how long the present one signs as well.
    pub secret: Option<(SigningSecret, Duration)>,
}

/// What was asked of a webhook is not done.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The tenant has no such webhook, or the webhook no such delivery.
    #[error("there is no such webhook or delivery")]
    Unknown,
    /// The tenant has as many as it may.
    #[error("the tenant has {limit} webhooks already")]
    TooMany {
        /// How many it may have.
        limit: i64,
    },
    /// It is disabled, so nothing is sent to it.
    #[error("the webhook is disabled")]
    Disabled,
    /// The tenant's schema is older than webhooks.
    #[error("the tenant's schema is older than webhooks: run `esteira migrate`")]
    Behind,
    /// The database is away.
    #[error("failed to read or write webhooks")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for WebhookError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Refuses a tenant whose schema has no webhooks yet.
pub(super) fn check_version(tenant: &Tenant) -> Result<(), WebhookError> {
    if tenant.schema_version >= SINCE_VERSION { Ok(()) } else { Err(WebhookError::Behind) }
}

/// Makes a webhook, as long as the tenant has fewer than `limit`.
pub(crate) async fn create(
    db: &Db,
    tenant: &Tenant,
    new: &NewWebhook,
    limit: i64,
) -> Result<Webhook, WebhookError> {
    check_version(tenant)?;
    let id = WebhookId::new();
    db.meet([tenant.id]);
    let mut tx = db.begin().await?;
    // The row stays locked: whoever makes or removes another one waits, so that count and flag are true.
    sqlx::query!("update esteira.tenants set webhooks = true where id = $1", tenant.id.0)
        .execute(tx.conn())
        .await?;
    let mut tx = tx.enter(tenant).await?;
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from webhooks"#).fetch_one(tx.conn()).await?;
    if count >= limit {
        return Err(WebhookError::TooMany { limit });
    }
    sqlx::query!(
        "insert into webhooks (id, url, description, events, secret, kinds) values ($1, $2, $3, $4, $5, $6)",
        id.0,
        new.url.as_str(),
        new.description,
        &new.events,
        new.secret.expose(),
        new.kinds.as_deref()
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    read(db, tenant, id).await
}

/// A tenant's webhooks, the oldest first.
pub(crate) async fn list(db: &Db, tenant: &Tenant) -> Result<Vec<Webhook>, WebhookError> {
    check_version(tenant)?;
    let mut tx = db.begin_as(tenant).await?;
    let webhooks = sqlx::query_as!(
        Webhook,
        r#"select id as "id: WebhookId", url, description, events, kinds, enabled, disabled_because,
                  case when old_secret_until > esteira.now() then old_secret_until end as old_secret_until,
                  failures, open_until, created_at, updated_at
           from webhooks order by id"#
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(webhooks)
}

/// One webhook.
pub(crate) async fn read(db: &Db, tenant: &Tenant, id: WebhookId) -> Result<Webhook, WebhookError> {
    check_version(tenant)?;
    let mut tx = db.begin_as(tenant).await?;
    let webhook = sqlx::query_as!(
        Webhook,
        r#"select id as "id: WebhookId", url, description, events, kinds, enabled, disabled_because,
                  case when old_secret_until > esteira.now() then old_secret_until end as old_secret_until,
                  failures, open_until, created_at, updated_at
           from webhooks where id = $1"#,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    webhook.ok_or(WebhookError::Unknown)
}

/// Changes a webhook. One that gets another address, or is enabled, begins without its failures.
pub(crate) async fn change(
    db: &Db,
    tenant: &Tenant,
    id: WebhookId,
    change: &WebhookChange,
) -> Result<Webhook, WebhookError> {
    check_version(tenant)?;
    let mut tx = db.begin_as(tenant).await?;
    let changed = sqlx::query!(
        "update webhooks
         set url = coalesce($2, url), description = coalesce($3, description), events = coalesce($4, events),
             kinds = case when $8::text[] is null then kinds when cardinality($8::text[]) > 0 then $8 end,
             enabled = coalesce($5, enabled),
             disabled_because = case when $5::boolean is null then disabled_because end,
             failures = case when $2::text is null and $5 is not true then failures else 0 end,
             open_until = case when $2::text is null and $5 is not true then open_until end,
             secret = coalesce($6, secret),
             old_secret = case when $6::text is null then old_secret when $7::float8 > 0 then secret end,
             old_secret_until = case when $6::text is null then old_secret_until
                                     when $7::float8 > 0 then esteira.now() + make_interval(secs => $7) end,
             updated_at = esteira.now()
         where id = $1",
        id.0,
        change.url.as_ref().map(Url::as_str),
        change.description,
        change.events.as_deref(),
        change.enabled,
        change.secret.as_ref().map(|(secret, _)| secret.expose()),
        change.secret.as_ref().map_or(0.0, |(_, keep)| keep.as_secs_f64()),
        change.kinds.as_deref()
    )
    .execute(tx.conn())
    .await?;
    if changed.rows_affected() == 0 {
        return Err(WebhookError::Unknown);
    }
    let mut tx = tx.leave().await?;
    wake(&mut tx, tenant).await?;
    tx.commit().await?;
    read(db, tenant, id).await
}

/// Removes a webhook. Its deliveries are not sent any more, and go when the tenant is pruned.
pub(crate) async fn remove(db: &Db, tenant: &Tenant, id: WebhookId) -> Result<(), WebhookError> {
    check_version(tenant)?;
    db.meet([tenant.id]);
    let mut tx = db.begin().await?;
    // As in `create`.
    sqlx::query!("select id from esteira.tenants where id = $1 for no key update", tenant.id.0)
        .fetch_optional(tx.conn())
        .await?;
    let mut tx = tx.enter(tenant).await?;
    let gone = sqlx::query!("delete from webhooks where id = $1", id.0).execute(tx.conn()).await?;
    if gone.rows_affected() == 0 {
        return Err(WebhookError::Unknown);
    }
    let some = sqlx::query_scalar!(r#"select exists (select from webhooks) as "some!""#)
        .fetch_one(tx.conn())
        .await?;
    let mut tx = tx.leave().await?;
    settle_flag(&mut tx, tenant, some).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps whether the tenant has webhooks, and lets it be pruned soon.
async fn settle_flag(tx: &mut EngineTx, tenant: &Tenant, some: bool) -> Result<(), DatabaseError> {
    sqlx::query!("update esteira.tenants set webhooks = $2 where id = $1", tenant.id.0, some)
        .execute(tx.conn())
        .await?;
    sqlx::query!("update esteira.prunes set due_at = esteira.now() where tenant_id = $1", tenant.id.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}
