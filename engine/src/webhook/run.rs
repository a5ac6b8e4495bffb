//! Whose turn is it? The leader takes the signals, and gives each tenant that has something due a task of its own.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rand::Rng;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::DeliveryOptions;
use super::turn::Deliverer;
use crate::Engine;
use crate::db::{DatabaseError, Db, answered};
use crate::duty::{Leadership, lead};
use crate::id::{TenantId, WorkerId};

/// The name under which deliveries are led.
const NAME: &str = "webhooks";
/// How often a lease is renewed before it runs out.
const RENEWALS_PER_LEASE: u32 = 3;
/// Turns at the same moment, of places: those beyond wait for a place, and cost little.
const TURNS_PER_PLACE: usize = 4;
/// Signals that are taken at once.
const SIGNALS: i64 = 10_000;
/// A turn that has broken off without a word is taken up again after so long.
const HOLD: Duration = Duration::from_secs(30);
/// How often a turn that takes long is told to be held before that runs out.
const HOLDS_PER_TURN: u32 = 3;
/// What a worker that ends gives the database to hear of it.
const STEP_DOWN: Duration = Duration::from_secs(5);

/// A turn under way: whose, and its row's version, so that a change of the row in between is noticed.
type Turn = (TenantId, i64);

/// Leads, or waits to, until the worker has ended.
pub async fn run(
    engine: Engine,
    options: DeliveryOptions,
    holder: WorkerId,
    lease: Duration,
    ended: CancellationToken,
) {
    let deliverer = Arc::new(Deliverer::new(engine.db, engine.store, options));
    let mut turns = Turns::default();
    let mut leading: Option<Leadership> = None;
    let mut asked: Option<Instant> = None;
    let mut next_look = Instant::now();
    loop {
        tokio::select! {
            // At an instant of its own, so that turns which end one after the other do not put it off.
            () = sleep_until(next_look) => {}
            Some(turn) = turns.tasks.join_next_with_id() => {
                turns.ended(&deliverer, turn).await;
                continue;
            }
            () = ended.cancelled() => break,
        }
        next_look = Instant::now() + deliverer.options.poll.mul_f64(rand::rng().random_range(0.8..1.0));
        if asked.is_none_or(|asked| asked.elapsed() >= lease / RENEWALS_PER_LEASE) {
            asked = Some(Instant::now());
            leading = ask(&deliverer.db, holder, lease).await;
        }
        if leading.is_none() {
            // Whoever leads now takes up what is broken off here.
            turns = Turns::default();
        } else if let Err(error) = turns.begin(&deliverer).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "webhooks not looked after");
        }
    }
    drop(turns);
    if let Some(leadership) = leading {
        let stepped = timeout(STEP_DOWN, leadership.step_down(&deliverer.db)).await;
        if let Err(error) = stepped.unwrap_or_else(|_| Err(DatabaseError::timed_out())) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the lead is not given up; it runs out");
        }
    }
}

async fn ask(db: &Db, holder: WorkerId, lease: Duration) -> Option<Leadership> {
    match answered(lead(db, NAME, holder, lease)).await {
        Ok(leadership) => leadership,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not known who tells webhooks");
            None
        }
    }
}

/// The turns under way; they are broken off when this goes.
#[derive(Default)]
struct Turns {
    tasks: JoinSet<Result<Option<DateTime<Utc>>, DatabaseError>>,
    whose: HashMap<Id, UnderWay>,
    held: Option<Instant>,
}

struct UnderWay {
    turn: Turn,
    /// Whether it has a place; it waits for one otherwise, and what is due with it.
    has_place: Arc<AtomicBool>,
}

type Ended = Result<(Id, Result<Option<DateTime<Utc>>, DatabaseError>), JoinError>;

impl Turns {
    /// Gives turns to tenants that have something due.
    async fn begin(&mut self, deliverer: &Arc<Deliverer>) -> Result<(), DatabaseError> {
        let room = (deliverer.options.places * TURNS_PER_PLACE).saturating_sub(self.whose.len());
        let under_way: Vec<i32> = self.whose.values().map(|under_way| under_way.turn.0.0).collect();
        for turn in answered(due(&deliverer.db, &under_way, room)).await? {
            let (deliverer, has_place) = (Arc::clone(deliverer), Arc::new(AtomicBool::new(false)));
            let placed = Arc::clone(&has_place);
            let task = self.tasks.spawn(async move { deliverer.turn(turn.0, &placed).await });
            self.whose.insert(task.id(), UnderWay { turn, has_place });
        }
        if self.held.is_none_or(|held| held.elapsed() >= HOLD / HOLDS_PER_TURN) {
            self.held = Some(Instant::now());
            let with_place =
                self.whose.values().filter(|under_way| under_way.has_place.load(Ordering::Relaxed));
            let with_place: Vec<i32> = with_place.map(|under_way| under_way.turn.0.0).collect();
            if !with_place.is_empty() {
                answered(hold(&deliverer.db, &with_place)).await?;
            }
        }
        Ok(())
    }

    /// A turn has ended: its tenant's next one is set.
    async fn ended(&mut self, deliverer: &Deliverer, ended: Ended) {
        let (id, next) = match ended {
            Ok((id, next)) => (id, next),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a turn of webhooks broke off");
                self.whose.remove(&error.id());
                return;
            }
        };
        let Some(UnderWay { turn, .. }) = self.whose.remove(&id) else { return };
        let set = match next {
            Ok(next) => answered(set_next(&deliverer.db, turn, next)).await,
            Err(error) => Err(error),
        };
        if let Err(error) = set {
            tracing::warn!(
                tenant = %turn.0, error = &error as &dyn std::error::Error, "a turn of webhooks is put off"
            );
        }
    }
}

/// Takes the signals, and then the tenants whose turn it is. Each one's next turn is put off for as long as it takes to
/// notice that this process is gone.
async fn due(db: &Db, under_way: &[i32], room: usize) -> Result<Vec<Turn>, DatabaseError> {
    sqlx::query!(
        "with seen as (
             delete from esteira.webhook_signals
             where id in (select id from esteira.webhook_signals order by id limit $1) returning tenant_id
         )
         insert into esteira.webhook_turns as turn (tenant_id, due_at)
         select distinct t.id, esteira.now() from seen join esteira.tenants as t on t.id = seen.tenant_id
         on conflict (tenant_id) do update
         set due_at = least(turn.due_at, excluded.due_at), version = excluded.version",
        SIGNALS
    )
    .execute(db.pool())
    .await?;
    let rows = sqlx::query!(
        "update esteira.webhook_turns
         set due_at = esteira.now() + make_interval(secs => $3),
             held_until = esteira.now() + make_interval(secs => $3), version = nextval('esteira.webhook_versions')
         where tenant_id in (select tenant_id from esteira.webhook_turns
                             where due_at <= esteira.now() and tenant_id <> all ($1)
                             order by due_at limit $2)
         returning tenant_id, version",
        under_way,
        i64::try_from(room).unwrap_or(i64::MAX),
        HOLD.as_secs_f64()
    )
    .fetch_all(db.pool())
    .await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), row.version)).collect())
}

/// Tells that turns are under way, with a place.
async fn hold(db: &Db, with_place: &[i32]) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update esteira.webhook_turns set held_until = esteira.now() + make_interval(secs => $2)
         where tenant_id = any ($1)",
        with_place,
        HOLD.as_secs_f64()
    )
    .execute(db.pool())
    .await?;
    Ok(())
}

/// Sets a tenant's next turn, unless a signal has come since.
async fn set_next(db: &Db, (tenant, was): Turn, next: Option<DateTime<Utc>>) -> Result<(), DatabaseError> {
    match next {
        Some(next) => {
            sqlx::query!(
                "update esteira.webhook_turns set due_at = $3, held_until = null
                 where tenant_id = $1 and version = $2",
                tenant.0,
                was,
                next
            )
            .execute(db.pool())
            .await?;
        }
        None => {
            sqlx::query!(
                "delete from esteira.webhook_turns where tenant_id = $1 and version = $2",
                tenant.0,
                was
            )
            .execute(db.pool())
            .await?;
        }
    }
    Ok(())
}
