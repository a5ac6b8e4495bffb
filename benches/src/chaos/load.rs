//! Who submits? One client a tenant, each number when its time has come, until it knows that the job is there.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use esteira_benches::work::{RESULT, WORK, Work};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use ureq::http::Method;

use super::client::{Answer, Client};
use super::ledger::Ledger;
use super::plan::Plan;
use super::tally::Tally;

/// After a lost answer, before the next try.
const AGAIN: Duration = Duration::from_millis(500);
/// Two submits of twins that took no longer than this met before the first could be over.
const TWINS_MEET: Duration = Duration::from_secs(4);

/// What is to be submitted.
#[derive(Debug, Clone)]
pub struct Load {
    pub seed: u64,
    pub jobs: u64,
    /// Over which time the submits are spread.
    pub over: Duration,
    pub ledger: Arc<Ledger>,
    pub tally: Arc<Mutex<Tally>>,
}

impl Load {
    /// The job of a number, among so many tenants.
    pub fn plan(&self, number: u64, tenants: usize) -> Plan {
        Plan::of(self.seed, number, u64::try_from(tenants).unwrap_or(1))
    }

    /// Submits everything; the clients' number is that of the tenants.
    pub async fn submit_all(&self, clients: &[Client]) -> Result<()> {
        let began = Instant::now();
        let mut tenants = JoinSet::new();
        for (tenant, client) in clients.iter().enumerate() {
            let (load, client, count) = (self.clone(), client.clone(), clients.len());
            tenants.spawn(async move {
                let mut beside = JoinSet::new();
                for number in (0..load.jobs).skip(tenant).step_by(count) {
                    sleep_until(began + load.due(number)).await;
                    let plan = load.plan(number, count);
                    load.submit(&client, &plan).await?;
                    load.accompany(&client, &plan, &mut beside);
                }
                while let Some(done) = beside.join_next().await {
                    done??;
                }
                Ok::<(), anyhow::Error>(())
            });
        }
        while let Some(done) = tenants.join_next().await {
            done??;
        }
        Ok(())
    }

    fn due(&self, number: u64) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "a share of the time")]
        self.over.mul_f64(number as f64 / self.jobs.max(1) as f64)
    }

    async fn submit(&self, client: &Client, plan: &Plan) -> Result<()> {
        let body = self.body(plan)?;
        if !plan.is_twin {
            return self.submit_one(client, plan, &body).await.map(drop);
        }
        let began = Instant::now();
        let (first, second) =
            tokio::join!(self.submit_one(client, plan, &body), self.submit_one(client, plan, &body));
        let (first, second) = (first?, second?);
        if first != second && began.elapsed() < TWINS_MEET {
            self.tally
                .lock()
                .complain(format!("number {}: two submits with one key made two jobs", plan.number));
        }
        Ok(())
    }

    /// Tries until the job is known to be there; tells its id, if the API did not refuse it.
    async fn submit_one(&self, client: &Client, plan: &Plan, body: &Value) -> Result<Option<String>> {
        let until = Instant::now() + super::HEALING;
        while Instant::now() < until {
            match client.call(Method::POST, "/v1/jobs", Some(body)).await? {
                Answer::Done(job) => {
                    let id = text(&job, "id").context("a submitted job has an id")?;
                    self.ledger.note(plan.number, |entry| entry.ids.extend([id.clone()]));
                    return Ok(Some(id));
                }
                // Its job has failed already: there is nothing to wait for, and the answer says so.
                Answer::Refused(422, problem) if plan.reads_source && names_source(&problem) => {
                    self.ledger.note(plan.number, |entry| entry.was_refused = true);
                    return Ok(None);
                }
                Answer::Refused(status, problem) => {
                    let complaint = format!("number {} was refused with {status}: {problem}", plan.number);
                    self.tally.lock().complain(complaint);
                    return Ok(None);
                }
                Answer::Lost => {
                    self.ledger.note(plan.number, |entry| entry.was_lost = true);
                    self.tally.lock().lost_submits += 1;
                    sleep(AGAIN).await;
                    if let Some(id) = self.look_for(client, plan).await? {
                        return Ok(Some(id));
                    }
                }
            }
        }
        self.tally.lock().complain(format!("number {} could not be submitted", plan.number));
        Ok(None)
    }

    /// The job of a submit whose answer was lost, if it counted.
    async fn look_for(&self, client: &Client, plan: &Plan) -> Result<Option<String>> {
        let found = client.get(&format!("/v1/jobs?metadata.number={}", plan.number)).await?;
        let ids: Vec<String> =
            found["items"].as_array().into_iter().flatten().filter_map(|job| text(job, "id")).collect();
        self.ledger.note(plan.number, |entry| entry.ids.extend(ids.iter().cloned()));
        Ok(ids.into_iter().next())
    }

    /// Starts what somebody does beside the submits: wait for the end of the job, or ask for it.
    fn accompany(&self, client: &Client, plan: &Plan, beside: &mut JoinSet<Result<()>>) {
        let number = plan.number;
        let Some(id) = self.ledger.id(number) else { return };
        if let Some(after) = plan.cancel_after {
            let (ledger, client, id) = (Arc::clone(&self.ledger), client.clone(), id.clone());
            beside.spawn(async move {
                sleep(after).await;
                // Before the call: one whose answer is lost may count.
                ledger.note(number, |entry| entry.cancel_asked = true);
                client.insist(Method::POST, &format!("/v1/jobs/{id}/cancel"), None).await.map(drop)
            });
        }
        if plan.is_watched {
            let (ledger, client) = (Arc::clone(&self.ledger), client.clone());
            beside.spawn(async move {
                let job = client.get(&format!("/v1/jobs/{id}?wait=10")).await?;
                let state = text(&job, "state").context("a job has a state")?;
                if is_final(&state) {
                    ledger.note(number, |entry| entry.seen.extend([(id, state)]));
                }
                Ok(())
            });
        }
    }

    fn body(&self, plan: &Plan) -> Result<Value> {
        let known = plan.needs.iter().filter_map(|number| Some((*number, self.ledger.id(*number)?)));
        let known: Vec<(u64, String)> = known.collect();
        let source = known.first().filter(|_| plan.reads_source);
        let needs: Vec<&str> = known.iter().map(|(_, id)| id.as_str()).collect();
        self.ledger.note(plan.number, |entry| {
            entry.needs = needs.iter().map(|&id| id.to_owned()).collect();
            entry.source = source.map(|(number, _)| *number);
        });
        let work = Work {
            number: plan.number,
            millis: plan.millis,
            fate: plan.fate,
            source: source.map(|(_, id)| format!("artifact://{id}/{RESULT}")),
        };
        let mut body = json!({
            "kind": WORK,
            "input": serde_json::to_value(work)?,
            "priority": plan.priority,
            "unique_key": plan.unique_key(),
            "depends_on": needs,
            "metadata": {"number": plan.number.to_string()},
        });
        if let Some((attempts, time)) = plan.limits() {
            body["max_attempts"] = attempts.into();
            body["timeout_seconds"] = time.as_secs().into();
        }
        if let Some(delay) = plan.delay {
            body["run_at"] = DateTime::<Utc>::from(SystemTime::now() + delay).to_rfc3339().into();
        }
        Ok(body)
    }
}

/// Whether no other state follows.
pub fn is_final(state: &str) -> bool {
    matches!(state, "succeeded" | "failed" | "cancelled")
}

fn names_source(problem: &Value) -> bool {
    let faults = problem.get("errors").and_then(Value::as_array);
    faults.into_iter().flatten().any(|fault| fault["pointer"] == "/input/source")
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}
