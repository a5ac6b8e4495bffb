//! Which objects does nobody name? Those that a process left behind when it died; they go when they are old.
//!
//! An object comes before the row that names it: an upload's while the file arrives, an artifact's until the attempt
//! is settled, a piece of checkpoints until its row is written. Three things keep such a one: it is young; or its lease runs; or, by the time we look, its row is
//! there. They are asked in this order, so that an attempt that is settled meanwhile is seen as running or as
//! settled, and never as neither.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Leadership, RetentionOptions};
use crate::artifact::{BindError, Listed, Owner, Place, Store, StoreError, TENANTS};
use crate::checkpoint;
use crate::db::{DatabaseError, Db};
use crate::id::{JobId, TenantId};
use crate::tenant::{Tenant, TenantState, by_id};

/// What a step has looked at.
#[derive(Debug, PartialEq, Eq)]
pub struct Swept {
    /// Objects that were listed.
    pub seen: usize,
    /// Those that nobody named, and that are gone now.
    pub deleted: usize,
    /// Whether the end of the bucket is reached.
    pub finished: bool,
}

/// A step was not finished; another one goes on.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// Somebody else leads now.
    #[error("another process leads now")]
    Deposed,
    /// What lies there is another Esteira's, or may be.
    #[error("this bucket is not swept")]
    Bucket(#[source] BindError),
    /// The object store failed.
    #[error("failed to list or delete objects")]
    Store(#[from] StoreError),
    /// The database is away.
    #[error("failed to look up whose objects these are")]
    Database(#[from] DatabaseError),
}

impl From<sqlx::Error> for SweepError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<BindError> for SweepError {
    fn from(error: BindError) -> Self {
        match error {
            BindError::Store(error) => Self::Store(error),
            BindError::Database(error) => Self::Database(error),
            other => Self::Bucket(other),
        }
    }
}

/// Sweeps one page of the bucket, from where the last step ended; `None` when the next round is not due yet.
///
/// # Errors
/// See [`SweepError`].
pub async fn sweep_once(
    db: &Db,
    store: &Store,
    options: &RetentionOptions,
    leadership: &Leadership,
) -> Result<Option<Swept>, SweepError> {
    let Some((after, now)) = next_page(db).await? else { return Ok(None) };
    store.check_bound(db).await?;
    let listing = store.list(TENANTS, &after).await?;
    let seen = listing.objects.len();
    let orphans = orphans(db, listing.objects, now, options.orphan_age).await?;
    let mut tx = db.begin().await?;
    if !leadership.holds(&mut tx).await? {
        return Err(SweepError::Deposed);
    }
    tx.commit().await?;
    store.delete(&orphans).await?;
    let swept = Swept { seen, deleted: orphans.len(), finished: listing.next.is_none() };
    turn(db, listing.next.as_deref(), options.sweep_every).await?;
    Ok(Some(swept))
}

/// After which key the next page begins, if a round is due, and what time it is.
async fn next_page(db: &Db) -> Result<Option<(String, DateTime<Utc>)>, DatabaseError> {
    let row = sqlx::query!(
        r#"select after_key, esteira.now() as "now!" from esteira.sweeps
           where prefix = $1 and due_at <= esteira.now()"#,
        TENANTS
    )
    .fetch_optional(db.pool())
    .await?;
    Ok(row.map(|row| (row.after_key, row.now)))
}

/// Remembers where the next page begins; at the end of the bucket, when the next round does.
async fn turn(db: &Db, next: Option<&str>, every: Duration) -> Result<(), DatabaseError> {
    let wait = if next.is_some() { Duration::ZERO } else { every };
    sqlx::query!(
        "update esteira.sweeps set after_key = $2, due_at = esteira.now() + make_interval(secs => $3)
         where prefix = $1",
        TENANTS,
        next.unwrap_or_default(),
        wait.as_secs_f64()
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// The keys that nobody names. A key that this Esteira does not make is somebody else's, and stays.
async fn orphans(
    db: &Db,
    listed: Vec<Listed>,
    now: DateTime<Utc>,
    age: Duration,
) -> Result<Vec<String>, DatabaseError> {
    let mut by_tenant: BTreeMap<TenantId, Vec<(Listed, Owner)>> = BTreeMap::new();
    for object in listed {
        let is_old = (now - object.modified).to_std().is_ok_and(|since| since > age);
        if let Some(place) = Place::of(&object.key).filter(|_| is_old) {
            by_tenant.entry(place.tenant).or_default().push((object, place.owner));
        }
    }
    let mut orphans = Vec::new();
    for (id, objects) in by_tenant {
        let keys = match by_id(db.pool(), id).await? {
            None if was_removed(db, id).await? => objects.into_iter().map(|(object, _)| object.key).collect(),
            // A bucket that another database has filled: nothing of it is ours to delete.
            None => Vec::new(),
            // Its removal deletes all of them.
            Some(tenant) if tenant.state == TenantState::Deleting => Vec::new(),
            Some(tenant) => of_tenant(db, &tenant, objects).await?,
        };
        orphans.extend(keys);
    }
    Ok(orphans)
}

/// Whether there has been a tenant of this number, which no other gets again.
async fn was_removed(db: &Db, id: TenantId) -> Result<bool, DatabaseError> {
    let last = sqlx::query_scalar!(
        r#"select pg_sequence_last_value(pg_get_serial_sequence('esteira.tenants', 'id')::regclass) as "last?""#
    )
    .fetch_one(db.pool())
    .await?;
    Ok(last.is_some_and(|last| i64::from(id.0) <= last))
}

async fn of_tenant(
    db: &Db,
    tenant: &Tenant,
    mut objects: Vec<(Listed, Owner)>,
) -> Result<Vec<String>, DatabaseError> {
    // An object that is older than its tenant is that of another database's tenant.
    objects.retain(|(object, _)| object.modified >= tenant.created_at);
    let running = running(db, &objects).await?;
    let named = match named(db, tenant, &objects).await {
        Ok(named) => named,
        // One tenant's broken schema must not keep the bucket of all others unswept.
        Err(error) if !error.is_unavailable() => {
            tracing::error!(
                tenant = %tenant.slug, error = &error as &dyn std::error::Error, "a tenant's objects are not swept"
            );
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let is_orphan = |(object, owner): &(Listed, Owner)| {
        let runs = lease_of(owner).is_some_and(|(job, lease)| running.contains(&(job.0, lease)));
        !runs && !named.contains(&object.key)
    };
    Ok(objects.into_iter().filter(is_orphan).map(|(object, _)| object.key).collect())
}

/// The lease that made what belongs to it.
fn lease_of(owner: &Owner) -> Option<(JobId, i32)> {
    match owner {
        Owner::Lease(job, lease, _) | Owner::Checkpoint(job, lease, _) => Some((*job, *lease)),
        Owner::Service(_) | Owner::Upload(_) => None,
    }
}

/// The leases that run, among those that the objects belong to.
async fn running(db: &Db, objects: &[(Listed, Owner)]) -> Result<HashSet<(Uuid, i32)>, DatabaseError> {
    let jobs: Vec<Uuid> =
        objects.iter().filter_map(|(_, owner)| lease_of(owner)).map(|(job, _)| job.0).collect();
    let rows = sqlx::query!(
        "select job_id, lease from esteira.queue where job_id = any ($1) and state = 'running'",
        &jobs
    )
    .fetch_all(db.pool())
    .await?;
    Ok(rows.into_iter().map(|row| (row.job_id, row.lease)).collect())
}

/// The keys that rows name, found by the primary keys of the rows.
async fn named(
    db: &Db,
    tenant: &Tenant,
    objects: &[(Listed, Owner)],
) -> Result<HashSet<String>, DatabaseError> {
    let (mut jobs, mut names, mut uploads) = (Vec::new(), Vec::new(), Vec::new());
    let mut unfinished = Vec::new();
    for (_, owner) in objects {
        match owner {
            Owner::Lease(job, _, name) => {
                jobs.push(job.0);
                names.push(name.clone());
            }
            Owner::Checkpoint(job, ..) | Owner::Service(job) => unfinished.push(job.0),
            Owner::Upload(id) => uploads.push(id.0),
        }
    }
    let mut tx = db.begin_as(tenant).await?;
    let mut keys = HashSet::new();
    if checkpoint::are_kept_by(tenant) {
        keys.extend(checkpoint::keys_of(tx.conn(), tenant.id, &unfinished).await?);
    }
    if tenant.announces_uploads() {
        // Before the uploads that are complete: one that is completed in between is seen as one or the other.
        let announced =
            sqlx::query_scalar!("select object_key from unfinished_uploads where id = any ($1)", &uploads)
                .fetch_all(tx.conn())
                .await?;
        keys.extend(announced);
    }
    let named = sqlx::query_scalar!(
        r#"select object_key as "key!" from artifacts
           where (job_id, name) in (select * from unnest($1::uuid[], $2::text[]))
           union all
           select object_key from uploads where id = any ($3)"#,
        &jobs,
        &names,
        &uploads
    )
    .fetch_all(tx.conn())
    .await?;
    keys.extend(named);
    tx.commit().await?;
    Ok(keys)
}
