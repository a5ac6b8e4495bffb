//! Who tells the search server? The process that leads, a step at a time, with growing pauses while that fails.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use rand::Rng;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::fill::{self, FillError};
use super::outbox::{self, Change};
use super::server::{Server, ServerError};
use super::{SinkOptions, alias, index};
use crate::db::{DatabaseError, Db, answered};
use crate::document::are_kept_by;
use crate::duty::{Leadership, lead};
use crate::id::{TenantId, WorkerId};
use crate::tenant::{Slug, Tenant, TenantState, by_id};

/// The name under which it is led.
const NAME: &str = "search";
/// How often a lease is renewed before it runs out.
const RENEWALS_PER_LEASE: u32 = 3;
/// Notes that one step takes up.
const CHANGES: i64 = 500;
/// A document whose job is not settled yet is looked at again so soon.
const EARLY: Duration = Duration::from_secs(2);
/// The first pause after a failure; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// What a worker that ends gives the database to hear of it.
const STEP_DOWN: Duration = Duration::from_secs(5);

/// The search server, and what it is to be told.
pub struct Sink {
    db: Db,
    server: Server,
}

impl Sink {
    /// A search server for a database.
    ///
    /// # Errors
    /// When the roots of trust of this machine cannot be read.
    pub fn new(db: Db, options: SinkOptions) -> Result<Self, ServerError> {
        Ok(Self { db, server: Server::new(options)? })
    }

    /// Does a step, if this process leads or can come to lead; tells whether there may be more to do. `None`: another
    /// process leads.
    ///
    /// # Errors
    /// When the server or the database is away; what was noted stays noted.
    pub async fn step(&self, holder: WorkerId, lease: Duration) -> Result<Option<bool>, FillError> {
        if answered(lead(&self.db, NAME, holder, lease)).await?.is_none() {
            return Ok(None);
        }
        tokio::select! {
            more = self.work() => more.map(Some),
            () = self.deposed(holder, lease) => Ok(None),
        }
    }

    /// Gives up the lead, so that nobody has to wait for it.
    pub async fn step_down(&self, holder: WorkerId, lease: Duration) {
        let down = async {
            match lead(&self.db, NAME, holder, lease).await? {
                Some(leadership) => Leadership::step_down(leadership, &self.db).await,
                None => Ok(()),
            }
        };
        if let Err(error) = timeout(STEP_DOWN, down).await.unwrap_or_else(|_| Err(DatabaseError::timed_out()))
        {
            tracing::warn!(error = &error as &dyn Error, "the lead is not given up; it runs out");
        }
    }

    /// Renews the lease while a step takes its time; comes back when that fails.
    async fn deposed(&self, holder: WorkerId, lease: Duration) {
        loop {
            sleep(lease / RENEWALS_PER_LEASE).await;
            if !matches!(answered(lead(&self.db, NAME, holder, lease)).await, Ok(Some(_))) {
                return;
            }
        }
    }

    async fn work(&self) -> Result<bool, FillError> {
        outbox::start(&self.db).await?;
        if let Some((tenant, asked, tries)) = outbox::next_rebuild(&self.db).await? {
            match self.rebuild(tenant, tries).await {
                Ok(()) => outbox::rebuilt(&self.db, tenant, asked).await?,
                Err(error) => spare_others(tenant, error)?,
            }
            return Ok(true);
        }
        let changes = outbox::due(&self.db, CHANGES).await?;
        let more = !changes.is_empty();
        let mut by_tenant: BTreeMap<TenantId, Vec<Change>> = BTreeMap::new();
        for change in changes {
            by_tenant.entry(change.tenant).or_default().push(change);
        }
        for (tenant, changes) in by_tenant {
            if let Err(error) = self.follow(tenant, &changes).await {
                spare_others(tenant, error)?;
            }
        }
        Ok(more)
    }

    async fn rebuild(&self, tenant: TenantId, tries: i32) -> Result<(), FillError> {
        let Some(tenant) = self.living(tenant).await? else { return Ok(()) };
        let rebuilt = fill::rebuild(&self.db, &self.server, &tenant, &self.alias(&tenant)).await;
        if let Err(error) = &rebuilt {
            let pause = self.pause(tries);
            outbox::rebuild_failed(&self.db, tenant.id, pause, &in_full(error)).await?;
        } else {
            tracing::info!(tenant = %tenant.slug, "the tenant's search index is built anew");
        }
        rebuilt
    }

    /// Makes the server agree about what the notes of one tenant name.
    async fn follow(&self, tenant: TenantId, changes: &[Change]) -> Result<(), FillError> {
        let ids: Vec<i64> = changes.iter().map(|change| change.id).collect();
        let followed = self.followed(tenant, changes).await;
        match followed {
            Ok(()) => Ok(()),
            Err(FillError::Database(error)) => Err(error.into()),
            Err(error) => {
                let tries = changes.iter().map(|change| change.tries).max().unwrap_or_default();
                outbox::put_off(&self.db, &ids, self.pause(tries), true).await?;
                Err(error)
            }
        }
    }

    async fn followed(&self, tenant: TenantId, changes: &[Change]) -> Result<(), FillError> {
        for change in changes {
            let slug = change.gone_slug.as_deref().and_then(|slug| slug.parse::<Slug>().ok());
            if let Some(slug) = slug {
                index::remove(&self.server, &alias(&self.server.options().prefix, &slug, tenant)).await?;
                outbox::done(&self.db, &[change.id]).await?;
            }
        }
        let wanted: BTreeMap<Uuid, i64> =
            changes.iter().filter_map(|change| Some((change.document?, change.id))).collect();
        let all: Vec<i64> = changes.iter().filter(|c| c.document.is_some()).map(|change| change.id).collect();
        let Some(tenant) = self.living(tenant).await? else {
            return Ok(outbox::done(&self.db, &all).await?);
        };
        let documents: Vec<Uuid> = wanted.keys().copied().collect();
        let alias = self.alias(&tenant);
        let filled = fill::documents(&self.db, &self.server, &tenant, &alias, &documents).await?;
        let of = |change: &Change, late: &dyn Fn(&Uuid) -> bool| change.document.as_ref().is_some_and(late);
        let early: Vec<i64> =
            changes.iter().filter(|c| of(c, &|id: &Uuid| filled.early.contains(id))).map(|c| c.id).collect();
        for change in changes.iter().filter(|c| of(c, &|id: &Uuid| filled.refused.contains_key(id))) {
            let why = change.document.and_then(|id| filled.refused.get(&id));
            tracing::error!(
                tenant = %tenant.slug, document = ?change.document, why, "the search server refuses a document"
            );
            outbox::put_off(&self.db, &[change.id], self.pause(change.tries), true).await?;
        }
        outbox::put_off(&self.db, &early, EARLY, false).await?;
        let done: Vec<i64> = changes
            .iter()
            .filter(|c| of(c, &|id: &Uuid| !filled.early.contains(id) && !filled.refused.contains_key(id)))
            .map(|change| change.id)
            .collect();
        Ok(outbox::done(&self.db, &done).await?)
    }

    /// A tenant that has documents, as far as it is there.
    async fn living(&self, tenant: TenantId) -> Result<Option<Tenant>, DatabaseError> {
        let tenant = by_id(self.db.pool(), tenant).await?;
        Ok(tenant.filter(|tenant| tenant.state != TenantState::Deleting && are_kept_by(tenant)))
    }

    fn alias(&self, tenant: &Tenant) -> String {
        alias(&self.server.options().prefix, &tenant.slug, tenant.id)
    }

    fn pause(&self, tries: i32) -> Duration {
        pause(tries, self.server.options().longest_pause)
    }
}

/// What the server refuses of one tenant is no reason to make the others wait; that it is away is.
fn spare_others(tenant: TenantId, error: FillError) -> Result<(), FillError> {
    match &error {
        FillError::Server(ServerError::Refused { .. }) | FillError::Refused { .. } => {
            tracing::error!(%tenant, error = &error as &dyn Error, "the search server does not agree yet");
            Ok(())
        }
        _ => Err(error),
    }
}

/// How long to wait after so many failures.
fn pause(tries: i32, longest: Duration) -> Duration {
    let doublings = u32::try_from(tries).unwrap_or(0).min(16);
    (FIRST_PAUSE * 2_u32.pow(doublings)).min(longest)
}

fn in_full(error: &FillError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Leads, or waits to, until the worker has ended.
pub(crate) async fn run(
    db: Db,
    options: SinkOptions,
    holder: WorkerId,
    lease: Duration,
    ended: CancellationToken,
) {
    let (poll, longest) = (options.poll, options.longest_pause);
    let sink = match Sink::new(db, options) {
        Ok(sink) => sink,
        Err(error) => {
            tracing::error!(error = &error as &dyn Error, "the search server is told nothing");
            return;
        }
    };
    let (mut failures, mut next) = (0, poll);
    loop {
        tokio::select! {
            () = sleep(next.mul_f64(rand::rng().random_range(0.8..1.0))) => {}
            () = ended.cancelled() => break,
        }
        let step = tokio::select! {
            step = sink.step(holder, lease) => step,
            () = ended.cancelled() => break,
        };
        (failures, next) = match step {
            Ok(Some(true)) => (0, Duration::ZERO),
            Ok(Some(false)) => (0, poll.min(lease / RENEWALS_PER_LEASE)),
            Ok(None) => (0, lease),
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "the search server is not told");
                (failures + 1, pause(failures, longest))
            }
        };
    }
    sink.step_down(holder, lease).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest() {
        let longest = Duration::from_secs(300);
        let pauses: Vec<u64> = (0..10).map(|tries| pause(tries, longest).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(pause(i32::MAX, longest), longest);
    }
}
