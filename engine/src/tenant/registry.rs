//! Which tenants are there, and in which state?

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::PgExecutor;

use super::{Known, Limits, LimitsChange, Retention, Slug, Tenant};
use crate::db::{DatabaseError, Db};
use crate::id::TenantId;

/// Whether a tenant may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// It may submit; its jobs run.
    Active,
    /// It may read; it may not submit, and its queued jobs wait. What runs goes on.
    Suspended,
    /// It is being removed.
    Deleting,
}

impl TenantState {
    fn parse(text: &str) -> Self {
        match text {
            "active" => Self::Active,
            "suspended" => Self::Suspended,
            _ => Self::Deleting,
        }
    }

    /// The text of the column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleting => "deleting",
        }
    }
}

impl fmt::Display for TenantState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The columns of `esteira.tenants`, as they are read.
pub(super) struct Row {
    pub id: i32,
    pub slug: String,
    pub role_name: String,
    pub state: String,
    pub schema_version: i32,
    pub weight: f32,
    pub max_running: Option<i32>,
    pub max_queued: Option<i32>,
    pub max_storage_bytes: Option<i64>,
    pub requests_per_minute: Option<i32>,
    pub kinds: Option<Vec<String>>,
    pub s3_buckets: Vec<String>,
    pub retention_days: Option<String>,
    pub upload_retention_days: Option<String>,
    pub created_at: chrono::DateTime<chrono::Utc>,
}

impl TryFrom<Row> for Tenant {
    type Error = DatabaseError;

    fn try_from(row: Row) -> Result<Self, DatabaseError> {
        let slug: Slug = row.slug.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let retention = |text: Option<String>| {
            let parsed = text.map(|text| text.parse::<Retention>()).transpose();
            parsed.map_err(|error| sqlx::Error::Decode(Box::new(error)))
        };
        Ok(Self {
            id: TenantId(row.id),
            slug,
            role: row.role_name,
            state: TenantState::parse(&row.state),
            limits: Limits {
                weight: row.weight,
                max_running: row.max_running,
                max_queued: row.max_queued,
                max_storage_bytes: row.max_storage_bytes,
                requests_per_minute: row.requests_per_minute,
                kinds: row.kinds,
                s3_buckets: row.s3_buckets,
                retention_days: retention(row.retention_days)?,
                upload_retention_days: retention(row.upload_retention_days)?,
            },
            schema_version: row.schema_version,
            created_at: row.created_at,
        })
    }
}

/// The tenant of a slug.
pub(crate) async fn by_slug(conn: impl PgExecutor<'_>, slug: &str) -> Result<Option<Tenant>, DatabaseError> {
    sqlx::query_as!(
        Row,
        "select id, slug, role_name, state, schema_version, weight, max_running, max_queued,
                max_storage_bytes, requests_per_minute, kinds, s3_buckets, retention_days, upload_retention_days, created_at
         from esteira.tenants where slug = $1",
        slug
    )
    .fetch_optional(conn)
    .await?
    .map(Tenant::try_from)
    .transpose()
}

/// The same by what is known no longer than `age`, or by a look.
pub(crate) async fn known_by_slug(
    db: &Db,
    known: &Known,
    slug: &str,
    age: Duration,
) -> Result<Option<Tenant>, DatabaseError> {
    if let Some(tenant) = known.tenant(slug, age) {
        return Ok(Some(tenant));
    }
    let look = known.look();
    // Of one that is being removed nothing can be read any more. Its API keys went first.
    let tenant = by_slug(db.pool(), slug).await?.filter(|tenant| tenant.state != TenantState::Deleting);
    if let Some(tenant) = &tenant {
        known.keep_tenant(look, tenant.clone());
    }
    Ok(tenant)
}

/// The tenant of a number.
pub(crate) async fn by_id(conn: impl PgExecutor<'_>, id: TenantId) -> Result<Option<Tenant>, DatabaseError> {
    sqlx::query_as!(
        Row,
        "select id, slug, role_name, state, schema_version, weight, max_running, max_queued,
                max_storage_bytes, requests_per_minute, kinds, s3_buckets, retention_days, upload_retention_days, created_at
         from esteira.tenants where id = $1",
        id.0
    )
    .fetch_optional(conn)
    .await?
    .map(Tenant::try_from)
    .transpose()
}

/// The tenants of some numbers; one that is gone is missing.
pub(crate) async fn by_ids(
    conn: impl PgExecutor<'_>,
    ids: &[TenantId],
) -> Result<Vec<Tenant>, DatabaseError> {
    let ids: Vec<i32> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Row,
        "select id, slug, role_name, state, schema_version, weight, max_running, max_queued,
                max_storage_bytes, requests_per_minute, kinds, s3_buckets, retention_days, upload_retention_days, created_at
         from esteira.tenants where id = any ($1)",
        &ids
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Tenant::try_from)
    .collect()
}

/// Tenants by slug, after `after`, at most `limit`.
pub(crate) async fn list(db: &Db, after: &str, limit: i64) -> Result<Vec<Tenant>, DatabaseError> {
    sqlx::query_as!(
        Row,
        "select id, slug, role_name, state, schema_version, weight, max_running, max_queued,
                max_storage_bytes, requests_per_minute, kinds, s3_buckets, retention_days, upload_retention_days, created_at
         from esteira.tenants where slug > $1 order by slug limit $2",
        after,
        limit
    )
    .fetch_all(db.pool())
    .await?
    .into_iter()
    .map(Tenant::try_from)
    .collect()
}

/// The tenants whose schema is of another version, by slug.
pub(super) async fn not_at_version(db: &Db, version: i32) -> Result<Vec<Tenant>, DatabaseError> {
    sqlx::query_as!(
        Row,
        "select id, slug, role_name, state, schema_version, weight, max_running, max_queued,
                max_storage_bytes, requests_per_minute, kinds, s3_buckets, retention_days, upload_retention_days, created_at
         from esteira.tenants where schema_version <> $1 and state <> 'deleting' order by slug",
        version
    )
    .fetch_all(db.pool())
    .await?
    .into_iter()
    .map(Tenant::try_from)
    .collect()
}

/// Suspends or resumes. `None`: there is no such tenant, or it is being removed.
pub(crate) async fn set_state(
    db: &Db,
    slug: &Slug,
    state: TenantState,
) -> Result<Option<Tenant>, DatabaseError> {
    let mut tx = db.begin().await?;
    let changed = sqlx::query_scalar!(
        "update esteira.tenants set state = $2
         where slug = $1 and state in ('active', 'suspended') and state <> $2 returning id",
        slug.as_str(),
        state.as_str()
    )
    .fetch_optional(tx.conn())
    .await?;
    if let (Some(id), TenantState::Active) = (changed, state) {
        sqlx::query!("select esteira.forfeit_credit($1)", id).execute(tx.conn()).await?;
    }
    tx.commit().await?;
    let tenant = by_slug(db.pool(), slug.as_str()).await?;
    Ok(tenant.filter(|tenant| tenant.state == state))
}

/// Changes limits. `None`: there is no such tenant.
pub(crate) async fn change_limits(
    db: &Db,
    slug: &Slug,
    change: &LimitsChange,
) -> Result<Option<Tenant>, DatabaseError> {
    let mut tx = db.begin().await?;
    // Locked, so that two changes of different fields do not undo each other.
    let row = sqlx::query_as!(
        Row,
        "select id, slug, role_name, state, schema_version, weight, max_running, max_queued,
                max_storage_bytes, requests_per_minute, kinds, s3_buckets, retention_days, upload_retention_days, created_at
         from esteira.tenants where slug = $1 and state <> 'deleting' for no key update",
        slug.as_str()
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut tenant = Tenant::try_from(row)?;
    tenant.limits.apply(change);
    let limits = &tenant.limits;
    sqlx::query!(
        "update esteira.tenants
         set weight = $2, max_running = $3, max_queued = $4, max_storage_bytes = $5,
             requests_per_minute = $6, kinds = $7, s3_buckets = $8, retention_days = $9,
             upload_retention_days = $10
         where id = $1",
        tenant.id.0,
        limits.weight,
        limits.max_running,
        limits.max_queued,
        limits.max_storage_bytes,
        limits.requests_per_minute,
        limits.kinds.as_deref(),
        &limits.s3_buckets,
        limits.retention_days.map(|retention| retention.to_string()),
        limits.upload_retention_days.map(|retention| retention.to_string())
    )
    .execute(tx.conn())
    .await?;
    // Now rather than when its turn comes: it may have much to give up.
    if change.retention_days.is_some() || change.upload_retention_days.is_some() {
        sqlx::query!("update esteira.prunes set due_at = esteira.now() where tenant_id = $1", tenant.id.0)
            .execute(tx.conn())
            .await?;
    }
    if change.max_running.is_some() {
        sqlx::query!("select esteira.forfeit_credit($1)", tenant.id.0).execute(tx.conn()).await?;
    }
    tx.commit().await?;
    Ok(Some(tenant))
}
