//! What may the trusted half of a kind read? Rows of one tenant, under its role, as they stood at one moment.
//!
//! A snapshot is one read-only transaction (repeatable read) in the tenant's schema. It is short: whoever prepares reads what is
//! needed and lets it go, before anything is run. Lists are cut at a number of rows, and say how many there are; names that
//! tenants give are cut at 300 characters, messages at 1,000 and codes at 100, so that a row is never long.

mod ended;
mod failed;
mod judged;
mod made;
mod rows;
mod used;

use chrono::{DateTime, Utc};

use crate::db::{DatabaseError, Db, TenantTx};
use crate::id::JobId;
use crate::job::KindError;
use crate::tenant::{Retention, Tenant};

pub use rows::{
    Between, Days, FailedSo, JudgedDocument, JudgedMedia, List, MadeBy, TookLong, UsedOn, WaitedFor, Warned,
};

/// The rows of a tenant at one moment.
pub struct Snapshot {
    tx: TenantTx,
    tenant: String,
    job: JobId,
    now: DateTime<Utc>,
    due: DateTime<Utc>,
    kept_since: Option<DateTime<Utc>>,
}

impl Snapshot {
    /// Begins one for a job, where the operator keeps jobs for some time. Isolation is set before the role, since the first
    /// query takes the snapshot.
    pub(crate) async fn begin(
        db: &Db,
        tenant: &Tenant,
        job: JobId,
        kept: Retention,
    ) -> Result<Self, DatabaseError> {
        db.meet([tenant.id]);
        let mut tx = db.begin().await?;
        sqlx::raw_sql("set transaction isolation level repeatable read, read only")
            .execute(tx.conn())
            .await?;
        let mut tx = tx.enter(tenant).await?;
        let row = sqlx::query!(
            r#"select esteira.now() as "now!",
                      (select left(j.metadata ->> 'due_at', 100) from jobs as j
                       where j.id = $1 and j.metadata ->> 'schedule_id' is not null) as due_at"#,
            job.0
        )
        .fetch_one(tx.conn())
        .await?;
        let now = row.now;
        // Metadata are the tenant's to write: what is no instant, or has not come, is none of a schedule.
        let due = row.due_at.and_then(|due| due.parse::<DateTime<Utc>>().ok()).filter(|due| *due <= now);
        Ok(Self {
            tx,
            tenant: tenant.slug.as_str().to_owned(),
            job,
            now,
            due: due.unwrap_or(now),
            kept_since: tenant.limits.retention_days.unwrap_or(kept).cutoff(now),
        })
    }

    /// The tenant's slug.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The instant for which the job runs: the due time, where a schedule has submitted it, and the moment otherwise.
    #[must_use]
    pub fn due(&self) -> DateTime<Utc> {
        self.due
    }

    /// Since when jobs are kept: those that ended before are pruned, or will be at any time. The ledger still counts them.
    #[must_use]
    pub fn kept_since(&self) -> Option<DateTime<Utc>> {
        self.kept_since
    }

    /// Lets the snapshot go.
    pub(crate) async fn end(self) -> Result<(), DatabaseError> {
        self.tx.commit().await
    }
}

/// A verb of the snapshot failed: for the kind, in words fit for the tenant.
impl From<DatabaseError> for KindError {
    fn from(error: DatabaseError) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "a snapshot could not be read");
        match error.is_unavailable() {
            true => Self::retry("database_unavailable", "the database was away"),
            false => Self::retry("internal", "the tenant's rows could not be read"),
        }
    }
}
