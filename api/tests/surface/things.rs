//! One thing of each sort that a path can name: a tenant's own, and what never was.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Method;
use esteira_engine::tenant::Scope;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Esteira, KIND, request};

/// The name of one thing of each collection.
#[derive(Clone)]
pub struct Things(BTreeMap<&'static str, String>);

impl Things {
    /// What belongs to a tenant.
    pub const OF_A_TENANT: [&str; 11] = [
        "jobs",
        "artifacts",
        "previews",
        "batches",
        "documents",
        "uploads",
        "schedules",
        "webhooks",
        "deliveries",
        "tenants",
        "keys",
    ];

    /// Names of nothing.
    pub fn of_nobody() -> Self {
        let mut names: BTreeMap<&str, String> = Self::OF_A_TENANT
            .into_iter()
            .chain(["workers", "operator-keys"])
            .map(|collection| (collection, Uuid::now_v7().to_string()))
            .collect();
        names.insert("artifacts", "never.txt".to_owned());
        names.insert("previews", "never.txt".to_owned());
        names.insert("tenants", "never".to_owned());
        names.insert("kinds", "no.such".to_owned());
        names.insert("submitters", "no_such_role".to_owned());
        Self(names)
    }

    /// A new tenant with one of everything, and its key of all scopes. Its job is over.
    pub async fn of_tenant(esteira: &Esteira, slug: &str) -> (Self, String) {
        let (tenant, _) = esteira.tenant(slug).await;
        let scopes: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| *scope != Scope::Operator).collect();
        let key = esteira.key(&tenant, &scopes).await;
        let job = esteira.submit(&key, "secret").await;
        esteira.post(&key, &format!("/v1/jobs/{job}/cancel"), json!(null)).await;
        let artifact = format!("{slug}.txt");
        let (document, reader) = (Uuid::now_v7(), Uuid::now_v7());
        esteira.sql(&format!(
            "set search_path = tenant_{slug}_schema;
             insert into outcomes (job_id, state, attempt, lease) values ('{reader}', 'succeeded', 1, 1);
             insert into documents (id, job_id, lease, kind, title, language, pages, passages)
             values ('{document}', '{reader}', 1, 'document.extract', 'secret', 'pt-BR', 0, 0)"
        ));
        let made = async |path: &str, body, field: &str| {
            let reply = esteira.post(&key, path, body).await;
            assert!(reply.status.is_success(), "{path}: {:?}", reply.body);
            reply.json()[field].as_str().unwrap().to_owned()
        };
        let jobs = json!({"jobs": [{"kind": KIND, "input": {"say": "secret"}}]});
        let batch = made("/v1/jobs/batch", jobs, "batch_id").await;
        let file = request(Method::POST, &key, "/v1/files?file_name=a").body(Body::from("abc")).unwrap();
        let upload = esteira.send(file).await.json()["id"].as_str().unwrap().to_owned();
        // A file of the tenant's that can be read, as if the job had made it.
        esteira.sql(&format!(
            "insert into tenant_{slug}_schema.artifacts
             select '{job}', '{artifact}', 0, media_type, bytes, sha256, object_key
             from tenant_{slug}_schema.uploads where id = '{upload}'"
        ));
        let schedule = json!({"name": "a", "cron": "@yearly", "kind": KIND, "input": {"say": "secret"}});
        let schedule = made("/v1/schedules", schedule, "id").await;
        let webhook = made("/v1/webhooks", json!({"url": "https://example.com/hooks"}), "id").await;
        let delivery = made(&format!("/v1/webhooks/{webhook}/test"), json!({}), "id").await;
        let new = json!({"name": "another", "scopes": ["jobs:read"]});
        let another = made(&format!("/v1/tenants/{slug}/keys"), new, "id").await;
        let mut things = Self::of_nobody();
        things.0.extend([
            ("jobs", job.to_string()),
            ("artifacts", artifact.clone()),
            ("previews", artifact),
            ("batches", batch),
            ("documents", document.to_string()),
            ("uploads", upload),
            ("schedules", schedule),
            ("webhooks", webhook),
            ("deliveries", delivery),
            ("tenants", slug.to_owned()),
            ("keys", another),
            ("kinds", KIND.to_owned()),
        ]);
        (things, key)
    }

    /// What `{name}` after a collection stands for.
    pub fn named(&self, collection: &str) -> &str {
        match self.0.get(collection) {
            Some(name) => name,
            None => panic!("say in `Things` what /{collection}/{{name}} names, for a tenant and for nobody"),
        }
    }

    /// The same things, but one of them of other things.
    pub fn with(&self, collection: &str, others: &Self) -> Self {
        let mut mixed = self.clone();
        let (known, name) = others.0.get_key_value(collection).unwrap();
        mixed.0.insert(known, name.clone());
        mixed
    }

    /// The same things, but one of them called so.
    pub fn called(&self, collection: &str, name: &str) -> Self {
        let mut mixed = self.clone();
        let (known, _) = self.0.get_key_value(collection).unwrap();
        mixed.0.insert(known, name.to_owned());
        mixed
    }
}
