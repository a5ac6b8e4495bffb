//! What a job waits for, as its tenant is told.

use serde_json::{Value, json};

use crate::support::{Esteira, KIND};

async fn why(esteira: &Esteira, key: &str, job: &str) -> Value {
    let reply = esteira.get(key, &format!("/v1/jobs/{job}/why")).await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    reply.json()
}

#[tokio::test]
async fn a_waiting_job_lists_its_reasons_each_with_a_sentence() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    esteira.submit(&key, "x").await;
    let job = esteira.submit(&key, "y").await.to_string();
    let pause = esteira.post(&esteira.operator, "/v1/queues/pause", json!({"kind": KIND})).await.json();
    let found = why(&esteira, &key, &job).await;
    let seconds = &pause["paused_at"].as_str().unwrap()[..19];
    let expected = json!({
        "id": job, "state": "queued", "running": null,
        "waits_for": [
            {"reason": "pause", "of_tenant": false, "of_kind": true, "since": pause["paused_at"],
             "message": format!("the kind is paused since {seconds}Z")},
            {"reason": "own_work", "ahead": 1, "or_more": false,
             "message": "1 job of its tenant and kind is before it"},
            {"reason": "no_worker", "message": "no live worker takes jobs of its kind"},
        ],
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_scheduled_job_names_its_time_a_running_one_its_attempt_and_a_final_one_its_state() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let body = json!({"kind": KIND, "input": {"say": "x"}, "run_at": "2999-01-01T00:00:00Z"});
    let job = esteira.post(&key, "/v1/jobs", body).await.json()["id"].as_str().unwrap().to_owned();
    let time = json!({
        "reason": "time", "until": "2999-01-01T00:00:00Z", "retry": false,
        "message": "its time comes at 2999-01-01T00:00:00Z",
    });
    assert_eq!(why(&esteira, &key, &job).await["waits_for"], json!([time]));

    esteira.sql(
        "update esteira.queue set state = 'running', worker_id = gen_random_uuid(), attempt = 2, \
         started_at = '2026-01-01T00:00:00Z'",
    );
    let running = json!({"attempt": 2, "since": "2026-01-01T00:00:00Z"});
    let expected = json!({"id": job, "state": "running", "waits_for": [], "running": running});
    assert_eq!(why(&esteira, &key, &job).await, expected);

    esteira.sql("update esteira.queue set state = 'queued', worker_id = null");
    esteira.post(&key, &format!("/v1/jobs/{job}/cancel"), Value::Null).await;
    let expected = json!({"id": job, "state": "cancelled", "waits_for": [], "running": null});
    assert_eq!(why(&esteira, &key, &job).await, expected);
}

#[tokio::test]
async fn a_busy_slot_tells_nothing_of_whose_job_is_in_it() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    esteira.submit(&other, "secret").await;
    esteira.sql(&format!(
        "with w as (insert into esteira.workers (id, host, pid, version, slots, lease_until) values \
         (gen_random_uuid(), 'h', 1, '0', '{{\"{KIND}\": 1}}', now() + interval '1 hour') returning id) \
         update esteira.queue set state = 'running', worker_id = (select id from w), started_at = now()"
    ));
    esteira.submit(&other, "secret").await;
    let job = esteira.submit(&key, "x").await.to_string();
    let slot = json!({
        "reason": "slot", "slots": 1, "all_busy": true, "message": "all slots of its kind are busy: 1",
    });
    assert_eq!(why(&esteira, &key, &job).await["waits_for"], json!([slot]));
}

#[tokio::test]
async fn a_blocked_job_names_the_jobs_that_have_to_succeed_first() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let first = esteira.submit(&key, "x").await;
    let body = json!({"kind": KIND, "input": {"say": "y"}, "depends_on": [first]});
    let job = esteira.post(&key, "/v1/jobs", body).await.json()["id"].as_str().unwrap().to_owned();
    let found = why(&esteira, &key, &job).await;
    let dependency = json!({
        "reason": "dependency", "jobs": [first],
        "message": format!("other jobs have to succeed first: {first}"),
    });
    assert_eq!((&found["state"], &found["waits_for"]), (&json!("blocked"), &json!([dependency])));
}
