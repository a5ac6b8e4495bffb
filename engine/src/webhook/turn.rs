//! What does a tenant's turn look like? Take what is due, send it, write down what came of it, until nothing is left.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::Address;
use rand::Rng;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use super::DeliveryOptions;
use super::claim::{Claimed, claim, files, give_up, next_due};
use super::delivery::SendError;
use super::mail::{Office, Posted, Told};
use super::post::{Postman, Sent};
use super::record::{count, record};
use crate::artifact::Store;
use crate::db::{DatabaseError, Db, TenantTx, answered};
use crate::id::{JobId, TenantId, WebhookId};
use crate::tenant::{Tenant, TenantState, by_id};
use crate::trace;

/// Transactions of deliveries at the same moment: the connections are the worker's, and its jobs need them more.
const TRANSACTIONS: usize = 2;
/// How often it is tried to write down what came of an attempt, before it is left to be sent again.
const RECORD_TRIES: u32 = 4;

/// What the turns of a process share.
pub(super) struct Deliverer {
    pub db: Db,
    pub options: DeliveryOptions,
    postman: Postman,
    office: Option<Office>,
    places: Arc<Semaphore>,
    transactions: Semaphore,
}

impl Deliverer {
    pub fn new(db: Db, store: Store, options: DeliveryOptions) -> Self {
        let places = Arc::new(Semaphore::new(options.places.max(1)));
        let postman = Postman::new(&options);
        let office = options.mail.clone().map(|mail| Office::new(mail, store));
        Self { db, options, postman, office, places, transactions: Semaphore::new(TRANSACTIONS) }
    }

    /// Sends what is due of a tenant's; gives when it is to be looked at again, if at all. `has_place` tells meanwhile
    /// whether it does not just wait for a place.
    pub async fn turn(
        self: &Arc<Self>,
        tenant: TenantId,
        has_place: &AtomicBool,
    ) -> Result<Option<DateTime<Utc>>, DatabaseError> {
        let Some(tenant) = by_id(self.db.pool(), tenant).await? else { return Ok(None) };
        // One that is being removed has nobody left who wants to be told.
        if tenant.state == TenantState::Deleting {
            return Ok(None);
        }
        let tenant = Arc::new(tenant);
        answered(self.give_up(&tenant)).await?;
        let mut sending = JoinSet::new();
        let mut busy: HashMap<WebhookId, i32> = HashMap::new();
        loop {
            has_place.store(!sending.is_empty(), Ordering::Relaxed);
            let permits = self.places(sending.len()).await;
            has_place.store(true, Ordering::Relaxed);
            let claimed = answered(self.claim(&tenant, &busy, permits.len())).await?;
            for (claimed, permit) in claimed.into_iter().zip(permits) {
                *busy.entry(claimed.webhook).or_default() += 1;
                sending.spawn(Arc::clone(self).deliver(Arc::clone(&tenant), claimed, permit));
            }
            if sending.is_empty() {
                break;
            }
            // News for another webhook do not wait for the slowest answer.
            tokio::select! {
                Some(ended) = sending.join_next() => {
                    let webhook = ended.map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
                    if let Some(count) = busy.get_mut(&webhook) {
                        *count -= 1;
                    }
                }
                () = sleep(self.options.poll) => {}
            }
        }
        answered(self.next_due(&tenant)).await
    }

    /// Places for a tenant that has some already. The first is waited for; more are taken where plenty are free.
    async fn places(&self, under_way: usize) -> Vec<OwnedSemaphorePermit> {
        let room = self.options.places_per_tenant.max(1).saturating_sub(under_way);
        let mut permits = Vec::new();
        if under_way == 0 {
            permits.extend(Arc::clone(&self.places).acquire_owned().await.ok());
        }
        let kept = self.options.places / 4;
        while permits.len() < room && self.places.available_permits() > kept {
            let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else { break };
            permits.push(permit);
        }
        permits
    }

    async fn deliver(
        self: Arc<Self>,
        tenant: Arc<Tenant>,
        claimed: Claimed,
        permit: OwnedSemaphorePermit,
    ) -> WebhookId {
        let span = self.span(&claimed).await;
        let sending = async {
            match self.postman.address(&claimed) {
                Some(to) => self.write_to(&tenant, to, &claimed).await,
                None => self.postman.send(&claimed).await,
            }
        };
        let sent = sending.instrument(span).await;
        // The place is for those who wait for an answer.
        drop(permit);
        let roll = rand::rng().random();
        for tried in 1..=RECORD_TRIES {
            match answered(self.record(&tenant, &claimed, &sent, roll)).await {
                Ok(()) => break,
                Err(error) => {
                    tracing::warn!(
                        tenant = %tenant.slug, delivery = %claimed.id, error = &error as &dyn std::error::Error,
                        "what came of a delivery is not written"
                    );
                    sleep(Duration::from_millis(200) * 4_u32.pow(tried)).await;
                }
            }
        }
        claimed.webhook
    }

    /// Sends a delivery as a letter. Without an office, the rules have refused the address already.
    async fn write_to(&self, tenant: &Tenant, to: Address, claimed: &Claimed) -> Sent {
        let begun = Instant::now();
        let posting = async {
            let Some(office) = &self.office else { return Err(SendError::UrlRefused) };
            let files = answered(self.files(tenant, claimed)).await.map_err(|_| SendError::FilesAway)?;
            Ok(office.send(to, claimed, files).await)
        };
        let reply = timeout(self.options.timeout, posting).await.unwrap_or(Err(SendError::Timeout));
        Sent::letter(claimed, reply, begun.elapsed(), self.options.answer_bytes)
    }

    async fn files(&self, tenant: &Tenant, claimed: &Claimed) -> Result<Vec<Posted>, DatabaseError> {
        let Some(job) = Told::job(&claimed.payload) else { return Ok(Vec::new()) };
        let (mut tx, _turn) = self.begin(tenant).await?;
        let files = files(tx.conn(), job).await?;
        tx.commit().await?;
        Ok(files)
    }

    /// The message as a part of its job's trace, as far as that is known: it is sent without, too.
    async fn span(&self, claimed: &Claimed) -> Span {
        let span = tracing::info_span!(
            "webhook", delivery = %claimed.id, otel.kind = "client", trace = tracing::field::Empty
        );
        if self.options.traces
            && let Some(job) = job_of(&claimed.payload)
            && let Ok(Some(trace)) = answered(trace::of_job(&self.db, job)).await
        {
            trace.adopt(&span);
            span.record("trace", format!("{:032x}", trace.trace_id()));
        }
        span
    }

    async fn give_up(&self, tenant: &Tenant) -> Result<(), DatabaseError> {
        let (mut tx, _turn) = self.begin(tenant).await?;
        give_up(tx.conn(), &self.options).await?;
        tx.commit().await
    }

    async fn claim(
        &self,
        tenant: &Tenant,
        busy: &HashMap<WebhookId, i32>,
        limit: usize,
    ) -> Result<Vec<Claimed>, DatabaseError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let (mut tx, _turn) = self.begin(tenant).await?;
        let claimed = claim(tx.conn(), &self.options, busy, limit).await?;
        tx.commit().await?;
        Ok(claimed)
    }

    async fn record(
        &self,
        tenant: &Tenant,
        claimed: &Claimed,
        sent: &Sent,
        roll: f64,
    ) -> Result<(), DatabaseError> {
        let (mut tx, _turn) = self.begin(tenant).await?;
        let verdict = record(&mut tx, &self.options, claimed, sent, roll).await?;
        tx.commit().await?;
        count(self.db.meter(), sent, verdict);
        Ok(())
    }

    async fn next_due(&self, tenant: &Tenant) -> Result<Option<DateTime<Utc>>, DatabaseError> {
        let (mut tx, _turn) = self.begin(tenant).await?;
        let due = next_due(tx.conn()).await?;
        tx.commit().await?;
        Ok(due)
    }

    /// A transaction under the tenant's role, one of a few at the same moment.
    async fn begin(&self, tenant: &Tenant) -> Result<(TenantTx, SemaphorePermit<'_>), DatabaseError> {
        let turn = self.transactions.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        Ok((self.db.begin_as(tenant).await?, turn))
    }
}

/// The job that a message tells of; a batch has none.
fn job_of(payload: &str) -> Option<JobId> {
    #[derive(Deserialize)]
    struct Message {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        id: Uuid,
        kind: Option<String>,
    }
    let Message { data } = serde_json::from_str(payload).ok()?;
    data.kind.map(|_| JobId(data.id))
}
