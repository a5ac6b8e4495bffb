//! The queue, as an operator sees it and holds it back.

use serde_json::{Value, json};

use crate::support::{Esteira, KIND, pointers};

async fn queue(esteira: &Esteira, query: &str) -> Value {
    let reply = esteira.get(&esteira.operator, &format!("/v1/queues{query}")).await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    reply.json()
}

#[tokio::test]
async fn an_operator_sees_how_each_kind_stands_for_all_and_for_one_tenant() {
    let esteira = Esteira::start().await;
    let (_, key) = esteira.tenant("acme").await;
    let (_, other) = esteira.tenant("other").await;
    for token in [&key, &key, &other] {
        esteira.submit(token, "x").await;
    }
    esteira.sql(&format!(
        "insert into esteira.workers (id, host, pid, version, slots, lease_until) \
         values (gen_random_uuid(), 'h', 1, '0', '{{\"{KIND}\": 3}}', now() + interval '1 hour')"
    ));
    for (query, queued) in [("", 3), ("?tenant=acme", 2), ("?tenant=other", 1)] {
        let mut found = queue(&esteira, query).await;
        assert!(found["items"][0]["oldest_ready_seconds"].take().is_number(), "{query}");
        let item = json!({
            "kind": KIND, "blocked": 0, "scheduled": 0, "queued": queued, "running": 0,
            "oldest_ready_seconds": null, "oldest_running_seconds": null, "slots": 3, "paused": false,
        });
        assert_eq!(found, json!({"items": [item], "pauses": []}), "{query}");
    }
    esteira.get(&esteira.operator, "/v1/queues?tenant=nobody").await.problem(404, "not_found");
    let bad = esteira.get(&esteira.operator, "/v1/queues?tenant=No").await;
    assert_eq!(pointers(&bad.problem(400, "invalid_parameter")), ["/tenant"]);
}

#[tokio::test]
async fn what_is_paused_is_shown_until_it_is_resumed() {
    let esteira = Esteira::start().await;
    esteira.tenant("acme").await;
    let operator = &esteira.operator;
    for body in
        [json!({}), json!({"kind": KIND}), json!({"tenant": "acme"}), json!({"tenant": "acme", "kind": KIND})]
    {
        let pause = esteira.post(operator, "/v1/queues/pause", body.clone()).await;
        assert_eq!(pause.status, 200, "{:?}", pause.body);
        let pause = pause.json();
        assert_eq!((&pause["tenant"], &pause["kind"]), (&body["tenant"], &body["kind"]));
        assert_eq!(esteira.post(operator, "/v1/queues/pause", body.clone()).await.json(), pause);
        let shown = queue(&esteira, "?tenant=acme").await;
        assert_eq!((&shown["pauses"], &shown["items"][0]["paused"]), (&json!([pause]), &json!(true)));
        for resumed in [true, false] {
            let reply = esteira.post(operator, "/v1/queues/resume", body.clone()).await;
            assert_eq!(reply.json(), json!({"resumed": resumed, "still_paused_by": []}));
        }
    }
    assert_eq!(queue(&esteira, "").await["pauses"], json!([]));
}

#[tokio::test]
async fn a_resume_that_is_not_enough_says_what_else_holds_the_jobs_back() {
    let esteira = Esteira::start().await;
    let everything = esteira.post(&esteira.operator, "/v1/queues/pause", json!({})).await.json();
    esteira.post(&esteira.operator, "/v1/queues/pause", json!({"kind": KIND})).await;
    let reply = esteira.post(&esteira.operator, "/v1/queues/resume", json!({"kind": KIND})).await;
    assert_eq!(reply.json(), json!({"resumed": true, "still_paused_by": [everything]}));
}

#[tokio::test]
async fn tenants_kinds_and_fields_that_there_are_not_are_pointed_at() {
    let esteira = Esteira::start().await;
    for path in ["/v1/queues/pause", "/v1/queues/resume"] {
        for (body, status, code, pointer) in [
            (json!({"tenant": "nobody"}), 422, "invalid_value", "/tenant"),
            (json!({"tenant": "No Slug\u{0}"}), 422, "invalid_value", "/tenant"),
            (json!({"kind": "no.such"}), 422, "unknown_kind", "/kind"),
            (json!({"kind": "no\u{0}"}), 422, "unknown_kind", "/kind"),
            (json!({"kind": 1}), 400, "invalid_field", "/kind"),
            (json!({"tennant": "acme"}), 400, "unknown_field", "/tennant"),
        ] {
            let reply = esteira.post(&esteira.operator, path, body.clone()).await;
            assert_eq!(pointers(&reply.problem(status, code)), [pointer], "{path} {body}");
        }
    }
    assert_eq!(queue(&esteira, "").await["pauses"], json!([]));
}
