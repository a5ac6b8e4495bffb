//! What does an index look like, and what is done with one?

use hyper::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::server::{Server, ServerError};
use crate::id::TenantId;
use crate::tenant::Slug;

/// The name under which applications find a tenant's passages. The number keeps a tenant apart from another one that
/// had its name before.
#[must_use]
pub fn alias(prefix: &str, slug: &Slug, tenant: TenantId) -> String {
    format!("{prefix}{slug}-{tenant}")
}

/// A passage is a document of the server. Its text is read as it stands, without accents, and by the stems of both
/// languages.
fn shape() -> Value {
    json!({
        "settings": {"index": {"analysis": {"analyzer": {
            "folded": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "asciifolding"]},
        }}}},
        "mappings": {"dynamic": "strict", "properties": {
            "document_id": {"type": "keyword"},
            "job_id": {"type": "keyword"},
            "kind": {"type": "keyword"},
            "title": {"type": "text", "analyzer": "folded"},
            "language": {"type": "keyword"},
            "source": {"type": "keyword", "ignore_above": 1000},
            "number": {"type": "integer"},
            "page": {"type": "integer"},
            "seconds": {"type": "double"},
            "end_seconds": {"type": "double"},
            "created_at": {"type": "date"},
            "text": {"type": "text", "analyzer": "folded", "fields": {
                "pt": {"type": "text", "analyzer": "portuguese"},
                "en": {"type": "text", "analyzer": "english"},
            }},
        }},
    })
}

/// Makes a new, empty index of a tenant that no alias leads to yet; gives its name.
pub(super) async fn create(server: &Server, alias: &str) -> Result<String, ServerError> {
    let name = format!("{alias}-{}", Uuid::now_v7().simple());
    server.json(Method::PUT, &name, &shape()).await?;
    Ok(name)
}

/// Makes sure that the alias leads to an index.
pub(super) async fn ensure(server: &Server, alias: &str) -> Result<(), ServerError> {
    if server.find(Method::GET, &format!("_alias/{alias}")).await?.is_none() {
        let name = create(server, alias).await?;
        swap(server, alias, &name).await?;
    }
    Ok(())
}

/// Lets the alias lead to this index alone, and removes every other one of the tenant, in one step.
pub(super) async fn swap(server: &Server, alias: &str, name: &str) -> Result<(), ServerError> {
    let mut actions = vec![json!({"add": {"index": name, "alias": alias}})];
    let old = all(server, alias).await?;
    actions.extend(old.iter().filter(|old| *old != name).map(|old| json!({"remove_index": {"index": old}})));
    server.json(Method::POST, "_aliases", &json!({"actions": actions})).await.map(drop)
}

/// Removes every index of a tenant.
pub(super) async fn remove(server: &Server, alias: &str) -> Result<(), ServerError> {
    for name in all(server, alias).await? {
        server.find(Method::DELETE, &name).await?;
    }
    Ok(())
}

/// The indices of a tenant, those that a rebuild left behind half made among them.
async fn all(server: &Server, alias: &str) -> Result<Vec<String>, ServerError> {
    let found = server.find(Method::GET, &format!("_cat/indices/{alias}-*?format=json&h=index")).await?;
    let name = |row: &Value| row.get("index").and_then(Value::as_str).map(str::to_owned);
    Ok(found.iter().filter_map(Value::as_array).flatten().filter_map(name).collect())
}

/// Deletes the passages of documents.
pub(super) async fn forget(server: &Server, alias: &str, documents: &[Uuid]) -> Result<(), ServerError> {
    // Only what a search could find is deleted by a query.
    if server.find(Method::POST, &format!("{alias}/_refresh")).await?.is_none() {
        return Ok(());
    }
    let query = json!({"query": {"terms": {"document_id": documents}}});
    server.json(Method::POST, &format!("{alias}/_delete_by_query?conflicts=proceed"), &query).await.map(drop)
}
