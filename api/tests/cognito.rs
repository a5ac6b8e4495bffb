//! Tokens that Amazon Cognito signs, as `ministack` plays it: by password, for a machine, and as the manual says.

use std::process::Stdio;
use std::time::Duration;

use esteira_api::{ApiOptions, JwtOptions};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::serve::start;
use crate::support::cognito::Cognito;
use crate::support::{Esteira, KIND};

/// The manual whose snippets are run.
const MANUAL: &str = include_str!("../../docs/auth.md");

/// Longer than anything here takes; a test that reaches it has failed.
const LONG: Duration = Duration::from_secs(60);

async fn trusting(jwt: JwtOptions) -> Esteira {
    let esteira = Esteira::with(ApiOptions { jwt: Some(jwt), ..ApiOptions::default() }).await;
    esteira.tenant("acme").await;
    esteira
}

#[tokio::test]
async fn users_and_machines_of_a_cognito_pool_get_in_and_those_of_another_pool_do_not() {
    let cognito = Cognito::start().await;
    let pool = cognito.pool().await;
    let app = cognito.app(&pool).await;
    cognito.user(&pool, "maria", "acme").await;
    let tokens = cognito.sign_in(&app, "maria").await;
    let (id, access) = (tokens["IdToken"].as_str().unwrap(), tokens["AccessToken"].as_str().unwrap());
    let (machine, machine_token) = cognito.machine(&pool).await;
    let mut jwt = cognito.options(&pool, &[&app, &machine]);
    jwt.client_tenants.insert(machine, "acme".parse().unwrap());
    let esteira = trusting(jwt).await;

    // By password: the id token names the tenant, and the groups say what its bearer may do.
    let body = json!({"kind": KIND, "input": {"say": "olá"}});
    let submitted = esteira.post(id, "/v1/jobs", body.clone()).await;
    assert_eq!(submitted.status, 202, "{:?}", submitted.body);
    // Cognito writes no attributes into access tokens by itself, so this one is nobody's.
    esteira.get(access, "/v1/jobs").await.problem(401, "unauthenticated");
    esteira.get(tokens["RefreshToken"].as_str().unwrap(), "/v1/jobs").await.problem(401, "unauthenticated");

    // By client_credentials: the settings name the client's tenant, and the resource server's scope counts.
    let listed = esteira.get(&machine_token, "/v1/jobs").await;
    assert_eq!(listed.json()["items"].as_array().unwrap().len(), 1);
    esteira.post(&machine_token, "/v1/jobs", body).await.problem(403, "insufficient_scope");

    // Another pool of the same server, with a user of the same name.
    let other_pool = cognito.pool().await;
    let other_app = cognito.app(&other_pool).await;
    cognito.user(&other_pool, "maria", "acme").await;
    let foreign = cognito.sign_in(&other_app, "maria").await;
    esteira.get(foreign["IdToken"].as_str().unwrap(), "/v1/jobs").await.problem(401, "unauthenticated");

    // A client of the same pool that is not ours.
    let stranger = cognito.app(&pool).await;
    let strange = cognito.sign_in(&stranger, "maria").await;
    esteira.get(strange["IdToken"].as_str().unwrap(), "/v1/jobs").await.problem(401, "unauthenticated");
}

/// The shell snippets of the manual: those that set a pool up, and those that call Esteira.
fn snippets() -> (String, String) {
    let blocks = MANUAL.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let (calls, setup): (Vec<_>, Vec<_>) = blocks.partition(|block| block.contains("$ESTEIRA_URL"));
    (setup.concat(), calls.concat())
}

#[tokio::test]
async fn the_manual_leads_a_user_and_a_machine_in_as_it_stands() {
    let cognito = Cognito::start().await;
    let (setup, calls) = snippets();
    // Between the two, the API is started with what the first gave; here by telling it to this test.
    let script = format!(
        "set -euo pipefail\n{setup}\necho \"$POOL $APP $MACHINE\"\n\
         [ \"$ESTEIRA_JWT_AUDIENCES\" = \"$APP,$MACHINE\" ]\nread -r ESTEIRA_URL\n{calls}"
    );
    let mut shell = Command::new("bash")
        .args(["-c", &script])
        .env("COGNITO", &cognito.url)
        .env("TOKEN_URL", format!("{}/oauth2/token", cognito.url))
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut said = BufReader::new(shell.stdout.take().unwrap());
    let mut made = String::new();
    timeout(LONG, said.read_line(&mut made)).await.unwrap().unwrap();
    let made: Vec<&str> = made.split_whitespace().collect();
    let [pool, app, machine] = made[..] else { panic!("the setup said {made:?}") };
    let mut jwt = cognito.options(pool, &[app, machine]);
    jwt.client_tenants.insert(machine.to_owned(), "acme".parse().unwrap());
    let esteira = trusting(jwt).await;
    let server = start(&esteira).await;

    let url = format!("http://{}\n", server.address);
    shell.stdin.take().unwrap().write_all(url.as_bytes()).await.unwrap();
    let mut lists = String::new();
    timeout(LONG, said.read_to_string(&mut lists)).await.unwrap().unwrap();
    assert!(shell.wait().await.unwrap().success());
    assert_eq!(lists.matches("\"items\":[]").count(), 2, "{lists}");
}
