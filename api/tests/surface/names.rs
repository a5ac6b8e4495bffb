//! What is named: another tenant's thing is answered like what never was, to the byte.

use super::{Things, operations};
use crate::support::Esteira;

/// What no thing is called.
const NONSENSE: [&str; 5] = ["not-an-id", "%00", "%ff", "'%22%3B--", "0192f0c1"];

#[tokio::test]
async fn what_is_another_tenants_is_answered_like_what_never_was() {
    let esteira = Esteira::start().await;
    let (theirs, their_key) = Things::of_tenant(&esteira, "acme").await;
    let (mine, key) = Things::of_tenant(&esteira, "other").await;
    let nobodys = Things::of_nobody();
    let all = operations(&esteira).await;
    let mut seen = 0;
    for operation in all.iter().filter(|operation| operation.names_things_of_a_tenant()) {
        let (never, _) = operation.call(&esteira, &key, &nobodys).await;
        operation.refuses(&never, 404, "not_found");
        // All of it theirs, and each part of the path alone, the others being one's own.
        let alone = operation.collections().map(|collection| mine.with(collection, &theirs));
        for named in alone.chain([theirs.clone()]) {
            let uri = operation.uri(&named);
            let (reply, _) = operation.call(&esteira, &key, &named).await;
            assert_eq!((reply.status, &reply.body), (never.status, &never.body), "{} {uri}", operation.id());
            assert_eq!(reply.headers, never.headers, "{} {uri}", operation.id());
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
    // All of it is still there, and its owner finds it by each of these, or the table proves nothing.
    for operation in all.iter().filter(|operation| operation.names_things_of_a_tenant()) {
        let (reply, _) = operation.call(&esteira, &their_key, &theirs).await;
        assert_ne!(reply.status, 404, "{} {}", operation.id(), operation.uri(&theirs));
    }
}

#[tokio::test]
async fn what_cannot_be_a_name_is_answered_like_what_never_was() {
    let esteira = Esteira::start().await;
    let (mine, key) = Things::of_tenant(&esteira, "acme").await;
    let nobodys = Things::of_nobody();
    for operation in operations(&esteira).await {
        if operation.scopes().is_none() {
            continue;
        }
        let token = operation.token(&esteira, &key).to_owned();
        for collection in operation.collections() {
            let never = mine.with(collection, &nobodys);
            let (never, _) = operation.call(&esteira, &token, &never).await;
            operation.refuses(&never, 404, "not_found");
            for name in NONSENSE {
                let (reply, _) = operation.call(&esteira, &token, &mine.called(collection, name)).await;
                assert_eq!(reply.status, 404, "{} {name}: {:?}", operation.id(), reply.body);
                // An operator is told which of several names is wrong.
                if !operation.is_operators() {
                    assert_eq!(reply.body, never.body, "{} {name}", operation.id());
                }
            }
        }
    }
}
