//! What may the trusted half of a kind read? Rows of one tenant, under its role, as they stood at one moment.
//!
//! A snapshot is one read-only transaction (repeatable read) in the tenant's schema. It is short: whoever prepares reads what is
//! needed and lets it go, before anything is run. Lists are cut at a number of rows, and say how many there are.

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
use crate::tenant::Tenant;

pub use rows::{
    Between, Days, EndedOn, FailedSo, JudgedDocument, JudgedMedia, List, MadeBy, TookLong, UsedOn, WaitedFor,
    Warned,
};

/// The rows of a tenant at one moment.
pub struct Snapshot {
    tx: TenantTx,
    tenant: String,
    job: JobId,
    now: DateTime<Utc>,
}

impl Snapshot {
    /// Begins one for a job. Isolation is set before the role, since the first query takes the snapshot.
    pub(crate) async fn begin(db: &Db, tenant: &Tenant, job: JobId) -> Result<Self, DatabaseError> {
        db.meet([tenant.id]);
        let mut tx = db.begin().await?;
        sqlx::raw_sql("set transaction isolation level repeatable read, read only")
            .execute(tx.conn())
            .await?;
        let mut tx = tx.enter(tenant).await?;
        let now = sqlx::query_scalar!(r#"select esteira.now() as "now!""#).fetch_one(tx.conn()).await?;
        let slug = tenant.slug.as_str().to_owned();
        Ok(Self { tx, tenant: slug, job, now })
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
