//! What does the database hold? Read behind the verbs' backs, of all tenants at once.

use chrono::{DateTime, Utc};
use esteira_engine::id::{JobId, WorkerId};
use esteira_engine::tenant::Tenant;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, FromRow};

/// One of a job's places: its row in the queue, or its outcome, which has no more than state and attempt.
#[derive(Debug, FromRow)]
pub struct Place {
    pub job_id: JobId,
    pub tenant_id: i32,
    pub state: String,
    pub attempt: i16,
    pub crashes: Option<i16>,
    pub lease: Option<i32>,
    pub worker_id: Option<WorkerId>,
    pub ready_at: Option<DateTime<Utc>>,
    pub cancel_requested: Option<bool>,
}

/// Statements that look at all tenants at once, which only the superuser may.
pub struct Look {
    pool: PgPool,
    places: String,
    submitted: String,
    endings: String,
    clear: String,
}

impl Look {
    pub async fn new(superuser_url: &str, tenants: &[Tenant]) -> Self {
        let of_each = |part: &dyn Fn(&Tenant, String) -> String| {
            tenants.iter().map(|tenant| part(tenant, tenant.slug.schema().to_string())).collect::<Vec<_>>()
        };
        let places = of_each(&|tenant, schema| {
            format!(
                "select job_id, {}, state, attempt, null, null, null, null, null from {schema}.outcomes",
                tenant.id
            )
        });
        let submitted =
            of_each(&|tenant, schema| format!("select {}, count(*) from {schema}.jobs", tenant.id));
        let endings = of_each(&|_, schema| {
            format!(
                // A success that has no more to tell is told by its outcome alone.
                "select job_id, lease, ended_as from {schema}.attempts
             union select job_id, lease, state from {schema}.outcomes where state = 'succeeded'"
            )
        });
        let clear = of_each(&|_, schema| {
            format!(
                "delete from {schema}.jobs; delete from {schema}.outcomes; delete from {schema}.attempts;"
            )
        });
        Self {
            pool: PgPool::connect(superuser_url).await.unwrap(),
            places: format!(
                "select job_id, tenant_id, state, attempt, crashes, lease, worker_id, ready_at,
                        cancel_requested_at is not null as cancel_requested
                 from esteira.queue union all {}",
                places.join(" union all ")
            ),
            submitted: submitted.join(" union all "),
            endings: endings.join(" union all "),
            clear: format!(
                "delete from esteira.queue; delete from esteira.dependencies; delete from esteira.workers; delete from esteira.lanes;
                 delete from esteira.virtual_times; {}",
                clear.concat()
            ),
        }
    }

    /// Takes everything away but the tenants.
    pub async fn clear(&self) {
        sqlx::raw_sql(AssertSqlSafe(self.clear.clone())).execute(&self.pool).await.unwrap();
    }

    /// Sets the one clock of the queue.
    pub async fn set_clock(&self, now: DateTime<Utc>) {
        let sql = format!(
            "create or replace function esteira.now() returns timestamptz language sql stable parallel safe
             return timestamptz '{}'",
            now.to_rfc3339()
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&self.pool).await.unwrap();
    }

    pub async fn places(&self) -> Vec<Place> {
        sqlx::query_as(AssertSqlSafe(self.places.clone())).fetch_all(&self.pool).await.unwrap()
    }

    /// By tenant, how many jobs were written.
    pub async fn submitted(&self) -> Vec<(i32, i64)> {
        sqlx::query_as(AssertSqlSafe(self.submitted.clone())).fetch_all(&self.pool).await.unwrap()
    }

    /// How leases ended.
    pub async fn endings(&self) -> Vec<(JobId, i32, Option<String>)> {
        sqlx::query_as(AssertSqlSafe(self.endings.clone())).fetch_all(&self.pool).await.unwrap()
    }

    pub async fn workers(&self) -> Vec<(WorkerId, DateTime<Utc>, bool)> {
        sqlx::query_as("select id, lease_until, lost_at is not null from esteira.workers")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    /// Jobs that no claim will ever look for, since their lane rests.
    pub async fn forgotten(&self) -> i64 {
        sqlx::query_scalar(
            "select count(*) from esteira.queue as q where q.state = 'queued' and not exists
             (select from esteira.lanes as l where l.tenant_id = q.tenant_id and l.kind = q.kind and l.active)",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap()
    }
}
