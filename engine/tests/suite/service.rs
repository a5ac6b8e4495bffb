//! A job that a service works for: it waits without a slot, its child reads what came of it, and nothing is left there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use esteira_engine::Engine;
use esteira_engine::artifact::{AwsAccount, Store};
use esteira_engine::child::WorkDir;
use esteira_engine::job::{
    Catalog, CheckedInput, Handover, InputError, JobState, Kind, KindError, KindInfo, Prepare, Prepared,
};
use serde_json::{Value, json};

use crate::harness::{HOSTILE, Harness, info};
use crate::worker::{Running, end, submit, until};

/// Long enough never to matter in a passing test.
const LONG: Duration = Duration::from_secs(60);

/// What a service knows and does.
#[derive(Default)]
struct State {
    /// The jobs that it has, by their names.
    known: BTreeSet<String>,
    /// How often it was asked, and how often each time a job was handed over.
    asked: u32,
    begun: u32,
    /// Answers until a result is there; none where there never is one.
    looks: Option<u32>,
    /// How many results it loses.
    loses: u32,
    /// Whether it can be reached to forget anything, and how often it could not.
    away: bool,
    refused: usize,
}

/// The kind of `examples/hostile.rs`, for which a service works that keeps its results in a store.
#[derive(Clone)]
struct Served {
    state: Arc<Mutex<State>>,
    store: Store,
}

impl Served {
    fn new(h: &Harness, state: State) -> Self {
        Self { state: Arc::new(Mutex::new(state)), store: h.store.clone() }
    }

    async fn work(&self, h: &Harness) -> (Running, Engine) {
        let kinds: Vec<Box<dyn Kind>> = vec![Box::new(self.clone())];
        let catalog = Catalog::new(kinds, &BTreeMap::new()).unwrap();
        let engine = Engine::new(h.db.clone(), h.store.clone(), catalog);
        let worker = Running::start_on(engine.clone(), |options| {
            options.lease = Duration::from_secs(2);
            options.heartbeat = Duration::from_millis(200);
            options.poll = Duration::from_millis(100);
        });
        (worker.await, engine)
    }

    async fn until_it_knows(&self, count: usize) {
        self.until(|state| state.known.len() == count).await;
    }

    async fn until(&self, is_so: impl Fn(&State) -> bool) {
        let waiting = async {
            while !is_so(&self.state.lock().unwrap()) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LONG, waiting).await.expect("it comes to that");
    }
}

#[async_trait]
impl Prepare for Served {
    fn is_needed(&self, input: &Value, _: &Value) -> bool {
        input["served"] == true
    }

    async fn prepare(&self, _: &Value, _: &Value, handover: &Handover<'_>) -> Result<Prepared, KindError> {
        let lose = {
            let mut state = self.state.lock().unwrap();
            state.begun += u32::from(state.known.insert(handover.name.clone()));
            state.asked += 1;
            match state.looks {
                None => return Ok(Prepared::Snooze(Duration::from_secs(3600))),
                Some(looks) if handover.turn <= looks => return Ok(Prepared::Snooze(Duration::ZERO)),
                Some(_) => {}
            }
            let lose = state.loses > 0;
            state.loses = state.loses.saturating_sub(1);
            lose
        };
        if !lose {
            let result = &mut &b"by the service"[..];
            self.store.put(&handover.result.key, "text/plain", 100, result).await.unwrap();
        }
        Ok(Prepared::Ready)
    }

    async fn forget(&self, _: &Value, name: &str, _: &AwsAccount) -> Result<(), KindError> {
        let mut state = self.state.lock().unwrap();
        if state.away {
            state.refused += 1;
            return Err(KindError::retry("away", "it is away"));
        }
        state.known.remove(name);
        Ok(())
    }
}

impl Kind for Served {
    fn info(&self) -> KindInfo {
        info(HOSTILE)
    }

    fn check(&self, _: &Value, _: &Value) -> Result<CheckedInput, Vec<InputError>> {
        Ok(CheckedInput::default())
    }

    fn check_settings(&self, _: &Value) -> Result<(), String> {
        Ok(())
    }

    fn prepare(&self) -> Option<&dyn Prepare> {
        Some(self)
    }

    fn run(&self, _: &Value, _: &Value, _: &mut WorkDir) -> Result<Value, KindError> {
        unreachable!("it runs in a child")
    }
}

fn served() -> Value {
    json!({"mode": "read_staged", "served": true})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_for_its_service_without_an_attempt_and_its_child_reads_the_result() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let kind = Served::new(&h, State { looks: Some(3), ..State::default() });
    let (worker, _) = kind.work(&h).await;
    let id = submit(&h, &acme, served()).await;
    let job = end(&h, &acme, id).await;
    assert_eq!((job.state, job.attempt), (JobState::Succeeded, 1), "{:?}", job.error);
    assert_eq!(job.output, Some(json!({"text": "by the service"})));
    kind.until_it_knows(0).await;
    worker.stop().await;
    let (asked, begun) = {
        let state = kind.state.lock().unwrap();
        (state.asked, state.begun)
    };
    assert_eq!((asked, begun), (4, 1));
    let left = h.store.delete_prefix(&format!("tenants/{}/jobs/{id}/service/", acme.id)).await.unwrap();
    assert_eq!(left, 0, "the result is gone");
    // A job that it does not work for is never told to it.
    let (worker, _) = kind.work(&h).await;
    assert_eq!(end(&h, &acme, submit(&h, &acme, json!({"mode": "succeed"})).await).await.attempt, 1);
    assert_eq!(kind.state.lock().unwrap().asked, 4);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_lost_is_asked_for_anew() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let kind = Served::new(&h, State { looks: Some(0), loses: 1, ..State::default() });
    let (worker, _) = kind.work(&h).await;
    let job = end(&h, &acme, submit(&h, &acme, served()).await).await;
    assert_eq!((job.state, job.attempt), (JobState::Succeeded, 2), "{:?}", job.error);
    assert_eq!(kind.state.lock().unwrap().begun, 2);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_cancelled_while_it_waits_is_forgotten_at_once_or_when_its_tenant_is_pruned() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let kind = Served::new(&h, State::default());
    let (worker, engine) = kind.work(&h).await;
    let id = submit(&h, &acme, served()).await;
    let job = until(&h, &acme, id, |job| job.state == JobState::Scheduled).await;
    assert_eq!(job.progress.map(|progress| progress.stage).as_deref(), Some("waiting"));
    engine.cancel(&acme, id).await.unwrap();
    kind.until_it_knows(0).await;
    let id = submit(&h, &acme, served()).await;
    until(&h, &acme, id, |job| job.state == JobState::Scheduled).await;
    kind.state.lock().unwrap().away = true;
    engine.cancel(&acme, id).await.unwrap();
    kind.until(|state| state.refused == 1).await;
    kind.state.lock().unwrap().away = false;
    sqlx::query("update esteira.prunes set due_at = now()").execute(&h.pool).await.unwrap();
    kind.until_it_knows(0).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_keeps_a_job_that_is_over_is_asked_again_until_it_lets_go() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let kind = Served::new(&h, State { looks: Some(0), away: true, ..State::default() });
    let (worker, _) = kind.work(&h).await;
    assert_eq!(end(&h, &acme, submit(&h, &acme, served()).await).await.state, JobState::Succeeded);
    kind.until(|state| state.refused == 1).await;
    let due = "update esteira.prunes set due_at = now()";
    sqlx::query(due).execute(&h.pool).await.unwrap();
    kind.until(|state| state.refused == 2).await;
    assert_eq!(kind.state.lock().unwrap().known.len(), 1);
    kind.state.lock().unwrap().away = false;
    sqlx::query(due).execute(&h.pool).await.unwrap();
    kind.until_it_knows(0).await;
    worker.stop().await;
}
