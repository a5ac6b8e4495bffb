//! What else is there to watch? Tenants, webhooks, schedules and Postgres itself, from control rows and statistics alone.

use crate::db::{DatabaseError, Db, EngineTx};
use crate::metrics::{DatabaseOverview, TableOverview};
use crate::migrate::{TENANT_MIGRATIONS, newest};

/// Signals of webhooks that are looked through; more of them are as bad.
const SIGNALS: i64 = 10_000;

/// What stands around the queue.
#[derive(Debug)]
pub(super) struct Around {
    pub tenants: i64,
    pub tenants_behind: i64,
    pub webhooks_waiting: i64,
    pub webhooks_oldest_seconds: f64,
    pub schedules_due: i64,
    pub schedules_late_seconds: f64,
    pub database: DatabaseOverview,
}

/// Looks around. What a webhook is told just now does not wait.
pub(super) async fn around(db: &Db) -> Result<Around, DatabaseError> {
    let mut tx = db.begin().await?;
    let row = sqlx::query!(
        r#"select (select count(*) from esteira.tenants where state <> 'deleting') as "tenants!",
                  (select count(*) from esteira.tenants where state <> 'deleting' and schema_version <> $1)
                      as "tenants_behind!",
                  (select count(*) from (
                       (select tenant_id from esteira.webhook_turns
                        where due_at <= esteira.now() and coalesce(held_until <= esteira.now(), true))
                       union (select tenant_id from esteira.webhook_signals order by id limit $2)) as waiting)
                      as "webhooks_waiting!",
                  extract(epoch from greatest(interval '0', esteira.now() - least(
                      (select min(due_at) from esteira.webhook_turns
                       where due_at <= esteira.now() and coalesce(held_until <= esteira.now(), true)),
                      (select created_at from esteira.webhook_signals order by id limit 1))))::double precision
                      as "webhooks_oldest!",
                  (select count(*) from esteira.schedules as s join esteira.tenants as t on t.id = s.tenant_id
                   where s.fire_at <= esteira.now() and t.state = 'active') as "schedules_due!",
                  (select coalesce(extract(epoch from greatest(esteira.now() - min(s.fire_at), interval '0')), 0)
                   from esteira.schedules as s join esteira.tenants as t on t.id = s.tenant_id
                   where s.fire_at <= esteira.now() and t.state = 'active')::double precision as "schedules_late!",
                  current_setting('max_connections')::bigint as "most_sessions!""#,
        newest(&TENANT_MIGRATIONS),
        SIGNALS
    )
    .fetch_one(tx.conn())
    .await?;
    let tables = sqlx::query_as!(
        TableOverview,
        r#"select c.relname::text as "table!", pg_stat_get_dead_tuples(c.oid) as "dead_rows!",
                  pg_total_relation_size(c.oid) as "bytes!"
           from pg_class as c
           where c.oid in ('esteira.queue'::regclass, 'esteira.lanes'::regclass)"#
    )
    .fetch_all(tx.conn())
    .await?;
    let sessions = sessions(&mut tx).await?;
    tx.commit().await?;
    Ok(Around {
        tenants: row.tenants,
        tenants_behind: row.tenants_behind,
        webhooks_waiting: row.webhooks_waiting,
        webhooks_oldest_seconds: row.webhooks_oldest,
        schedules_due: row.schedules_due,
        schedules_late_seconds: row.schedules_late,
        database: DatabaseOverview {
            sessions: sessions.map(|(count, _)| count),
            most_sessions: row.most_sessions,
            oldest_transaction_seconds: sessions.map(|(_, oldest)| oldest),
            tables,
        },
    })
}

/// How many sessions there are, and for how many seconds the oldest transaction of others has lasted; none where our role may not
/// see them. It inherits nothing, lest it have the rights of every tenant, so it takes the role that may: for the rest of the
/// transaction.
async fn sessions(tx: &mut EngineTx) -> Result<Option<(i64, f64)>, DatabaseError> {
    let may = sqlx::query_scalar!(
        r#"select set_config('role', 'pg_read_all_stats', true) as "role!"
           where pg_has_role(current_user, 'pg_read_all_stats', 'member')"#
    );
    if may.fetch_optional(tx.conn()).await?.is_none() {
        return Ok(None);
    }
    let row = sqlx::query!(
        r#"select count(*) as "sessions!",
                  coalesce(extract(epoch from max(clock_timestamp() - xact_start)
                      filter (where datname = current_database() and pid <> pg_backend_pid())), 0)::double precision
                      as "oldest_transaction!"
           from pg_stat_activity where backend_type = 'client backend'"#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Some((row.sessions, row.oldest_transaction)))
}
