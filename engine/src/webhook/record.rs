//! What does an attempt mean? For its delivery, and for the webhook.

use std::time::Duration;

use serde_json::Value;

use super::DeliveryOptions;
use super::claim::Claimed;
use super::delivery::SendError;
use super::post::Sent;
use super::schedule::wait_after;
use crate::db::{DatabaseError, TenantTx};

/// Attempts of a delivery that are kept.
const KEPT: i32 = 20;
/// The answer of a webhook that is not there any more, and does not come back.
const GONE: u16 = 410;
/// How long before the end of its time a delivery is tried at the latest.
const LAST_TRY: Duration = Duration::from_secs(60);

/// What an attempt means for its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is delivered.
    Delivered,
    /// It is tried again after this time.
    Again(Duration),
    /// It is given up.
    GivenUp,
    /// It is given up, and its webhook wants no more.
    Gone,
}

fn judge(claimed: &Claimed, Sent { attempt, not_for }: &Sent, retry_for: Duration, roll: f64) -> Verdict {
    if attempt.error.is_none() {
        return Verdict::Delivered;
    }
    if attempt.status == Some(GONE) {
        return Verdict::Gone;
    }
    // What a server of letters refuses it would refuse again.
    if attempt.error == Some(SendError::MailRefused) {
        return Verdict::GivenUp;
    }
    let tried_for = (claimed.now - claimed.since).to_std().unwrap_or_default();
    // Whoever asks for more time gets it, but is told once more before the time is over.
    let most = retry_for.saturating_sub(tried_for + LAST_TRY);
    let wait = wait_after(claimed.attempt, roll).max(not_for.unwrap_or_default().min(most));
    if tried_for + wait <= retry_for { Verdict::Again(wait) } else { Verdict::GivenUp }
}

/// Writes what came of an attempt. `roll` is a random number between 0 and 1.
pub(super) async fn record(
    tx: &mut TenantTx,
    options: &DeliveryOptions,
    claimed: &Claimed,
    sent: &Sent,
    roll: f64,
) -> Result<(), DatabaseError> {
    let verdict = judge(claimed, sent, options.retry_for, roll);
    let (state, wait) = match verdict {
        Verdict::Delivered => ("delivered", None),
        Verdict::Again(wait) => ("pending", Some(wait.as_secs_f64())),
        Verdict::GivenUp | Verdict::Gone => ("failed", None),
    };
    let attempt = serde_json::to_value(&sent.attempt).unwrap_or(Value::Null);
    // One that was taken up again since, or asked for again, is not ours any more. What we saw is kept all the same;
    // a good answer ends it.
    sqlx::query!(
        "update deliveries
         set attempts = (case when jsonb_array_length(attempts) < $6 then attempts else attempts - 0 end)
                        || jsonb_build_array($3::jsonb),
             state = case when lease = $2 and attempt > 0 then $4 else state end,
             due_at = case when lease = $2 and attempt > 0 then esteira.now() + make_interval(secs => $5)
                           else due_at end,
             ended_at = case when lease = $2 and attempt > 0 and $5::float8 is null then esteira.now()
                             else ended_at end
         where id = $1",
        claimed.id.0,
        claimed.lease,
        attempt,
        state,
        wait,
        KEPT
    )
    .execute(tx.conn())
    .await?;
    match verdict {
        Verdict::Delivered => close(tx, claimed).await,
        Verdict::Again(_) | Verdict::GivenUp => count_failure(tx, options, claimed, roll).await,
        Verdict::Gone => disable(tx, claimed).await,
    }
}

/// The webhook works.
async fn close(tx: &mut TenantTx, claimed: &Claimed) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update webhooks set failures = 0, open_until = null
         where id = $1 and (failures > 0 or open_until is not null)",
        claimed.webhook.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One failure more; enough of them, and it is left alone. Those that were under way when that happened count for nothing,
/// nor do those of an address that it has no more.
async fn count_failure(
    tx: &mut TenantTx,
    options: &DeliveryOptions,
    claimed: &Claimed,
    roll: f64,
) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update webhooks
         set failures = least(failures + 1, 30000),
             open_until = case when failures + 1 >= $3 then esteira.now() + make_interval(
                 secs => least($4::float8 * power(2, least(failures + 1 - $3, 20)), $5::float8) * (1 - 0.2 * $6::float8)) end
         where id = $1 and url = $2 and (open_until is null or open_until <= esteira.now())",
        claimed.webhook.0,
        claimed.url,
        i32::from(options.failures_to_open),
        options.open_for.as_secs_f64(),
        options.longest_open.as_secs_f64(),
        roll
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The webhook asks not to be told any more.
async fn disable(tx: &mut TenantTx, claimed: &Claimed) -> Result<(), DatabaseError> {
    sqlx::query!(
        "update webhooks set enabled = false, disabled_because = 'gone', updated_at = esteira.now()
         where id = $1 and url = $2 and enabled",
        claimed.webhook.0,
        claimed.url
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
