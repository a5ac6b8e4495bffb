//! Schedules over HTTP: made, shown with their next due times, changed, run by hand, fired and removed; by the tenant alone.

use std::time::Duration;

use esteira_api::ApiOptions;
use esteira_engine::schedule::{self, ScheduleOptions};
use esteira_engine::tenant::Scope;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::support::{Esteira, KIND, pointers};

const PATIENCE: Duration = Duration::from_secs(30);

fn body() -> Value {
    json!({"name": "nightly", "cron": "0 2 * * *", "timezone": "America/Sao_Paulo", "kind": KIND,
           "input": {"say": "good night"}})
}

async fn key(esteira: &Esteira) -> String {
    let (tenant, _) = esteira.tenant("acme").await;
    esteira.key(&tenant, &[Scope::SchedulesWrite, Scope::JobsRead]).await
}

#[tokio::test]
async fn a_schedule_is_made_shown_listed_changed_and_removed() {
    let esteira = Esteira::start().await;
    let key = key(&esteira).await;
    let made = esteira.post(&key, "/v1/schedules", body()).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let location = made.header("location").to_owned();
    let made = made.json();
    let path = format!("/v1/schedules/{}", made["id"].as_str().unwrap());
    assert_eq!(location, path);
    for (field, value) in [
        ("overlap", "skip"),
        ("catch_up", "latest"),
        ("cron", "0 2 * * *"),
        ("timezone", "America/Sao_Paulo"),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let next = made["next_runs"].as_array().unwrap();
    assert!(next.len() == 5 && next.iter().all(|at| at.as_str().unwrap().contains("T05:00:00")), "{next:?}");
    assert_eq!(esteira.get(&key, &path).await.json(), made);
    let changed = esteira.patch(&key, &path, json!({"cron": "@hourly", "overlap": "queue"})).await.json();
    assert_eq!((&changed["cron"], &changed["overlap"]), (&json!("@hourly"), &json!("queue")));
    assert_eq!((&changed["name"], &changed["input"]), (&made["name"], &made["input"]));
    let paused = esteira.patch(&key, &path, json!({"enabled": false})).await.json();
    assert_eq!((&paused["enabled"], &paused["next_runs"]), (&json!(false), &json!([])));

    esteira.post(&key, "/v1/schedules", body()).await;
    let first = esteira.get(&key, "/v1/schedules?limit=1").await.json();
    assert_eq!(first["items"][0]["id"], made["id"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = esteira.get(&key, &format!("/v1/schedules?limit=1&cursor={cursor}")).await.json();
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next_cursor"]), (1, &Value::Null));
    assert_eq!(esteira.delete(&key, &path).await.status, 204);
    esteira.delete(&key, &path).await.problem(404, "not_found");
}

#[tokio::test]
async fn what_the_schema_of_a_kind_marks_as_write_only_is_not_shown_with_a_schedule_either() {
    let esteira = Esteira::start().await;
    let key = key(&esteira).await;
    let mut new = body();
    new["input"]["password"] = json!("senha secreta");
    let made = esteira.post(&key, "/v1/schedules", new).await.json();
    let path = format!("/v1/schedules/{}", made["id"].as_str().unwrap());
    let read = esteira.get(&key, &path).await.json();
    let listed = esteira.get(&key, "/v1/schedules").await.json()["items"][0].clone();
    let changed = esteira.patch(&key, &path, json!({"name": "another"})).await.json();
    for shown in [made, read, listed, changed] {
        assert_eq!(shown["input"], json!({"say": "good night", "password": "***"}), "{shown}");
    }
    // Its jobs have it, also after an input that was shown was sent back.
    let password = "select input ->> 'password' from tenant_acme_schema.schedules";
    assert_eq!(esteira.sql(password), "senha secreta");
    let input = json!({"say": "good day", "password": "***"});
    let changed = esteira.patch(&key, &path, json!({"input": input})).await.json();
    assert_eq!((&changed["input"], esteira.sql(password).as_str()), (&input, "senha secreta"));
    esteira.patch(&key, &path, json!({"input": {"say": "good day", "password": "nova"}})).await.json();
    assert_eq!(esteira.sql(password), "nova");
}

#[tokio::test]
async fn a_limit_that_is_null_is_taken_back_and_one_that_is_absent_stays() {
    let esteira = Esteira::start().await;
    let key = key(&esteira).await;
    let mut new = body();
    (new["max_attempts"], new["timeout_seconds"]) = (json!(2), json!(60));
    let made = esteira.post(&key, "/v1/schedules", new).await.json();
    let path = format!("/v1/schedules/{}", made["id"].as_str().unwrap());
    for (change, attempts, seconds) in [
        (json!({"name": "another"}), json!(2), json!(60)),
        (json!({"max_attempts": null}), Value::Null, json!(60)),
        (json!({"timeout_seconds": null}), Value::Null, Value::Null),
    ] {
        let shown = esteira.patch(&key, &path, change).await.json();
        assert_eq!((&shown["max_attempts"], &shown["timeout_seconds"]), (&attempts, &seconds), "{shown}");
    }
}

#[tokio::test]
async fn a_schedule_that_is_due_submits_its_job_and_history_tells() {
    let esteira = Esteira::start().await;
    let key = key(&esteira).await;
    let options = ScheduleOptions { poll: Duration::from_millis(50), ..ScheduleOptions::default() };
    let run = schedule::run(esteira.another_engine().await, options, CancellationToken::new());
    let _scheduler = AbortOnDropHandle::new(tokio::spawn(run));
    let mut new = body();
    new["cron"] = json!("* * * * * *");
    let made = esteira.post(&key, "/v1/schedules", new).await.json();
    let path = format!("/v1/schedules/{}", made["id"].as_str().unwrap());
    // The job of the first second is not over in the next.
    let wait = async {
        loop {
            let runs = esteira.get(&key, &format!("{path}/runs")).await.json()["items"].clone();
            if runs.as_array().unwrap().len() > 1 {
                return runs;
            }
            tokio::task::yield_now().await;
        }
    };
    let runs = timeout(PATIENCE, wait).await.expect("it is due");
    let runs = runs.as_array().unwrap();
    let (first, second) = (&runs[runs.len() - 1], &runs[runs.len() - 2]);
    assert_eq!((&first["state"], &first["reason"]), (&json!("fired"), &Value::Null));
    assert_eq!((&second["state"], &second["reason"]), (&json!("skipped"), &json!("overlap")));
    let job = esteira.get(&key, &format!("/v1/jobs/{}", first["job_id"].as_str().unwrap())).await.json();
    assert_eq!((&job["kind"], &job["input"]), (&json!(KIND), &json!({"say": "good night"})));
    assert_eq!(job["metadata"]["schedule_id"], made["id"]);
    let skipped = esteira.get(&key, &format!("{path}/runs?state=skipped")).await.json();
    assert!(skipped["items"].as_array().unwrap().iter().all(|run| run["state"] == "skipped"));
    esteira.get(&key, &format!("{path}/runs?state=lost")).await.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_schedule_is_run_by_hand_and_a_second_time_by_its_overlap() {
    let esteira = Esteira::start().await;
    let key = key(&esteira).await;
    let made = esteira.post(&key, "/v1/schedules", body()).await.json();
    let path = format!("/v1/schedules/{}/run", made["id"].as_str().unwrap());
    let run = esteira.post(&key, &path, Value::Null).await;
    assert_eq!(run.status, 202, "{:?}", run.body);
    assert_eq!((&run.json()["by_hand"], &run.json()["state"]), (&json!(true), &json!("fired")));
    esteira.post(&key, &path, Value::Null).await.problem(409, "schedule_busy");
}

#[tokio::test]
async fn who_reads_jobs_reads_schedules_and_changes_none() {
    let esteira = Esteira::start().await;
    let (tenant, _) = esteira.tenant("acme").await;
    let reader = esteira.key(&tenant, &[Scope::JobsRead]).await;
    assert_eq!(esteira.get(&reader, "/v1/schedules").await.status, 200);
    esteira.post(&reader, "/v1/schedules", body()).await.problem(403, "insufficient_scope");
}

#[tokio::test]
async fn a_schedule_that_cannot_be_is_refused_by_its_field() {
    let esteira = Esteira::with(ApiOptions { max_schedules_per_tenant: 1, ..ApiOptions::default() }).await;
    let key = key(&esteira).await;
    for (change, status, code, pointer) in [
        (json!({"cron": "0 2 * *"}), 422, "invalid_value", "/cron"),
        (json!({"cron": "0 25 * * *"}), 422, "invalid_value", "/cron"),
        (json!({"cron": "0 0 30 2 *"}), 422, "invalid_value", "/cron"),
        (json!({"cron": "@reboot"}), 422, "invalid_value", "/cron"),
        (json!({"cron": "* ".repeat(200)}), 422, "invalid_value", "/cron"),
        (json!({"timezone": "America/Sao Paulo"}), 422, "invalid_value", "/timezone"),
        (json!({"timezone": "../etc/passwd"}), 422, "invalid_value", "/timezone"),
        (json!({"name": ""}), 422, "invalid_value", "/name"),
        (json!({"name": "a\u{0}"}), 422, "invalid_value", "/name"),
        (json!({"overlap": "allow"}), 422, "invalid_value", "/overlap"),
        (json!({"catch_up": "most"}), 422, "invalid_value", "/catch_up"),
        (json!({"jitter_seconds": -1}), 422, "invalid_value", "/jitter_seconds"),
        (json!({"priority": 101}), 422, "invalid_value", "/priority"),
        (json!({"kind": "no.such"}), 422, "unknown_kind", "/kind"),
        (json!({"input": {}}), 422, "invalid_input", "/input/say"),
        (json!({"every": "day"}), 400, "unknown_field", "/every"),
    ] {
        let mut new = body();
        new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let reply = esteira.post(&key, "/v1/schedules", new).await;
        assert_eq!(pointers(&reply.problem(status, code)), [pointer], "{change}");
    }
    assert_eq!(esteira.post(&key, "/v1/schedules", body()).await.status, 201);
    esteira.post(&key, "/v1/schedules", body()).await.problem(409, "too_many_schedules");
}
