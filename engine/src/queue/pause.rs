//! What is claimed by nobody for now? Kinds, tenants, a tenant's jobs of a kind, or everything.
//!
//! A pause is a row that every claim looks at: it holds from the next claim on, for jobs that are there and
//! for those to come. What runs goes on, and submits are taken as ever.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::db::{DatabaseError, Db, EngineTx};
use crate::id::TenantId;
use crate::job::Catalog;
use crate::tenant::{Slug, by_slug};

/// Which jobs a pause keeps back; a part that is `None` means all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PauseTarget {
    /// The jobs of this tenant.
    pub tenant: Option<Slug>,
    /// The jobs of this kind.
    pub kind: Option<String>,
}

/// A pause in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Which jobs it keeps back.
    pub target: PauseTarget,
    /// Since when.
    pub paused_at: DateTime<Utc>,
}

/// What a resume did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumed {
    /// Whether there was such a pause.
    pub resumed: bool,
    /// The wider pauses that keep the same jobs back nevertheless.
    pub still_paused_by: Vec<Pause>,
}

/// Nothing was paused or resumed.
#[derive(Debug, thiserror::Error)]
pub enum PauseError {
    /// No such tenant.
    #[error("there is no tenant {0}")]
    UnknownTenant(Slug),
    /// No such kind.
    #[error("there is no kind {0:?}")]
    UnknownKind(String),
    /// The database is away.
    #[error("failed to change what is paused")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for PauseError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Pauses; twice is harmless, and the first instant stays.
pub async fn pause(db: &Db, catalog: &Catalog, target: &PauseTarget) -> Result<Pause, PauseError> {
    if let Some(kind) = target.kind.as_deref().filter(|kind| catalog.get(kind).is_none()) {
        return Err(PauseError::UnknownKind(kind.to_owned()));
    }
    let mut tx = db.begin().await?;
    let tenant = tenant_of(&mut tx, target).await?;
    // An update that changes nothing, so that the row comes back whoever wrote it.
    let paused_at = sqlx::query_scalar!(
        "insert into esteira.pauses as p (tenant_id, kind) values ($1, $2)
         on conflict on constraint pauses_once do update set paused_at = p.paused_at
         returning paused_at",
        tenant.map(|id| id.0),
        target.kind
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(Pause { target: target.clone(), paused_at })
}

/// Takes exactly this pause away; harmless when there is none. A wider or a narrower one stays.
pub async fn resume(db: &Db, catalog: &Catalog, target: &PauseTarget) -> Result<Resumed, PauseError> {
    // A pause may outlive its kind in the catalog, so the rows are asked too; no row can hold a NUL.
    let unknown = target.kind.as_deref().filter(|kind| catalog.get(kind).is_none());
    if let Some(kind) = unknown.filter(|kind| kind.contains('\0')) {
        return Err(PauseError::UnknownKind(kind.to_owned()));
    }
    let mut tx = db.begin().await?;
    let tenant = tenant_of(&mut tx, target).await?;
    let gone = sqlx::query_scalar!(
        "delete from esteira.pauses
         where tenant_id is not distinct from $1 and kind is not distinct from $2 returning id",
        tenant.map(|id| id.0),
        target.kind
    )
    .fetch_optional(tx.conn())
    .await?;
    if let (None, Some(kind)) = (gone, unknown) {
        return Err(PauseError::UnknownKind(kind.to_owned()));
    }
    if let (Some(_), Some(id)) = (gone, tenant) {
        // Its lanes stood still while others were served; they come back without credit for that.
        sqlx::query!("select esteira.forfeit_credit($1)", id.0).execute(tx.conn()).await?;
    }
    let mut still_paused_by = pauses(tx.conn(), tenant).await?;
    still_paused_by.retain(|pause| is_wider(&pause.target, target));
    tx.commit().await?;
    Ok(Resumed { resumed: gone.is_some(), still_paused_by })
}

/// The pauses in force, the widest first; with a tenant, those that keep its jobs back.
pub(super) async fn pauses(
    conn: &mut PgConnection,
    tenant: Option<TenantId>,
) -> Result<Vec<Pause>, DatabaseError> {
    let rows = sqlx::query!(
        r#"select t.slug as "slug?", p.kind, p.paused_at
           from esteira.pauses as p left join esteira.tenants as t on t.id = p.tenant_id
           where $1::integer is null or p.tenant_id is null or p.tenant_id = $1
           order by t.slug nulls first, p.kind nulls first"#,
        tenant.map(|id| id.0)
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let slug = row.slug.map(|slug| slug.parse::<Slug>()).transpose();
            let tenant = slug.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            Ok(Pause { target: PauseTarget { tenant, kind: row.kind }, paused_at: row.paused_at })
        })
        .collect()
}

impl PauseTarget {
    /// Whether a pause of this keeps back every job that `tenant` and `kind` name.
    pub(super) fn covers(&self, tenant: Option<&Slug>, kind: Option<&str>) -> bool {
        (self.tenant.is_none() || self.tenant.as_ref() == tenant)
            && (self.kind.is_none() || self.kind.as_deref() == kind)
    }
}

fn is_wider(wide: &PauseTarget, narrow: &PauseTarget) -> bool {
    wide != narrow && wide.covers(narrow.tenant.as_ref(), narrow.kind.as_deref())
}

async fn tenant_of(tx: &mut EngineTx, target: &PauseTarget) -> Result<Option<TenantId>, PauseError> {
    let Some(slug) = &target.tenant else { return Ok(None) };
    match by_slug(tx.conn(), slug.as_str()).await? {
        Some(tenant) => Ok(Some(tenant.id)),
        None => Err(PauseError::UnknownTenant(slug.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(tenant: Option<&str>, kind: Option<&str>) -> PauseTarget {
        PauseTarget { tenant: tenant.map(|slug| slug.parse().unwrap()), kind: kind.map(str::to_owned) }
    }

    #[test]
    fn a_pause_covers_what_it_names_and_whatever_is_narrower() {
        let (all, kind) = (target(None, None), target(None, Some("k")));
        let (tenant, both) = (target(Some("acme"), None), target(Some("acme"), Some("k")));
        for wide in [&all, &kind, &tenant] {
            assert!(is_wider(wide, &both) && !is_wider(&both, wide), "{wide:?}");
        }
        assert!(!is_wider(&kind, &tenant) && !is_wider(&tenant, &kind));
        assert!(!is_wider(&both, &both));
        assert!(!is_wider(&target(Some("other"), None), &both));
    }
}
