//! When does a scheduled job become ready? As soon as somebody looks after its time has come.

use crate::db::{DatabaseError, Db};

/// Jobs moved in one statement, and as many again of tenants with few among them.
const BATCH: i32 = 500;

/// What a look for due jobs found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promoted {
    /// The kinds of the jobs that are queued now.
    pub kinds: Vec<String>,
    /// Whether there may be more of them.
    pub more: bool,
}

/// What a worker is told when it looks around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// Due jobs that were queued.
    pub promoted: Promoted,
    /// Those of its kinds that have lanes with work.
    pub waiting: Vec<String>,
    /// Whether a worker is silent, and its jobs are to be rescued.
    pub silent: bool,
}

/// Moves due jobs to `queued`, and tells what else there is to do, by one statement: every worker asks this all the time,
/// and an idle one little else, however many kinds it has.
///
/// # Errors
/// When the database is away.
pub async fn look_around(db: &Db, kinds: &[&str]) -> Result<Around, DatabaseError> {
    // From the back of `lanes_turn`, since what a transaction that is held open keeps of it lies in front.
    let found = sqlx::query!(
        r#"select due.kinds as "kinds!", due.more as "more!", array(
               select asked.kind from unnest($2::text[]) as asked (kind)
               where (select true from esteira.lanes as l where l.kind = asked.kind and l.active
                      order by l.served desc limit 1)
                  or exists (select from esteira.lanes as l where l.aside and l.kind = asked.kind)
           ) as "waiting!",
           exists (select from esteira.workers as w where w.lease_until <= esteira.now() or w.lost_at is not null)
               as "silent!"
           from esteira.promote($1) as due"#,
        BATCH,
        kinds as &[&str]
    )
    .fetch_one(db.pool())
    .await?;
    let promoted = Promoted { kinds: found.kinds, more: found.more };
    Ok(Around { promoted, waiting: found.waiting, silent: found.silent })
}

/// Moves due jobs to `queued`. Safe to run in every process.
///
/// # Errors
/// When the database is away.
pub async fn promote(db: &Db) -> Result<Promoted, DatabaseError> {
    let promoted = sqlx::query_as!(
        Promoted,
        r#"select kinds as "kinds!", more as "more!" from esteira.promote($1)"#,
        BATCH
    );
    Ok(promoted.fetch_one(db.pool()).await?)
}
