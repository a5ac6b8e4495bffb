//! Which issuer is trusted, and for what?

use std::collections::BTreeMap;
use std::time::Duration;

use esteira_engine::tenant::Slug;

/// What the API takes as a token besides its own keys.
#[derive(Debug, Clone)]
pub struct JwtOptions {
    /// The issuer, exactly as `iss` says it.
    pub issuer: String,
    /// Where its keys are.
    pub jwks_url: String,
    /// Whom a token must be for: its `aud`, or its `client_id` where it has no `aud`.
    pub audiences: Vec<String>,
    /// Which `token_use` is taken; `none` stands for a token without one.
    pub token_use: Vec<String>,
    /// The claim with the tenant's slug.
    pub tenant_claim: String,
    /// The tenant of a token without that claim, by `client_id` or `azp`.
    pub client_tenants: BTreeMap<String, Slug>,
    /// The claim with the names of groups.
    pub groups_claim: String,
    /// What may stand before the name of a scope.
    pub scope_prefix: String,
    /// Whether the scope `operator` counts.
    pub operator: bool,
    /// How far the clocks may be apart.
    pub leeway: Duration,
    /// The longest token that is looked at.
    pub token_bytes: usize,
    /// How long keys are used before they are fetched anew.
    pub keys_age: Duration,
    /// How long after a fetch the next may come.
    pub refetch_after: Duration,
    /// How long a fetch may take.
    pub fetch_timeout: Duration,
}

impl JwtOptions {
    /// An issuer with its defaults: those of Amazon Cognito.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audiences: Vec<String>) -> Self {
        let issuer = issuer.into();
        Self {
            jwks_url: Self::usual_jwks_url(&issuer),
            issuer,
            audiences,
            token_use: vec!["access".to_owned(), "id".to_owned()],
            tenant_claim: "custom:tenant".to_owned(),
            client_tenants: BTreeMap::new(),
            groups_claim: "cognito:groups".to_owned(),
            scope_prefix: "api/".to_owned(),
            operator: false,
            leeway: Duration::from_secs(30),
            token_bytes: 16 * 1024,
            keys_age: Duration::from_secs(3600),
            refetch_after: Duration::from_secs(30),
            fetch_timeout: Duration::from_secs(5),
        }
    }

    /// Where an issuer has its keys if nobody says otherwise.
    #[must_use]
    pub fn usual_jwks_url(issuer: &str) -> String {
        format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'))
    }
}
