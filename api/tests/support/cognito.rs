//! Amazon Cognito as `ministack` plays it, and what an administrator does there.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use axum::http::Request;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use esteira_api::JwtOptions;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const PASSWORD: &str = "Passw0rd!x";

/// A running ministack; it ends with the test.
pub struct Cognito {
    pub url: String,
    client: Client<HttpConnector, Full<Bytes>>,
    _server: Child,
    _folder: tempfile::TempDir,
}

impl Cognito {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Free a moment ago; the server takes no port 0.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Command::new(program())
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("SERVICES", "cognito-idp")
            .env("IOT_MTLS_ENABLED", "0")
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
        let ready = async {
            loop {
                let line = tokio::select! {
                    Ok(Some(line)) = lines.next_line() => line,
                    Ok(Some(line)) = said.next_line() => line,
                    else => panic!("ministack ended"),
                };
                if line.contains("Running on") {
                    return;
                }
            }
        };
        timeout(Duration::from_secs(60), ready).await.unwrap();
        // Read on, or it stops when the pipe is full.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { url: format!("http://127.0.0.1:{port}"), client, _server: server, _folder: folder }
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Value {
        let answer = self.client.request(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap_or_default()
    }

    /// A call of the API of Cognito.
    pub async fn call(&self, action: &str, body: Value) -> Value {
        let signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cognito-idp/aws4_request, \
                      SignedHeaders=host, Signature=none";
        let request = Request::post(&self.url)
            .header("x-amz-target", format!("AWSCognitoIdentityProviderService.{action}"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("authorization", signed);
        self.send(request.body(body.to_string().into()).unwrap()).await
    }

    /// A pool with a tenant's name as an attribute, and the scopes of a resource server.
    pub async fn pool(&self) -> String {
        let attribute = json!({"Name": "tenant", "AttributeDataType": "String", "Mutable": true});
        let pool = self.call("CreateUserPool", json!({"PoolName": "esteira", "Schema": [attribute]})).await;
        let pool = pool["UserPool"]["Id"].as_str().unwrap().to_owned();
        let scope = |name: &str| json!({"ScopeName": name, "ScopeDescription": name});
        let server = json!({
            "UserPoolId": pool, "Identifier": "api", "Name": "api",
            "Scopes": [scope("jobs:read"), scope("jobs:write")],
        });
        self.call("CreateResourceServer", server).await;
        pool
    }

    pub async fn app(&self, pool: &str) -> String {
        let app = json!({
            "UserPoolId": pool, "ClientName": "app", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        });
        let app = self.call("CreateUserPoolClient", app).await;
        app["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned()
    }

    /// A user of a tenant, who may read and write jobs by groups.
    pub async fn user(&self, pool: &str, name: &str, tenant: &str) {
        let user = json!({
            "UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS",
            "UserAttributes": [{"Name": "custom:tenant", "Value": tenant}],
        });
        self.call("AdminCreateUser", user).await;
        let password = json!({"UserPoolId": pool, "Username": name, "Password": PASSWORD, "Permanent": true});
        self.call("AdminSetUserPassword", password).await;
        for group in ["jobs:read", "jobs:write"] {
            self.call("CreateGroup", json!({"UserPoolId": pool, "GroupName": group})).await;
            let member = json!({"UserPoolId": pool, "Username": name, "GroupName": group});
            self.call("AdminAddUserToGroup", member).await;
        }
    }

    /// The tokens that a user gets for a password.
    pub async fn sign_in(&self, app: &str, name: &str) -> Value {
        let parameters = json!({"USERNAME": name, "PASSWORD": PASSWORD});
        let body = json!({"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": app, "AuthParameters": parameters});
        self.call("InitiateAuth", body).await["AuthenticationResult"].clone()
    }

    /// A machine's client and the token that it gets for its secret.
    pub async fn machine(&self, pool: &str) -> (String, String) {
        let client = json!({
            "UserPoolId": pool, "ClientName": "machine", "GenerateSecret": true,
            "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthFlowsUserPoolClient": true,
            "AllowedOAuthScopes": ["api/jobs:read"],
        });
        let client = self.call("CreateUserPoolClient", client).await["UserPoolClient"].clone();
        let (id, secret) = (client["ClientId"].as_str().unwrap(), client["ClientSecret"].as_str().unwrap());
        let basic = BASE64_STANDARD.encode(format!("{id}:{secret}"));
        let request = Request::post(format!("{}/oauth2/token", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", format!("Basic {basic}"));
        let form = "grant_type=client_credentials&scope=api%2Fjobs%3Aread";
        let answer = self.send(request.body(form.into()).unwrap()).await;
        (id.to_owned(), answer["access_token"].as_str().unwrap().to_owned())
    }

    pub fn options(&self, pool: &str, audiences: &[&str]) -> JwtOptions {
        let issuer = format!("https://cognito-idp.us-east-1.amazonaws.com/{pool}");
        let mut jwt = JwtOptions::new(issuer, audiences.iter().map(|name| (*name).to_owned()).collect());
        jwt.jwks_url = format!("{}/{pool}/.well-known/jwks.json", self.url);
        jwt
    }
}

/// Where `ops/test.sh` installs it.
fn program() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    let program = cache.join("esteira/test-tools/bin/ministack");
    assert!(program.exists(), "there is no {}; ops/test.sh installs it", program.display());
    program
}
