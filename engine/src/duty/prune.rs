//! What of a tenant's has been kept long enough? It goes: the rows, then the objects that they name.
//!
//! In that order no job can come to name a file that is gone: the rows are locked, and whoever submits a job that names
//! one of them either came before, and keeps it, or is told that there is none. A crash in between leaves objects that
//! no row names, which the sweep finds. No transaction stays open while the object store is asked.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::expired::{Sort, delete_keys, named_by_schedules};
use super::unfinished::{abort, forget, mark};
use super::{Leadership, RetentionOptions};
use crate::Engine;
use crate::artifact::{BindError, Store, StoreError};
use crate::checkpoint;
use crate::db::{DatabaseError, Db};
use crate::document;
use crate::id::{JobId, TenantId};
use crate::schedule::SINCE_VERSION as SCHEDULES_SINCE;
use crate::service;
use crate::tenant::{Slug, Tenant, TenantState, by_id};
use crate::usage::fold;
use crate::webhook::SINCE_VERSION as WEBHOOKS_SINCE;

/// The most jobs, uploads and deliveries of one step; a tenant that has more comes again after the others.
const MOST: usize = 1000;
/// So many jobs of one step a service may not let go of before it is asked for no further ones: each may take its time.
const MOST_REFUSALS: usize = 15;

/// What a step has pruned.
#[derive(Debug)]
pub struct Pruned {
    /// Whose.
    pub tenant: Slug,
    /// Jobs, with all that is theirs.
    pub jobs: usize,
    /// Uploads.
    pub uploads: usize,
    /// Idempotency keys with their answers.
    pub keys: usize,
    /// Deliveries of webhooks.
    pub deliveries: usize,
    /// What became of due instants of schedules.
    pub runs: usize,
    /// Uploads that nobody completed in time.
    pub unfinished: usize,
    /// Jobs that ended without their worker, whose checkpoints are gone now.
    pub checkpoints: usize,
}

/// A step was not finished; another one goes on.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// Somebody else leads now.
    #[error("another process leads now")]
    Deposed,
    /// The object store failed.
    #[error("failed to delete old objects of tenant {tenant}")]
    Objects {
        /// Whose.
        tenant: Slug,
        /// Why.
        source: StoreError,
    },
    /// The objects that bear the tenant's number are not known to be its own.
    #[error("the files of tenant {tenant} are not in this bucket")]
    Bucket {
        /// Whose.
        tenant: Slug,
        /// Why.
        source: BindError,
    },
    /// Rows could not be found or deleted.
    #[error("failed to prune old rows of tenant {tenant}")]
    Rows {
        /// Whose.
        tenant: Slug,
        /// Why.
        source: DatabaseError,
    },
    /// The database is away.
    #[error("failed to look for a tenant to prune")]
    Database(#[from] DatabaseError),
}

/// Prunes some of the tenant whose turn it is; `None` when nobody's is.
///
/// # Errors
/// See [`PruneError`].
pub async fn prune_once(
    db: &Db,
    store: &Store,
    options: &RetentionOptions,
    leadership: &Leadership,
) -> Result<Option<Pruned>, PruneError> {
    prune(db, store, None, options, leadership).await
}

/// The same; with an engine, services are asked to let go of jobs that are over.
pub(super) async fn prune(
    db: &Db,
    store: &Store,
    engine: Option<&Engine>,
    options: &RetentionOptions,
    leadership: &Leadership,
) -> Result<Option<Pruned>, PruneError> {
    let Some((tenant, now)) = next_due(db, options).await? else { return Ok(None) };
    let Some(tenant) = by_id(db.pool(), tenant).await? else { return Ok(None) };
    let mut pruned = Pruned {
        tenant: tenant.slug.clone(),
        jobs: 0,
        uploads: 0,
        keys: 0,
        deliveries: 0,
        runs: 0,
        unfinished: 0,
        checkpoints: 0,
    };
    // One that is being removed loses all anyway; one that is not migrated yet has no ledger for what its jobs used.
    if tenant.state == TenantState::Deleting || !tenant.keeps_usage() {
        return Ok(Some(pruned));
    }
    let limits = &tenant.limits;
    let pruning = Pruning { db, store, engine, tenant: &tenant, leadership, batch: options.batch.max(1) };
    let mut more = false;
    for (sort, retention, count) in [
        (Sort::Jobs, limits.retention_days.unwrap_or(options.jobs), &mut pruned.jobs),
        (Sort::Uploads, limits.upload_retention_days.unwrap_or(options.uploads), &mut pruned.uploads),
        (Sort::Deliveries, options.deliveries, &mut pruned.deliveries),
        // As long as the jobs that they name.
        (Sort::Runs, limits.retention_days.unwrap_or(options.jobs), &mut pruned.runs),
    ] {
        // A tenant that is not migrated yet has none.
        let since = match sort {
            Sort::Deliveries => WEBHOOKS_SINCE,
            Sort::Runs => SCHEDULES_SINCE,
            Sort::Jobs | Sort::Uploads => 0,
        };
        if tenant.schema_version < since {
            continue;
        }
        if let Some(cutoff) = retention.cutoff(now) {
            *count = pruning.some(sort, cutoff).await?;
            more |= *count >= MOST;
        }
    }
    pruned.keys = pruning.keys(options.idempotency).await?;
    pruned.unfinished = pruning.give_up().await?;
    pruned.checkpoints = pruning.checkpoints().await?;
    pruning.fold().await?;
    if more || pruned.keys >= MOST || pruned.unfinished >= MOST || pruned.checkpoints >= MOST {
        sqlx::query!("update esteira.prunes set due_at = esteira.now() where tenant_id = $1", tenant.id.0)
            .execute(db.pool())
            .await
            .map_err(DatabaseError::from)?;
    }
    Ok(Some(pruned))
}

/// The tenant that waits longest, and what time it is. Its next turn is set at once, so that a tenant that cannot be
/// pruned does not stand in the way of the others.
async fn next_due(
    db: &Db,
    options: &RetentionOptions,
) -> Result<Option<(TenantId, DateTime<Utc>)>, DatabaseError> {
    let row = sqlx::query!(
        r#"update esteira.prunes set due_at = esteira.now() + make_interval(secs => $1)
           where tenant_id = (select tenant_id from esteira.prunes where due_at <= esteira.now()
                              order by due_at limit 1 for update skip locked)
           returning tenant_id, esteira.now() as "now!""#,
        options.prune_every.as_secs_f64()
    )
    .fetch_optional(db.pool())
    .await?;
    Ok(row.map(|row| (TenantId(row.tenant_id), row.now)))
}

/// What went with a batch.
struct Gone {
    /// How many.
    pruned: usize,
    /// The keys of their objects, which go next.
    keys: Vec<String>,
    /// Documents that were searched.
    documents: Vec<Uuid>,
}

struct Pruning<'a> {
    db: &'a Db,
    store: &'a Store,
    /// What services are asked with.
    engine: Option<&'a Engine>,
    tenant: &'a Tenant,
    leadership: &'a Leadership,
    batch: usize,
}

impl Pruning<'_> {
    /// Prunes [`MOST`] or a few more of what ended before `cutoff`; fewer than that are all there were.
    async fn some(&self, sort: Sort, cutoff: DateTime<Utc>) -> Result<usize, PruneError> {
        let mut pruned = 0;
        let mut after = Uuid::nil();
        while pruned < MOST {
            let page = self.page(sort, cutoff, after).await.map_err(|source| self.rows(source))?;
            for batch in page.chunks(self.batch) {
                pruned += self.batch(sort, batch, cutoff).await?;
            }
            let Some(last) = page.last().filter(|_| page.len() == MOST) else { break };
            after = *last;
        }
        Ok(pruned)
    }

    /// Prunes [`MOST`] or a few more of the idempotency keys whose time is over. What they answered for stays.
    async fn keys(&self, good_for: Duration) -> Result<usize, PruneError> {
        let mut pruned = 0;
        while pruned < MOST {
            let mut tx = self.begin().await?;
            let gone =
                delete_keys(tx.conn(), good_for, self.batch).await.map_err(|source| self.rows(source))?;
            tx.commit().await.map_err(|source| self.rows(source))?;
            pruned += gone;
            if gone < self.batch {
                break;
            }
        }
        Ok(pruned)
    }

    /// The next that are expired.
    async fn page(&self, sort: Sort, cutoff: DateTime<Utc>, after: Uuid) -> Result<Vec<Uuid>, DatabaseError> {
        let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
        let mut tx = self.db.begin_as(self.tenant).await?;
        let expired = sort.expired(tx.conn(), cutoff, after, limit).await?;
        tx.commit().await?;
        Ok(expired)
    }

    /// Those of a batch that nobody needs go, rows and then objects, as long as this is the leader.
    async fn batch(&self, sort: Sort, ids: &[Uuid], cutoff: DateTime<Utc>) -> Result<usize, PruneError> {
        if matches!(sort, Sort::Jobs | Sort::Uploads) {
            self.store.check_bound(self.db).await.map_err(|error| self.bucket(error))?;
        }
        let mut tx = self.begin().await?;
        let Gone { pruned, keys, documents } =
            self.delete_rows(tx.conn(), sort, ids, cutoff).await.map_err(|source| self.rows(source))?;
        let mut tx = tx.leave().await.map_err(|source| self.rows(source))?;
        document::note(tx.conn(), self.tenant.id, &documents).await.map_err(|source| self.rows(source))?;
        tx.commit().await.map_err(|source| self.rows(source))?;
        self.store
            .delete(&keys)
            .await
            .map_err(|source| PruneError::Objects { tenant: self.tenant.slug.clone(), source })?;
        Ok(pruned)
    }

    /// Deletes rows of a batch.
    async fn delete_rows(
        &self,
        conn: &mut PgConnection,
        sort: Sort,
        ids: &[Uuid],
        cutoff: DateTime<Utc>,
    ) -> Result<Gone, DatabaseError> {
        let mut free = sort.lock(conn, ids, cutoff).await?;
        // A statement of its own, so that it sees what was committed before the lock was had.
        let mut needed: HashSet<Uuid> = sort.needed(conn, &free).await?.into_iter().collect();
        if matches!(sort, Sort::Jobs | Sort::Uploads) && self.tenant.schema_version >= SCHEDULES_SINCE {
            needed.extend(named_by_schedules(conn, &free).await?);
        }
        free.retain(|id| !needed.contains(id));
        let keys = sort.objects(conn, &free).await?;
        let documents = match sort {
            Sort::Jobs if document::are_kept_by(self.tenant) => document::forget(conn, &free).await?,
            _ => Vec::new(),
        };
        sort.delete(conn, &free).await?;
        Ok(Gone { pruned: free.len(), keys, documents })
    }

    /// Gives up the uploads that were not completed in time.
    async fn give_up(&self) -> Result<usize, PruneError> {
        let mut tx = self.begin().await?;
        let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
        let late = mark(tx.conn(), limit).await.map_err(|source| self.rows(source))?;
        tx.commit().await.map_err(|source| self.rows(source))?;
        if late.is_empty() {
            return Ok(0);
        }
        self.store.check_bound(self.db).await.map_err(|error| self.bucket(error))?;
        abort(self.store, &late)
            .await
            .map_err(|source| PruneError::Objects { tenant: self.tenant.slug.clone(), source })?;
        let mut tx = self.begin().await?;
        forget(tx.conn(), &late).await.map_err(|source| self.rows(source))?;
        tx.commit().await.map_err(|source| self.rows(source))?;
        Ok(late.len())
    }

    /// Lets go of the checkpoints of jobs that ended without their worker. Services are asked first: the row of a job that
    /// one of them keeps stays, and it is asked again in the tenant's next turn.
    async fn checkpoints(&self) -> Result<usize, PruneError> {
        let (mut gone, mut refused) = (0, 0);
        let mut after = JobId(Uuid::nil());
        while gone < MOST && refused < MOST_REFUSALS {
            let mut tx = self.begin().await?;
            let over = checkpoint::all_that_are_over(tx.conn(), self.tenant, after, self.batch)
                .await
                .map_err(|source| self.rows(source))?;
            tx.commit().await.map_err(|source| self.rows(source))?;
            let Some((last, _)) = over.last() else { break };
            after = *last;
            let mut free = Vec::with_capacity(over.len());
            for (job, lease) in over {
                if self.is_forgotten(job).await {
                    free.push((job, lease));
                    continue;
                }
                refused += 1;
                if refused >= MOST_REFUSALS {
                    break;
                }
            }
            gone += self.checkpoints_of(&free).await?;
        }
        Ok(gone)
    }

    /// Whether no service knows a job any more.
    async fn is_forgotten(&self, job: JobId) -> bool {
        match self.engine {
            Some(engine) => service::forget(engine, self.tenant.id, job, engine.catalog.iter()).await,
            None => true,
        }
    }

    /// Deletes the rows of some jobs, and then their objects.
    async fn checkpoints_of(&self, jobs: &[(JobId, i32)]) -> Result<usize, PruneError> {
        if jobs.is_empty() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        for (job, lease) in jobs {
            checkpoint::delete_up_to(tx.conn(), *job, *lease).await.map_err(|source| self.rows(source))?;
        }
        tx.commit().await.map_err(|source| self.rows(source))?;
        self.store.check_bound(self.db).await.map_err(|error| self.bucket(error))?;
        for (job, lease) in jobs {
            checkpoint::delete_objects(self.store, self.tenant.id, *job, *lease)
                .await
                .map_err(|source| PruneError::Objects { tenant: self.tenant.slug.clone(), source })?;
        }
        Ok(jobs.len())
    }

    /// Folds the tenant's ledger, of which settles fold what they leave only now and then.
    async fn fold(&self) -> Result<(), PruneError> {
        let mut tx = self.begin().await?;
        fold(tx.conn(), self.tenant).await.map_err(|source| self.rows(source))?;
        tx.commit().await.map_err(|source| self.rows(source))
    }

    /// A transaction of the leader's under the tenant's role.
    async fn begin(&self) -> Result<crate::db::TenantTx, PruneError> {
        let mut tx = self.db.begin().await?;
        if !self.leadership.holds(&mut tx).await? {
            return Err(PruneError::Deposed);
        }
        tx.enter(self.tenant).await.map_err(|source| self.rows(source))
    }

    fn bucket(&self, error: BindError) -> PruneError {
        let tenant = self.tenant.slug.clone();
        match error {
            BindError::Store(source) => PruneError::Objects { tenant, source },
            BindError::Database(source) => PruneError::Rows { tenant, source },
            source => PruneError::Bucket { tenant, source },
        }
    }

    fn rows(&self, source: DatabaseError) -> PruneError {
        PruneError::Rows { tenant: self.tenant.slug.clone(), source }
    }
}
