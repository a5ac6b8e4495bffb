//! Who may call: nobody without a token, nobody without the scope, and before that not a byte of the body is read.

use esteira_engine::tenant::Scope;

use super::{Things, operations};
use crate::support::{Esteira, pointers};

#[tokio::test]
async fn without_a_good_token_every_operation_answers_401_and_reads_no_body() {
    let esteira = Esteira::start().await;
    let nobody = Things::of_nobody();
    let unknown = format!("est_{}", "x".repeat(43));
    for operation in operations(&esteira).await.iter().filter(|operation| operation.scopes().is_some()) {
        for (token, challenge) in [("", "Bearer"), (&unknown, "Bearer error=\"invalid_token\"")] {
            let (reply, read) = operation.call(&esteira, token, &nobody).await;
            operation.refuses(&reply, 401, "unauthenticated");
            assert_eq!((reply.header("www-authenticate"), read), (challenge, false), "{}", operation.id());
        }
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_told_which_one_it_lacks() {
    let esteira = Esteira::start().await;
    let (tenant, _) = esteira.tenant("acme").await;
    let nobody = Things::of_nobody();
    for operation in operations(&esteira).await {
        let Some(scopes) = operation.scopes().filter(|scopes| !scopes.is_empty()) else { continue };
        let key = esteira.key(&tenant, &operation.other_scopes()).await;
        let (reply, read) = operation.call(&esteira, &key, &nobody).await;
        operation.refuses(&reply, 403, "insufficient_scope");
        let named =
            reply.header("www-authenticate").strip_prefix("Bearer error=\"insufficient_scope\", scope=");
        let named = named.unwrap().trim_matches('"');
        assert!(scopes.contains(&named) && !read, "{} names {named}", operation.id());
    }
}

#[tokio::test]
async fn an_operator_reaches_nothing_of_a_tenant() {
    let esteira = Esteira::start().await;
    let (things, _) = Things::of_tenant(&esteira, "acme").await;
    for operation in operations(&esteira).await {
        let Some(scopes) = operation.scopes() else { continue };
        if scopes.is_empty() || scopes.contains(&"operator") {
            continue;
        }
        let (reply, read) = operation.call(&esteira, &esteira.operator, &things).await;
        operation.refuses(&reply, 403, "no_tenant");
        assert!(!read, "{}", operation.id());
    }
}

#[tokio::test]
async fn a_tenants_key_with_the_operators_scope_is_still_no_operator() {
    let esteira = Esteira::start().await;
    let (tenant, _) = esteira.tenant("acme").await;
    let key = esteira.key(&tenant, &[Scope::Operator]).await;
    for operation in operations(&esteira).await.iter().filter(|operation| operation.is_operators()) {
        let (reply, _) = operation.call(&esteira, &key, &Things::of_nobody()).await;
        operation.refuses(&reply, 403, "insufficient_scope");
    }
}

#[tokio::test]
async fn no_operation_passes_over_a_parameter_that_it_does_not_know() {
    let esteira = Esteira::start().await;
    let (things, key) = Things::of_tenant(&esteira, "acme").await;
    for operation in operations(&esteira).await.iter().filter(|operation| operation.scopes().is_some()) {
        let uri = operation.uri(&things);
        let uri = format!("{uri}{}tpyo=1", if uri.contains('?') { '&' } else { '?' });
        let (reply, read) = operation.call_at(&esteira, operation.token(&esteira, &key), &uri).await;
        let problem = operation.refuses(&reply, 400, "invalid_parameter");
        assert_eq!((pointers(&problem), read), (vec!["/tpyo"], false), "{}", operation.id());
    }
}
