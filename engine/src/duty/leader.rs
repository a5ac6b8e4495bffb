//! Who leads? Whoever holds the row, until its lease runs out by the database's clock.
//!
//! A leased row and not an advisory lock: behind a pooler in transaction mode a session lock belongs to nobody in
//! particular. The holder trusts its own lease only inside a transaction that has the row locked
//! ([`Leadership::holds`]): a takeover waits for that commit, so what the transaction writes is written by the leader.

use std::time::Duration;

use crate::db::{DatabaseError, Db, EngineTx, answered};
use crate::id::WorkerId;

/// The right to do something for everybody, as long as its lease lasts.
#[derive(Debug, Clone)]
pub struct Leadership {
    name: &'static str,
    holder: WorkerId,
    term: i64,
}

/// Takes the lead where nobody has it, or renews it; `None` while somebody else leads.
///
/// # Errors
/// When the database is away.
pub async fn lead(
    db: &Db,
    name: &'static str,
    holder: WorkerId,
    lease: Duration,
) -> Result<Option<Leadership>, DatabaseError> {
    // Those who do not lead only read. Of two who find the lease run out, the second waits for the first one's row
    // and then finds its lease good.
    let term = sqlx::query_scalar!(
        "insert into esteira.leaders as held (name, holder, term, lease_until)
         select $1, $2, 1, esteira.now() + make_interval(secs => $3)
         where not exists (select from esteira.leaders
                           where name = $1 and holder <> $2 and lease_until > esteira.now())
         on conflict (name) do update
         set holder = excluded.holder, lease_until = excluded.lease_until,
             term = held.term + (held.holder <> excluded.holder)::integer
         where held.holder = excluded.holder or held.lease_until <= esteira.now()
         returning term",
        name,
        holder.0,
        lease.as_secs_f64()
    )
    .fetch_optional(db.pool())
    .await;
    // Who cannot ask does not know, and is no leader as far as anybody can tell.
    db.meter().lead().asked(name, term.as_ref().ok().copied().flatten());
    Ok(term?.map(|term| Leadership { name, holder, term }))
}

impl Leadership {
    /// How often the lead has changed hands.
    #[must_use]
    pub fn term(&self) -> i64 {
        self.term
    }

    /// Whether this is still the leader; if so, nobody else becomes it before the transaction ends.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn holds(&self, tx: &mut EngineTx) -> Result<bool, DatabaseError> {
        let held = sqlx::query_scalar!(
            r#"select true as "held!" from esteira.leaders
               where name = $1 and holder = $2 and term = $3 and lease_until > esteira.now() for share"#,
            self.name,
            self.holder.0,
            self.term
        )
        .fetch_optional(tx.conn())
        .await?;
        Ok(held.is_some())
    }

    /// Renews the lease; tells whether this is still the leader, in the same term.
    ///
    /// # Errors
    /// When the database is away: then nobody knows.
    pub async fn renew(&self, db: &Db, lease: Duration) -> Result<bool, DatabaseError> {
        let held = answered(lead(db, self.name, self.holder, lease)).await?;
        Ok(held.is_some_and(|held| held.term == self.term))
    }

    /// Gives the lead up, so that nobody has to wait for the lease to run out.
    ///
    /// # Errors
    /// When the database is away; the lease then runs out.
    pub async fn step_down(self, db: &Db) -> Result<(), DatabaseError> {
        db.meter().lead().asked(self.name, None);
        sqlx::query!(
            "update esteira.leaders set lease_until = esteira.now()
             where name = $1 and holder = $2 and term = $3",
            self.name,
            self.holder.0,
            self.term
        )
        .execute(db.pool())
        .await?;
        Ok(())
    }
}
