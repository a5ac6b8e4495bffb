//! With which method: every other one is a 405 that says which there are.

use std::collections::{BTreeMap, BTreeSet};

use super::operation::bare;
use super::{Things, operations};
use crate::support::Esteira;

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_a_405_with_those_that_it_does() {
    let esteira = Esteira::start().await;
    let nobody = Things::of_nobody();
    let mut taken: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations(&esteira).await {
        let uri = operation.uri(&nobody).split('?').next().unwrap().to_owned();
        taken.entry(uri).or_default().insert(operation.method.to_string());
    }
    for around in
        ["/docs", "/docs/page.js", "/docs/page.css", "/openapi.json", "/console", "/console/main.js"]
    {
        taken.entry(around.to_owned()).or_default().insert("GET".to_owned());
    }
    for (uri, mut methods) in taken {
        if methods.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"] {
            if methods.contains(method) {
                continue;
            }
            let reply = esteira.send(bare(method.parse().unwrap(), &uri)).await;
            if method == "HEAD" {
                assert_eq!(reply.status, 405, "{method} {uri}");
            } else {
                reply.problem(405, "method_not_allowed");
            }
            let allowed: BTreeSet<_> =
                reply.header("allow").split(',').map(|name| name.trim().to_owned()).collect();
            assert_eq!(allowed, methods, "{method} {uri}");
        }
    }
}
