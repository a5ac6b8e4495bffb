//! What does a good signature say? For whom the token is, whose tenant it speaks for, and what it may do.

use esteira_engine::tenant::{Scope, Slug};
use serde_json::{Map, Value};

use super::options::JwtOptions;
use super::refusal::Refusal;

/// The word in the settings for a token without `token_use`.
const NO_USE: &str = "none";

/// What a token is good for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// The tenant; `None` only for an operator.
    pub tenant: Option<Slug>,
    pub scopes: Vec<Scope>,
}

/// Reads the claims of a token whose signature, issuer and times are good.
pub(super) fn grant(claims: &Map<String, Value>, options: &JwtOptions) -> Result<Grant, Refusal> {
    check_use(claims, options)?;
    check_audience(claims, options)?;
    let scopes = scopes(claims, options)?;
    match tenant(claims, options)? {
        Some(tenant) => Ok(Grant { tenant: Some(tenant), scopes }),
        None if scopes.contains(&Scope::Operator) => Ok(Grant { tenant: None, scopes }),
        None => Err(Refusal::NoTenant),
    }
}

fn check_use(claims: &Map<String, Value>, options: &JwtOptions) -> Result<(), Refusal> {
    let used = text(claims, "token_use")?;
    // The word for "has none" is no value that a token could bring itself.
    let taken = match used {
        Some(NO_USE) => false,
        Some(used) => options.token_use.iter().any(|taken| taken == used),
        None => options.token_use.iter().any(|taken| taken == NO_USE),
    };
    if taken { Ok(()) } else { Err(Refusal::TokenUse(used.map(|used| used.chars().take(32).collect()))) }
}

/// `aud` decides where there is one: the access tokens of Cognito have only `client_id`.
fn check_audience(claims: &Map<String, Value>, options: &JwtOptions) -> Result<(), Refusal> {
    let mut named = texts(claims, "aud")?;
    if !claims.contains_key("aud") {
        named.extend(text(claims, "client_id")?);
    }
    let ours = named.iter().any(|name| options.audiences.iter().any(|ours| ours == name));
    if ours { Ok(()) } else { Err(Refusal::Audience) }
}

fn tenant(claims: &Map<String, Value>, options: &JwtOptions) -> Result<Option<Slug>, Refusal> {
    if let Some(slug) = text(claims, &options.tenant_claim)? {
        return slug.parse().map(Some).map_err(|_| Refusal::NoSlug);
    }
    let client = match text(claims, "client_id")? {
        Some(client) => Some(client),
        None => text(claims, "azp")?,
    };
    Ok(client.and_then(|client| options.client_tenants.get(client)).cloned())
}

/// Scopes and groups that have no meaning here give no right.
fn scopes(claims: &Map<String, Value>, options: &JwtOptions) -> Result<Vec<Scope>, Refusal> {
    let spelt = text(claims, "scope")?.unwrap_or_default();
    let groups = texts(claims, &options.groups_claim)?;
    let mut scopes: Vec<Scope> = spelt
        .split_ascii_whitespace()
        .chain(groups)
        .map(|name| name.strip_prefix(options.scope_prefix.as_str()).unwrap_or(name))
        .filter_map(|name| name.parse().ok())
        .filter(|scope| options.operator || *scope != Scope::Operator)
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    Ok(scopes)
}

/// A claim that is one text, if it is there.
fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Result<Option<&'c str>, Refusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::ClaimType(name.to_owned())),
    }
}

/// A claim that is a text or a list of texts.
fn texts<'c>(claims: &'c Map<String, Value>, name: &str) -> Result<Vec<&'c str>, Refusal> {
    let strange = || Refusal::ClaimType(name.to_owned());
    match claims.get(name) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text]),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().ok_or_else(strange)).collect(),
        Some(_) => Err(strange()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn options() -> JwtOptions {
        let mut options = JwtOptions::new("https://issuer.example", vec!["app".to_owned()]);
        options.client_tenants.insert("machine".to_owned(), "acme".parse().unwrap());
        options.audiences.push("machine".to_owned());
        options
    }

    fn read(claims: &Value, options: &JwtOptions) -> Result<Grant, Refusal> {
        grant(claims.as_object().unwrap(), options)
    }

    #[test]
    fn scopes_come_from_scope_and_groups_with_or_without_the_prefix() {
        let claims = json!({
            "token_use": "access", "client_id": "app", "custom:tenant": "acme",
            "scope": "openid api/jobs:read other/tenant:admin jobs:read",
            "cognito:groups": ["jobs:write", "staff"],
        });
        let grant = read(&claims, &options()).unwrap();
        assert_eq!(grant.tenant.unwrap().as_str(), "acme");
        assert_eq!(grant.scopes, [Scope::JobsRead, Scope::JobsWrite]);
    }

    #[test]
    fn aud_decides_where_there_is_one_else_client_id() {
        for (claims, taken) in [
            (json!({"aud": "app"}), true),
            (json!({"aud": ["x", "app"]}), true),
            (json!({"client_id": "app"}), true),
            (json!({"aud": "x", "client_id": "app"}), false),
            (json!({"aud": [], "client_id": "app"}), false),
            (json!({"client_id": "x"}), false),
            (json!({"azp": "app"}), false),
            (json!({"aud": 7}), false),
            (json!({}), false),
        ] {
            let read = check_audience(claims.as_object().unwrap(), &options());
            assert_eq!(read.is_ok(), taken, "{claims}");
        }
    }

    #[test]
    fn token_use_is_one_of_those_that_are_taken() {
        let taken = |claims: Value, uses: &[&str]| {
            let mut options = options();
            options.token_use = uses.iter().map(|word| (*word).to_owned()).collect();
            check_use(claims.as_object().unwrap(), &options).is_ok()
        };
        assert!(taken(json!({"token_use": "id"}), &["access", "id"]));
        assert!(!taken(json!({"token_use": "id"}), &["access"]));
        assert!(!taken(json!({"token_use": "refresh"}), &["access", "id", "none"]));
        assert!(!taken(json!({}), &["access", "id"]));
        assert!(taken(json!({}), &["none"]));
        assert!(!taken(json!({"token_use": "none"}), &["none"]));
        assert!(!taken(json!({"token_use": ["id"]}), &["id"]));
    }

    #[test]
    fn a_machines_tenant_is_its_clients_and_a_claim_goes_before_it() {
        let of = |claims: Value| {
            tenant(claims.as_object().unwrap(), &options()).map(|slug| slug.map(String::from))
        };
        assert_eq!(of(json!({"client_id": "machine"})).unwrap().as_deref(), Some("acme"));
        assert_eq!(of(json!({"azp": "machine"})).unwrap().as_deref(), Some("acme"));
        let both = json!({"client_id": "machine", "custom:tenant": "other"});
        assert_eq!(of(both).unwrap().as_deref(), Some("other"));
        assert_eq!(of(json!({"client_id": "app"})).unwrap(), None);
        assert!(matches!(of(json!({"custom:tenant": ""})), Err(Refusal::NoSlug)));
        assert!(matches!(of(json!({"custom:tenant": ["acme"]})), Err(Refusal::ClaimType(_))));
    }

    #[test]
    fn an_operators_token_counts_only_where_the_settings_say_so() {
        let claims = json!({"token_use": "access", "client_id": "app", "scope": "api/operator"});
        assert!(matches!(read(&claims, &options()), Err(Refusal::NoTenant)));
        let options = JwtOptions { operator: true, ..options() };
        let grant = read(&claims, &options).unwrap();
        assert_eq!(grant, Grant { tenant: None, scopes: vec![Scope::Operator] });
    }
}
