//! An operation, as the description says it, and how it is called.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::{Method, Request};
use esteira_engine::tenant::Scope;
use futures::stream;
use serde_json::Value;

use super::Things;
use crate::support::{Esteira, Reply, request};

/// One operation.
pub struct Operation {
    pub method: Method,
    /// The path, with `{name}` where a thing is named.
    pub path: String,
    /// What the description says.
    pub said: Value,
}

/// Every operation, those that only read first and those that remove last.
pub async fn operations(esteira: &Esteira) -> Vec<Operation> {
    let api = esteira.get("", "/openapi.json").await.json();
    let mut all = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, said) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            all.push(Operation { method, path: path.clone(), said: said.clone() });
        }
    }
    let order = [Method::GET, Method::PUT, Method::PATCH, Method::POST, Method::DELETE];
    all.sort_by_key(|operation| order.iter().position(|method| *method == operation.method));
    assert!(all.len() >= 45, "{}", all.len());
    all
}

impl Operation {
    pub fn id(&self) -> &str {
        self.said["operationId"].as_str().unwrap()
    }

    /// The scopes, any of which opens it; `None` where no token is needed.
    pub fn scopes(&self) -> Option<Vec<&str>> {
        let alternatives = self.said.get("security")?.as_array().unwrap();
        let scopes = alternatives.iter().flat_map(|one| one["token"].as_array().unwrap());
        Some(scopes.map(|scope| scope.as_str().unwrap()).collect())
    }

    /// Whether it is only an operator's.
    pub fn is_operators(&self) -> bool {
        self.scopes().is_some_and(|scopes| scopes == ["operator"])
    }

    /// Whether a tenant's things are named in its path.
    pub fn names_things_of_a_tenant(&self) -> bool {
        self.collections().any(|collection| Things::OF_A_TENANT.contains(&collection)) && !self.is_operators()
    }

    /// What the `{name}`s of its path are of: of `/v1/jobs/{id}`, `jobs`.
    pub fn collections(&self) -> impl Iterator<Item = &str> {
        let segments: Vec<&str> = self.path.split('/').collect();
        let pairs = segments.windows(2).filter(|pair| pair[1].starts_with('{')).map(|pair| pair[0]);
        pairs.collect::<Vec<_>>().into_iter()
    }

    /// The media type of its body.
    pub fn takes(&self) -> Option<&str> {
        let content = self.said["requestBody"]["content"].as_object()?;
        content.keys().next().map(String::as_str)
    }

    pub fn takes_json(&self) -> bool {
        self.takes() == Some("application/json")
    }

    /// The body that the description shows.
    pub fn example(&self) -> String {
        match self.takes() {
            None => "{}".to_owned(),
            Some(media_type) => self.said["requestBody"]["content"][media_type]["example"].to_string(),
        }
    }

    /// Where these things are, with the parameters that must be there.
    pub fn uri(&self, things: &Things) -> String {
        let mut uri = String::new();
        let mut before = "";
        for segment in self.path.split('/').skip(1) {
            let segment = if segment.starts_with('{') { things.named(before) } else { segment };
            uri.push('/');
            uri.push_str(segment);
            before = segment;
        }
        let mut separator = '?';
        for parameter in self.said["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" && parameter["required"] == true {
                let name = parameter["name"].as_str().unwrap();
                let example = parameter["example"].as_str().unwrap();
                uri.push_str(&format!("{separator}{name}="));
                uri.extend(url::form_urlencoded::byte_serialize(example.as_bytes()));
                separator = '&';
            }
        }
        uri
    }

    /// Calls it as it should be called; tells also whether anybody has read of the body.
    pub async fn call(&self, esteira: &Esteira, token: &str, things: &Things) -> (Reply, bool) {
        self.call_at(esteira, token, &self.uri(things)).await
    }

    /// The same at another address.
    pub async fn call_at(&self, esteira: &Esteira, token: &str, uri: &str) -> (Reply, bool) {
        let (body, read) = watched(self.example());
        let request = self.request(token, uri, self.takes()).body(body).unwrap();
        let reply = esteira.send(request).await;
        (reply, read.load(Ordering::SeqCst))
    }

    /// Calls it with another body.
    pub async fn send(
        &self,
        esteira: &Esteira,
        token: &str,
        things: &Things,
        media_type: Option<&str>,
        body: &str,
    ) -> Reply {
        let request = self.request(token, &self.uri(things), media_type);
        esteira.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    fn request(&self, token: &str, uri: &str, media_type: Option<&str>) -> axum::http::request::Builder {
        // A list that is followed would not end; what there is so far does.
        let request = request(self.method.clone(), token, uri).header("accept", "application/json");
        match media_type {
            Some(media_type) => request.header("content-type", media_type),
            None => request,
        }
    }

    /// The token that opens it: the operator's, or this one of a tenant.
    pub fn token<'t>(&self, esteira: &'t Esteira, tenants: &'t str) -> &'t str {
        if self.is_operators() { &esteira.operator } else { tenants }
    }

    /// That the answer is this problem, and that the description says that it can be.
    #[track_caller]
    pub fn refuses(&self, reply: &Reply, status: u16, code: &str) -> Value {
        let problem = reply.problem(status, code);
        let listed = &self.said["responses"][status.to_string()]["content"]["application/problem+json"];
        assert!(listed["examples"][code].is_object(), "{} does not list {status} {code}", self.id());
        problem
    }

    /// Every scope of a tenant's key that does not open it.
    pub fn other_scopes(&self) -> Vec<Scope> {
        let open = self.scopes().unwrap_or_default();
        let others = Scope::ALL.into_iter().filter(|scope| *scope != Scope::Operator);
        others.filter(|scope| !open.contains(&scope.as_str())).collect()
    }
}

/// A body that tells whether anybody has read of it.
fn watched(text: String) -> (Body, Arc<AtomicBool>) {
    let read = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&read);
    let body = stream::once(async move {
        flag.store(true, Ordering::SeqCst);
        std::io::Result::Ok(text)
    });
    (Body::from_stream(body), read)
}

/// A request without a body.
pub fn bare(method: Method, uri: &str) -> Request<Body> {
    request(method, "", uri).body(Body::empty()).unwrap()
}
