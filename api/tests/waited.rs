//! How long a job has waited, as its tenant is told.

use serde_json::{Value, json};

use crate::support::{Esteira, Hands};

/// The clock stands at so many seconds after the beginning of the test's time.
fn at(esteira: &Esteira, seconds: u32) {
    esteira.sql(&format!(
        "create or replace function esteira.now() returns timestamptz language sql stable parallel safe \
         return timestamptz '2026-11-24 15:00:00Z' + interval '{seconds} seconds'"
    ));
}

async fn waited(esteira: &Esteira, key: &str, job: &str) -> Value {
    esteira.get(key, &format!("/v1/jobs/{job}")).await.json()["waited_ms"].clone()
}

#[tokio::test]
async fn a_job_tells_how_long_it_waited_for_its_tenants_own_work_and_how_long_for_a_slot() {
    let esteira = Esteira::start().await;
    let (acme, key) = esteira.tenant("acme").await;
    let (other, other_key) = esteira.tenant("other").await;
    let limit = json!({"limits": {"max_running": 1}});
    assert_eq!(esteira.patch(&esteira.operator, "/v1/tenants/acme", limit).await.status, 200);
    let hands = Hands::of(&esteira).await;

    at(&esteira, 0);
    let first = esteira.submit(&key, "x").await.to_string();
    let second = esteira.submit(&key, "y").await.to_string();
    let running = hands.claim(1).await.remove(0);
    assert_eq!(waited(&esteira, &key, &first).await, json!({"own_work": 0, "slot": 0}), "while it runs");
    assert_eq!(waited(&esteira, &key, &second).await, Value::Null, "before it has begun");
    at(&esteira, 90);
    hands.succeed(&acme, &running).await;
    let running = hands.claim(1).await.remove(0);
    assert_eq!(waited(&esteira, &key, &second).await, json!({"own_work": 90_000, "slot": 0}));

    // The only slot is taken by a job of acme's, which is another tenant's for the next.
    let third = esteira.submit(&other_key, "z").await.to_string();
    at(&esteira, 100);
    hands.succeed(&acme, &running).await;
    let running = hands.claim(1).await.remove(0);
    hands.succeed(&other, &running).await;
    let listed = esteira.get(&other_key, "/v1/jobs").await.json();
    let expected = json!({"own_work": 0, "slot": 10_000});
    assert_eq!(
        (&waited(&esteira, &other_key, &third).await, &listed["items"][0]["waited_ms"]),
        (&expected, &expected)
    );
}
