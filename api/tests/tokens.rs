//! Tokens of an OIDC issuer: who gets in, who does not, and how often the issuer is asked for its keys.

use std::time::Duration;

use esteira_api::{ApiOptions, JwtOptions};
use esteira_engine::tenant::TenantState;
use serde_json::{Value, json};

use crate::support::issuer::{AUDIENCE, ISSUER, Issuer, Key, claims, seconds, unsigned, with_secret};
use crate::support::{Esteira, KIND, Reply, log};

/// An Esteira that trusts an issuer, with a tenant `acme`.
async fn trusting(jwt: JwtOptions) -> Esteira {
    let esteira = Esteira::with(ApiOptions { jwt: Some(jwt), ..ApiOptions::default() }).await;
    esteira.tenant("acme").await;
    esteira
}

async fn list(esteira: &Esteira, token: &str) -> Reply {
    esteira.get(token, "/v1/jobs").await
}

#[tokio::test]
async fn tokens_by_rsa_and_by_an_elliptic_curve_get_in_with_what_they_may_do() {
    let (rsa, ec) = (Key::rsa("rsa"), Key::ec("ec"));
    let issuer = Issuer::start(&[&rsa, &ec]).await;
    let esteira = trusting(issuer.options.clone()).await;
    for key in [&rsa, &ec] {
        let reader = key.sign(&claims(json!({})));
        assert_eq!(list(&esteira, &reader).await.status, 200);
        let submit = json!({"kind": KIND, "input": {"say": "x"}});
        esteira.post(&reader, "/v1/jobs", submit.clone()).await.problem(403, "insufficient_scope");
        let writer = key.sign(&claims(json!({"scope": null, "cognito:groups": ["jobs:write"]})));
        assert_eq!(esteira.post(&writer, "/v1/jobs", submit).await.status, 202);
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_token_sees_its_tenants_jobs_and_no_others() {
    let key = Key::ec("ec");
    let issuer = Issuer::start(&[&key]).await;
    let esteira = trusting(issuer.options.clone()).await;
    let (_, other) = esteira.tenant("other").await;
    let job = esteira.submit(&other, "secret").await;
    let path = format!("/v1/jobs/{job}");
    let mine = key.sign(&claims(json!({})));
    esteira.get(&mine, &path).await.problem(404, "not_found");
    let theirs = key.sign(&claims(json!({"custom:tenant": "other"})));
    assert_eq!(esteira.get(&theirs, &path).await.status, 200);
    assert_eq!(esteira.get(&other, &path).await.status, 200, "API keys are taken as before");
}

#[tokio::test]
async fn a_forged_token_is_refused_and_only_the_log_says_why() {
    let (rsa, ec, strange) = (Key::rsa("rsa"), Key::ec("ec"), Key::rsa("rsa"));
    let issuer = Issuer::start(&[&rsa, &ec]).await;
    let esteira = trusting(issuer.options.clone()).await;
    let good = rsa.sign(&claims(json!({})));
    let parts: Vec<&str> = good.split('.').collect();
    let changed = |changes: Value| rsa.sign(&claims(changes));
    let hs256 = json!({"alg": "HS256", "kid": "rsa", "typ": "JWT"});
    let mut table = vec![
        ("no algorithm", format!("{}.", unsigned(&json!({"alg": "none", "kid": "rsa"}), &claims(json!({}))))),
        ("no algorithm, but a signature", {
            format!("{}.{}", unsigned(&json!({"alg": "none", "kid": "rsa"}), &claims(json!({}))), parts[2])
        }),
        (
            "another algorithm than the key's",
            rsa.sign_under(&json!({"alg": "ES256", "kid": "rsa"}), &claims(json!({}))),
        ),
        (
            "the curve's key under RSA",
            ec.sign_under(&json!({"alg": "RS256", "kid": "ec"}), &claims(json!({}))),
        ),
        ("RS512 of the same key", rsa.sign_under(&json!({"alg": "RS512", "kid": "rsa"}), &claims(json!({})))),
        ("no key id", rsa.sign_under(&json!({"alg": "RS256"}), &claims(json!({})))),
        ("an unknown key id", rsa.sign_under(&json!({"alg": "RS256", "kid": "other"}), &claims(json!({})))),
        ("an unknown extension", {
            rsa.sign_under(
                &json!({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": false}),
                &claims(json!({})),
            )
        }),
        ("a key of its own in the head", {
            let head = json!({"alg": "RS256", "kid": "rsa", "jku": "https://evil.example/keys"});
            strange.sign_under(&head, &claims(json!({})))
        }),
        ("another pool's key of the same id", strange.sign(&claims(json!({})))),
        ("another pool", changed(json!({"iss": "https://issuer.example/other"}))),
        ("an issuer that is longer", changed(json!({"iss": format!("{ISSUER}/")}))),
        ("no issuer", changed(json!({"iss": null}))),
        ("another audience", changed(json!({"aud": "other"}))),
        ("another client", changed(json!({"client_id": "other"}))),
        ("nobody's", changed(json!({"client_id": null}))),
        ("expired", changed(json!({"exp": seconds(-60)}))),
        ("without end", changed(json!({"exp": null}))),
        ("an end that is no time", changed(json!({"exp": "tomorrow"}))),
        ("not yet", changed(json!({"nbf": seconds(60)}))),
        ("a beginning that is no time", changed(json!({"nbf": "yesterday"}))),
        ("a refresh token", changed(json!({"token_use": "refresh"}))),
        ("without use", changed(json!({"token_use": null}))),
        ("no tenant", changed(json!({"custom:tenant": null}))),
        ("an empty tenant", changed(json!({"custom:tenant": ""}))),
        ("two tenants", changed(json!({"custom:tenant": ["acme", "other"]}))),
        ("a tenant that is none", changed(json!({"custom:tenant": "nobody"}))),
        ("a tenant by injection", changed(json!({"custom:tenant": "acme' or '1'='1"}))),
        ("an operator", changed(json!({"custom:tenant": null, "scope": "api/operator"}))),
        ("larger than is looked at", changed(json!({"cognito:groups": ["x".repeat(20_000)]}))),
        ("other claims under the signature", {
            format!(
                "{}.{}",
                unsigned(&json!({"alg": "RS256", "kid": "rsa"}), &claims(json!({"custom:tenant": "acme"}))),
                parts[2]
            )
        }),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{good}.x")),
        ("no JSON", "a.b.c".to_owned()),
        ("dots", "..".to_owned()),
    ];
    table.extend(
        rsa.public_bytes()
            .iter()
            .map(|bytes| ("the public key as a secret", with_secret(&hs256, &claims(json!({})), bytes))),
    );
    assert_eq!(list(&esteira, &good).await.status, 200);

    let unknown = list(&esteira, &format!("est_{}", "x".repeat(43))).await;
    for (what, token) in table {
        log::take();
        let reply = list(&esteira, &token).await;
        assert_eq!((reply.status, &reply.body), (unknown.status, &unknown.body), "{what}");
        assert_eq!(reply.headers, unknown.headers, "{what}");
        let log = log::take();
        assert!(log.contains("a token was refused") && log.contains("reason"), "{what}: {log}");
        assert!(token.len() < 4 || !log.contains(&token), "{what}: the token itself is in the log");
    }
}

#[tokio::test]
async fn clocks_may_be_a_little_apart() {
    let key = Key::ec("ec");
    let issuer = Issuer::start(&[&key]).await;
    let esteira = trusting(issuer.options.clone()).await;
    for changes in [json!({"exp": seconds(-10)}), json!({"nbf": seconds(10)}), json!({"nbf": seconds(0)})] {
        assert_eq!(list(&esteira, &key.sign(&claims(changes))).await.status, 200);
    }
}

#[tokio::test]
async fn a_suspended_tenant_reads_and_does_not_submit_as_with_an_api_key() {
    let key = Key::ec("ec");
    let issuer = Issuer::start(&[&key]).await;
    let esteira = trusting(issuer.options.clone()).await;
    let (tenant, api_key) = esteira.tenant("other").await;
    let token = key.sign(&claims(json!({"custom:tenant": "other", "scope": "jobs:read jobs:write"})));
    esteira.engine.set_tenant_state(&tenant.slug, TenantState::Suspended).await.unwrap();
    let submit = json!({"kind": KIND, "input": {"say": "x"}});
    let by_token = esteira.post(&token, "/v1/jobs", submit.clone()).await;
    let by_key = esteira.post(&api_key, "/v1/jobs", submit).await;
    by_token.problem(403, "tenant_suspended");
    assert_eq!((by_token.status, &by_token.body), (by_key.status, &by_key.body));
    assert_eq!(list(&esteira, &token).await.status, list(&esteira, &api_key).await.status);
}

#[tokio::test]
async fn a_tenant_that_is_being_removed_is_unknown() {
    let key = Key::ec("ec");
    let issuer = Issuer::start(&[&key]).await;
    let esteira = trusting(issuer.options.clone()).await;
    esteira.sql(
        "update esteira.tenants set state = 'deleting' where slug = 'acme'; drop schema tenant_acme_schema cascade",
    );
    list(&esteira, &key.sign(&claims(json!({})))).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_token_is_an_operators_only_where_the_settings_say_so_and_never_a_tenants() {
    let key = Key::ec("ec");
    let issuer = Issuer::start(&[&key]).await;
    let esteira = trusting(JwtOptions { operator: true, ..issuer.options.clone() }).await;
    let operator = key.sign(&claims(json!({"custom:tenant": null, "scope": "api/operator"})));
    assert_eq!(esteira.get(&operator, "/v1/tenants").await.status, 200);
    list(&esteira, &operator).await.problem(403, "no_tenant");
    let tenant = key.sign(&claims(json!({"scope": "api/operator"})));
    esteira.get(&tenant, "/v1/tenants").await.problem(403, "insufficient_scope");
}

#[tokio::test]
async fn without_an_issuer_in_the_settings_no_token_but_an_api_key_is_good() {
    let key = Key::ec("ec");
    let esteira = Esteira::start().await;
    esteira.tenant("acme").await;
    list(&esteira, &key.sign(&claims(json!({})))).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_new_key_is_fetched_when_its_first_token_comes_and_a_withdrawn_one_is_forgotten() {
    let (old, new) = (Key::ec("old"), Key::ec("new"));
    let issuer = Issuer::start(&[&old]).await;
    let jwt = JwtOptions { refetch_after: Duration::ZERO, ..issuer.options.clone() };
    let esteira = trusting(jwt).await;
    assert_eq!(list(&esteira, &old.sign(&claims(json!({})))).await.status, 200);
    issuer.has(&[&new]);
    assert_eq!(list(&esteira, &new.sign(&claims(json!({})))).await.status, 200);
    list(&esteira, &old.sign(&claims(json!({})))).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn while_the_issuer_is_away_or_talks_nonsense_its_last_keys_stay_good() {
    let (key, other) = (Key::ec("ec"), Key::ec("other"));
    let issuer = Issuer::start(&[&key]).await;
    // Old at once, and fetched again for each token.
    let jwt =
        JwtOptions { keys_age: Duration::ZERO, refetch_after: Duration::ZERO, ..issuer.options.clone() };
    let esteira = trusting(jwt).await;
    let (good, unknown) = (key.sign(&claims(json!({}))), other.sign(&claims(json!({}))));
    assert_eq!(list(&esteira, &good).await.status, 200);
    for nonsense in ["<html>", "{\"keys\": []}", ""] {
        issuer.says(nonsense);
        // The unknown key makes it ask, and waits for the answer.
        list(&esteira, &unknown).await.problem(401, "unauthenticated");
        assert_eq!(list(&esteira, &good).await.status, 200, "{nonsense:?}");
    }
    issuer.goes_away().await;
    list(&esteira, &unknown).await.problem(401, "unauthenticated");
    assert_eq!(list(&esteira, &good).await.status, 200);
}

#[tokio::test]
async fn before_the_first_keys_are_there_nobody_is_called_a_forger() {
    let key = Key::ec("ec");
    let issuer = Issuer::start(&[&key]).await;
    issuer.says("not yet");
    let jwt = JwtOptions { refetch_after: Duration::ZERO, ..issuer.options.clone() };
    let esteira = trusting(jwt).await;
    let token = key.sign(&claims(json!({})));
    let reply = list(&esteira, &token).await;
    reply.problem(503, "unavailable");
    assert_eq!(reply.header("retry-after"), "5");
    issuer.has(&[&key]);
    assert_eq!(list(&esteira, &token).await.status, 200);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_asks_the_issuer_no_more_than_the_settings_allow() {
    let (key, unknown) = (Key::ec("ec"), Key::ec("unknown"));
    let issuer = Issuer::start(&[&key]).await;
    let jwt = JwtOptions { refetch_after: Duration::from_secs(3600), ..issuer.options.clone() };
    let esteira = trusting(jwt).await;
    let flood = (0..50).map(|number| {
        let head = json!({"alg": "ES256", "kid": format!("kid-{number}")});
        let token = unknown.sign_under(&head, &claims(json!({})));
        let esteira = &esteira;
        async move { list(esteira, &token).await.problem(401, "unauthenticated") }
    });
    futures::future::join_all(flood).await;
    assert_eq!(list(&esteira, &key.sign(&claims(json!({})))).await.status, 200);
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn a_machine_without_a_tenant_in_its_token_gets_that_of_its_client() {
    let key = Key::ec("ec");
    let issuer = Issuer::start(&[&key]).await;
    let mut jwt = issuer.options.clone();
    jwt.client_tenants.insert(AUDIENCE.to_owned(), "acme".parse().unwrap());
    let esteira = trusting(jwt).await;
    assert_eq!(list(&esteira, &key.sign(&claims(json!({"custom:tenant": null})))).await.status, 200);
}
