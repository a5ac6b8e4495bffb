//! Webhooks: told at least once, signed, and at public addresses only; one that fails holds up nobody else.

use std::time::Duration;

use esteira_engine::db::DatabaseError;
use esteira_engine::duty::{RetentionOptions, lead, prune_once};
use esteira_engine::id::{DeliveryId, JobId, WebhookId, WorkerId};
use esteira_engine::job::Decision;
use esteira_engine::queue::{self, Submission};
use esteira_engine::tenant::Tenant;
use esteira_engine::webhook::{
    self, Delivery, DeliveryOptions, DeliveryState, EVENTS, NewWebhook, SendError, SigningSecret, UrlRules,
    WebhookChange, WebhookError,
};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::harness::{Harness, outcome, submission};
use crate::receiver::{Answer, Receiver};

const LEASE: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(30);

fn options() -> DeliveryOptions {
    DeliveryOptions {
        urls: UrlRules { http: true, hosts: vec!["127.0.0.1".parse().unwrap()], ..UrlRules::default() },
        poll: Duration::from_millis(10),
        ..DeliveryOptions::default()
    }
}

/// A process that delivers, until it is dropped: then it is gone without a word.
fn deliverer(h: &Harness, options: DeliveryOptions) -> AbortOnDropHandle<()> {
    let run = webhook::run(h.engine.clone(), options, WorkerId::new(), LEASE, CancellationToken::new());
    let task: JoinHandle<()> = tokio::spawn(run);
    AbortOnDropHandle::new(task)
}

async fn webhook(h: &Harness, tenant: &Tenant, url: &str) -> (WebhookId, SigningSecret) {
    let secret = SigningSecret::draw().unwrap();
    let new = NewWebhook {
        url: url.parse().unwrap(),
        description: String::new(),
        events: EVENTS.map(str::to_owned).to_vec(),
        kinds: None,
        secret: secret.clone(),
    };
    (h.engine.create_webhook(tenant, &new, 20).await.unwrap().id, secret)
}

/// As if so many seconds had passed since the test began.
async fn seconds_pass(h: &Harness, seconds: u32) {
    let sql = format!(
        "create or replace function esteira.now() returns timestamptz language sql stable parallel safe
         return pg_catalog.now() + interval '{seconds} seconds'"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&h.pool).await.unwrap();
}

async fn ended(h: &Harness, tenant: &Tenant, decision: Decision) -> JobId {
    let job = h.submit(tenant).await;
    let worker = h.worker().await;
    let leases = h.claim(worker, 10).await;
    let lease = leases.iter().find(|lease| lease.job == job).expect("it is claimed");
    queue::settle(&h.db, tenant, lease, &outcome(decision, "ended")).await.unwrap();
    job
}

async fn deliveries(h: &Harness, tenant: &Tenant, id: WebhookId) -> Vec<Delivery> {
    h.engine.deliveries(tenant, id, None, None, 200).await.unwrap().items
}

/// The one delivery of a webhook, once it is as it should be.
async fn once(h: &Harness, tenant: &Tenant, id: WebhookId, fits: impl Fn(&Delivery) -> bool) -> Delivery {
    let wait = async {
        loop {
            if let Some(found) = deliveries(h, tenant, id).await.into_iter().find(&fits) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.expect("the delivery comes to be so")
}

fn is(state: DeliveryState) -> impl Fn(&Delivery) -> bool {
    move |delivery| delivery.state == state
}

fn tried(times: i16) -> impl Fn(&Delivery) -> bool {
    move |delivery| delivery.attempts.len() == usize::try_from(times).unwrap()
}

#[tokio::test]
async fn every_end_of_a_job_is_told_once_signed_and_without_its_input() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Status(204)).await;
    let (id, secret) = webhook(&h, &acme, &receiver.url).await;
    let _deliverer = deliverer(&h, options());
    let verifier = standardwebhooks::Webhook::new(&secret.expose()).unwrap();

    let succeeded = ended(&h, &acme, Decision::Succeed).await;
    let failed = ended(&h, &acme, Decision::Fail).await;
    let cancelled = h.submit(&acme).await;
    let needs = Submission { depends_on: vec![cancelled], ..submission() };
    let doomed = h.engine.submit(&acme, &needs).await.unwrap().job;
    h.engine.cancel(&acme, cancelled).await.unwrap();
    let mut expected = vec![
        (succeeded, "job.succeeded"),
        (failed, "job.failed"),
        (cancelled, "job.cancelled"),
        (doomed, "job.cancelled"),
    ];
    while !expected.is_empty() {
        let got = receiver.next().await;
        verifier.verify(&got.body, &got.headers).unwrap();
        assert_eq!(got.header("content-type"), "application/json");
        let body = got.json();
        let job: JobId = body["data"]["id"].as_str().unwrap().parse().unwrap();
        let at = expected.iter().position(|(expected, _)| *expected == job).expect("each is told once");
        assert_eq!(body["type"], expected.remove(at).1);
        assert_eq!(body["timestamp"], body["data"]["finished_at"]);
        assert_eq!(
            format!("job.{}", body["data"]["state"].as_str().unwrap()),
            body["type"].as_str().unwrap()
        );
        assert!(body["data"].get("input").is_none());
        if job == succeeded {
            assert_eq!(body["data"]["output"], json!({"done": true}));
        }
    }
    let delivered = once(&h, &acme, id, is(DeliveryState::Delivered)).await;
    let attempt = &delivered.attempts[0];
    assert_eq!((attempt.status, attempt.error), (Some(204), None));
    assert_eq!(attempt.headers["webhook-id"], delivered.id.to_string());
}

#[tokio::test]
async fn an_attempt_that_is_retried_is_not_told_and_a_tenant_without_webhooks_leaves_no_signal() {
    let h = Harness::new().await;
    let (acme, other) = (h.tenant("acme").await, h.tenant("other").await);
    let (id, _) = webhook(&h, &acme, "https://example.com/").await;
    ended(&h, &other, Decision::Succeed).await;
    ended(&h, &acme, Decision::Retry(Duration::ZERO)).await;
    assert_eq!(h.count("select count(*) from esteira.webhook_signals").await, 0);
    assert_eq!(deliveries(&h, &acme, id).await.len(), 0);
    let only = WebhookChange { events: Some(vec!["job.failed".into()]), ..WebhookChange::default() };
    h.engine.change_webhook(&acme, id, &only).await.unwrap();
    ended(&h, &acme, Decision::Succeed).await;
    assert_eq!(deliveries(&h, &acme, id).await.len(), 0, "it asks for failures only");
    ended(&h, &acme, Decision::Fail).await;
    assert_eq!(deliveries(&h, &acme, id).await.len(), 1);
    h.engine.remove_webhook(&acme, id).await.unwrap();
    assert_eq!(h.count("select count(*) from esteira.tenants where webhooks").await, 0);
}

#[tokio::test]
async fn a_deliverer_that_dies_in_the_middle_is_followed_by_one_that_sends_the_same_again() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Never).await;
    let (id, _) = webhook(&h, &acme, &receiver.url).await;
    let first = deliverer(&h, options());
    ended(&h, &acme, Decision::Succeed).await;
    let got = receiver.next().await;
    drop(first);
    receiver.answer(Answer::Status(200));
    // Its lease has run out, and so has what it held.
    seconds_pass(&h, 60).await;
    let _second = deliverer(&h, options());
    let again = receiver.next().await;
    assert_eq!(again.header("webhook-id"), got.header("webhook-id"));
    assert_eq!(again.body, got.body);
    once(&h, &acme, id, is(DeliveryState::Delivered)).await;
}

#[tokio::test]
async fn an_answer_that_is_lost_leads_to_another_attempt_after_some_seconds() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Break).await;
    let (id, _) = webhook(&h, &acme, &receiver.url).await;
    let _deliverer = deliverer(&h, options());
    ended(&h, &acme, Decision::Succeed).await;
    let got = receiver.next().await;
    let broken = once(&h, &acme, id, tried(1)).await;
    assert_eq!(
        (broken.state, broken.attempts[0].error),
        (DeliveryState::Pending, Some(SendError::BrokenAnswer))
    );
    assert!(broken.due_at.unwrap() > broken.attempts[0].at + Duration::from_secs(3));
    receiver.answer(Answer::Status(200));
    seconds_pass(&h, 6).await;
    let again = receiver.next().await;
    assert_eq!((again.header("webhook-id"), &again.body), (got.header("webhook-id"), &got.body));
    assert_eq!(once(&h, &acme, id, is(DeliveryState::Delivered)).await.attempts.len(), 2);
}

#[tokio::test]
async fn who_asks_for_more_time_gets_it_and_is_told_once_more_before_the_day_is_over() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let _deliverer = deliverer(&h, options());
    for (seconds, least, most) in [(0, 3, 6), (3600, 3600, 3610), (u32::MAX, 24 * 3600 - 90, 24 * 3600 - 30)]
    {
        let receiver = Receiver::start(Answer::NotFor(seconds)).await;
        let (id, _) = webhook(&h, &acme, &receiver.url).await;
        h.engine.test_webhook(&acme, id).await.unwrap();
        let put_off = once(&h, &acme, id, tried(1)).await;
        let wait = (put_off.due_at.unwrap() - put_off.attempts[0].at).num_seconds();
        assert_eq!(put_off.state, DeliveryState::Pending);
        assert!((least..=most).contains(&wait), "{seconds}: {wait}");
    }
}

#[tokio::test]
async fn a_410_disables_the_webhook_and_a_redirect_is_not_followed() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let (gone, elsewhere) =
        (Receiver::start(Answer::Status(410)).await, Receiver::start(Answer::Status(200)).await);
    let moved = Receiver::start(Answer::Redirect(elsewhere.url.clone())).await;
    let (gone_id, _) = webhook(&h, &acme, &gone.url).await;
    let (moved_id, _) = webhook(&h, &acme, &moved.url).await;
    let _deliverer = deliverer(&h, options());
    ended(&h, &acme, Decision::Succeed).await;
    let failed = once(&h, &acme, gone_id, is(DeliveryState::Failed)).await;
    assert_eq!(failed.attempts[0].excerpt.as_deref(), Some("heard\u{fffd} you"));
    let webhook = h.engine.webhook(&acme, gone_id).await.unwrap();
    assert_eq!((webhook.enabled, webhook.disabled_because.as_deref()), (false, Some("gone")));
    assert!(matches!(h.engine.test_webhook(&acme, gone_id).await, Err(WebhookError::Disabled)));
    let kept = once(&h, &acme, moved_id, tried(1)).await;
    assert_eq!((kept.state, kept.attempts[0].status), (DeliveryState::Pending, Some(302)));
    assert_eq!(kept.attempts[0].error, Some(SendError::Redirect));
    assert_eq!(elsewhere.waiting().await, 0);
    ended(&h, &acme, Decision::Succeed).await;
    assert_eq!(deliveries(&h, &acme, gone_id).await.len(), 1, "nothing more is meant for it");
    let enable = WebhookChange { enabled: Some(true), ..WebhookChange::default() };
    assert_eq!(h.engine.change_webhook(&acme, gone_id, &enable).await.unwrap().disabled_because, None);
}

#[tokio::test]
async fn a_receiver_that_never_answers_holds_up_nobody_else_and_times_out() {
    let h = Harness::new().await;
    let (slow, quick) = (h.tenant("slow").await, h.tenant("quick").await);
    let (silent, receiver) =
        (Receiver::start(Answer::Never).await, Receiver::start(Answer::Status(200)).await);
    let (silent_id, _) = webhook(&h, &slow, &silent.url).await;
    let (near_id, _) = webhook(&h, &slow, &receiver.url).await;
    let (quick_id, _) = webhook(&h, &quick, &receiver.url).await;
    for _ in 0..12 {
        ended(&h, &slow, Decision::Succeed).await;
    }
    let hanging = deliverer(&h, DeliveryOptions { places: 8, places_per_tenant: 8, ..options() });
    silent.next().await;
    ended(&h, &quick, Decision::Succeed).await;
    once(&h, &quick, quick_id, is(DeliveryState::Delivered)).await;
    // Nor another webhook of the same tenant.
    once(&h, &slow, near_id, is(DeliveryState::Delivered)).await;
    assert!(silent.waiting().await < 4, "so many at the same time, and no more");
    drop(hanging);
    seconds_pass(&h, 60).await;
    let _impatient = deliverer(&h, DeliveryOptions { timeout: Duration::from_millis(100), ..options() });
    let late = once(&h, &slow, silent_id, tried(1)).await;
    assert_eq!(late.attempts[0].error, Some(SendError::Timeout));
    assert!(late.attempts[0].latency_ms >= 100);
}

#[tokio::test]
async fn an_answer_without_end_counts_by_its_status() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Endless(200)).await;
    let (id, _) = webhook(&h, &acme, &receiver.url).await;
    let _deliverer = deliverer(&h, DeliveryOptions { answer_bytes: 100, ..options() });
    h.engine.test_webhook(&acme, id).await.unwrap();
    let delivered = once(&h, &acme, id, is(DeliveryState::Delivered)).await;
    assert_eq!(delivered.attempts[0].excerpt.as_ref().map(String::len), Some(100));
    assert_eq!(receiver.next().await.json()["type"], "webhook.test");
}

#[tokio::test]
async fn an_address_that_the_rules_close_is_not_connected_to_even_if_they_were_wider_once() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Status(200)).await;
    let (id, _) = webhook(&h, &acme, &receiver.url).await;
    let closed = UrlRules { http: true, ..UrlRules::default() };
    let _deliverer = deliverer(&h, DeliveryOptions { urls: closed, ..options() });
    h.engine.test_webhook(&acme, id).await.unwrap();
    let refused = once(&h, &acme, id, tried(1)).await;
    assert_eq!((refused.attempts[0].status, refused.attempts[0].error), (None, Some(SendError::UrlRefused)));
    assert_eq!(receiver.waiting().await, 0);
}

#[tokio::test]
async fn a_webhook_that_fails_time_and_again_is_left_alone_and_then_tried_with_one() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Status(500)).await;
    let (id, _) = webhook(&h, &acme, &receiver.url).await;
    let options = DeliveryOptions { failures_to_open: 3, places_per_webhook: 1, ..options() };
    let _deliverer = deliverer(&h, options);
    for _ in 0..5 {
        ended(&h, &acme, Decision::Succeed).await;
    }
    for _ in 0..3 {
        receiver.next().await;
    }
    let opened = async {
        while h.engine.webhook(&acme, id).await.unwrap().open_until.is_none() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, opened).await.expect("it opens");
    // All are due by now, and the webhook rests.
    seconds_pass(&h, 7).await;
    assert_eq!(h.engine.webhook(&acme, id).await.unwrap().failures, 3);
    seconds_pass(&h, 40).await;
    receiver.next().await;
    let failed_again = async {
        while h.engine.webhook(&acme, id).await.unwrap().failures < 4 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, failed_again).await.expect("the trial fails");
    assert_eq!(receiver.waiting().await, 0, "one trial, and no more");
    receiver.answer(Answer::Status(200));
    // What a person asks for goes first, before those that have waited for longer.
    let asked = h.engine.test_webhook(&acme, id).await.unwrap();
    assert_eq!(receiver.next().await.header("webhook-id"), asked.id.to_string());
    seconds_pass(&h, 40 + 70).await;
    for _ in 0..5 {
        receiver.next().await;
    }
    let all_delivered = async {
        while !deliveries(&h, &acme, id).await.iter().all(is(DeliveryState::Delivered)) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, all_delivered).await.expect("all are delivered");
    let closed = h.engine.webhook(&acme, id).await.unwrap();
    assert_eq!((closed.failures, closed.open_until), (0, None));
}

#[tokio::test]
async fn while_a_secret_is_rotated_both_sign_and_then_the_new_one_alone() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Status(200)).await;
    let (id, old) = webhook(&h, &acme, &receiver.url).await;
    let new = SigningSecret::draw().unwrap();
    let rotate =
        WebhookChange { secret: Some((new.clone(), Duration::from_secs(60))), ..WebhookChange::default() };
    h.engine.change_webhook(&acme, id, &rotate).await.unwrap();
    let _deliverer = deliverer(&h, options());
    h.engine.test_webhook(&acme, id).await.unwrap();
    let got = receiver.next().await;
    assert_eq!((got.is_signed_by(&old), got.is_signed_by(&new)), (true, true));
    for secret in [&old, &new] {
        let verifier = standardwebhooks::Webhook::new(&secret.expose()).unwrap();
        verifier.verify(&got.body, &got.headers).unwrap();
    }
    // What is still on its way when time leaps is taken for lost, and sent again.
    once(&h, &acme, id, is(DeliveryState::Delivered)).await;
    seconds_pass(&h, 61).await;
    h.engine.test_webhook(&acme, id).await.unwrap();
    let got = receiver.next().await;
    assert_eq!((got.is_signed_by(&old), got.is_signed_by(&new)), (false, true));
    let at_once = WebhookChange { secret: Some((old.clone(), Duration::ZERO)), ..WebhookChange::default() };
    h.engine.change_webhook(&acme, id, &at_once).await.unwrap();
    h.engine.test_webhook(&acme, id).await.unwrap();
    let got = receiver.next().await;
    assert_eq!((got.is_signed_by(&old), got.is_signed_by(&new)), (true, false));
}

#[tokio::test]
async fn what_comes_at_the_end_of_a_turn_that_took_long_is_told() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Status(204)).await;
    let (id, _) = webhook(&h, &acme, &receiver.url).await;
    let _deliverer = deliverer(&h, options());
    // Nobody can stop the deliverer between its last look and the end of the turn, but a hundred times hit it.
    for round in 1..=100 {
        let asked_for = h.engine.test_webhook(&acme, id).await.unwrap().id.to_string();
        while receiver.next().await.header("webhook-id") != asked_for {}
        seconds_pass(&h, 61 * round).await;
    }
}

#[tokio::test]
async fn what_was_delivered_or_given_up_can_be_sent_again_as_the_same_message() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Status(503)).await;
    let (id, _) = webhook(&h, &acme, &receiver.url).await;
    let first = deliverer(&h, options());
    ended(&h, &acme, Decision::Succeed).await;
    let got = receiver.next().await;
    once(&h, &acme, id, tried(1)).await;
    drop(first);
    seconds_pass(&h, 25 * 3600).await;
    let _later = deliverer(&h, options());
    let given_up = once(&h, &acme, id, is(DeliveryState::Failed)).await;
    assert_eq!((given_up.attempts.len(), given_up.due_at), (1, None));
    receiver.answer(Answer::Status(200));
    for times in 2..4 {
        let pending = h.engine.redeliver(&acme, id, given_up.id).await.unwrap();
        assert_eq!((pending.state, pending.attempt), (DeliveryState::Pending, 0));
        let again = receiver.next().await;
        assert_eq!((again.header("webhook-id"), &again.body), (got.header("webhook-id"), &got.body));
        let delivered = once(&h, &acme, id, is(DeliveryState::Delivered)).await;
        assert_eq!(delivered.attempts.len(), times);
    }
}

#[tokio::test]
async fn no_verb_shows_or_touches_anothers_webhook() {
    let h = Harness::new().await;
    let (a, b) = (h.tenant("aaa").await, h.tenant("bbb").await);
    let (id, _) = webhook(&h, &b, "https://example.com/").await;
    let delivery = h.engine.test_webhook(&b, id).await.unwrap().id;
    let unknown = |error: WebhookError| assert!(matches!(error, WebhookError::Unknown), "{error}");
    assert!(h.engine.webhooks(&a).await.unwrap().is_empty());
    unknown(h.engine.webhook(&a, id).await.unwrap_err());
    unknown(h.engine.change_webhook(&a, id, &WebhookChange::default()).await.unwrap_err());
    unknown(h.engine.remove_webhook(&a, id).await.unwrap_err());
    unknown(h.engine.deliveries(&a, id, None, None, 10).await.unwrap_err());
    unknown(h.engine.delivery(&a, id, delivery).await.unwrap_err());
    unknown(h.engine.redeliver(&a, id, delivery).await.unwrap_err());
    unknown(h.engine.test_webhook(&a, id).await.unwrap_err());
    unknown(h.engine.redeliver(&b, id, DeliveryId::new()).await.unwrap_err());
    assert_eq!(deliveries(&h, &b, id).await.len(), 1);
    // Nor may a tenant's role leave signals, or read when others' turns are.
    for sql in
        ["insert into esteira.webhook_signals (tenant_id) values (1)", "select from esteira.webhook_turns"]
    {
        let mut tx = h.db.begin_as(&a).await.unwrap();
        let refused = sqlx::query(sql).execute(tx.conn()).await.map_err(DatabaseError::from).unwrap_err();
        assert!(std::error::Error::source(&refused).unwrap().to_string().contains("permission denied"));
    }
}

#[tokio::test]
async fn an_event_of_any_type_is_announced_by_one_call_of_sql() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Status(200)).await;
    webhook(&h, &acme, &receiver.url).await;
    let _deliverer = deliverer(&h, options());
    sqlx::query("select esteira.announce($1, 'batch.finished', '2026-11-24T12:00:00Z', '{\"id\": 1}')")
        .bind(acme.id.0)
        .execute(&h.pool)
        .await
        .unwrap();
    let expected =
        json!({"type": "batch.finished", "timestamp": "2026-11-24T12:00:00.000000Z", "data": {"id": 1}});
    assert_eq!(receiver.next().await.json(), expected);
}

#[tokio::test]
async fn old_deliveries_are_pruned_and_so_are_those_of_a_webhook_that_is_gone() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let receiver = Receiver::start(Answer::Status(200)).await;
    let (kept, _) = webhook(&h, &acme, &receiver.url).await;
    let (removed, _) = webhook(&h, &acme, "https://example.com/").await;
    let running = deliverer(&h, options());
    h.engine.test_webhook(&acme, kept).await.unwrap();
    once(&h, &acme, kept, is(DeliveryState::Delivered)).await;
    drop(running);
    h.engine.test_webhook(&acme, kept).await.unwrap();
    h.engine.test_webhook(&acme, removed).await.unwrap();
    h.engine.remove_webhook(&acme, removed).await.unwrap();
    let leadership = lead(&h.db, "test", WorkerId::new(), LEASE * 1_000_000).await.unwrap().unwrap();
    let prune =
        async || prune_once(&h.db, &h.store, &RetentionOptions::default(), &leadership).await.unwrap();
    assert_eq!(prune().await.unwrap().deliveries, 1, "that of the one that is gone");
    seconds_pass(&h, 15 * 24 * 3600).await;
    assert_eq!(prune().await.unwrap().deliveries, 1, "what is pending stays");
    assert_eq!(deliveries(&h, &acme, kept).await.len(), 1);
}

#[tokio::test]
async fn a_tenant_has_only_so_many_webhooks() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    webhook(&h, &acme, "https://example.com/").await;
    let new = NewWebhook {
        url: "https://example.com/".parse().unwrap(),
        description: String::new(),
        events: vec!["job.failed".into()],
        kinds: None,
        secret: SigningSecret::draw().unwrap(),
    };
    let refused = h.engine.create_webhook(&acme, &new, 1).await.unwrap_err();
    assert!(matches!(refused, WebhookError::TooMany { limit: 1 }), "{refused}");
}
