//! Who is calling, and what may they do?

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Tenant;
use crate::db::DatabaseError;
use crate::id::KeyId;

/// A right that a token carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Read jobs, artifacts and files of one's own tenant.
    #[serde(rename = "jobs:read")]
    JobsRead,
    /// Submit, cancel and retry jobs, and bring files.
    #[serde(rename = "jobs:write")]
    JobsWrite,
    /// Change schedules.
    #[serde(rename = "schedules:write")]
    SchedulesWrite,
    /// Change webhooks.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
    /// Keys and webhooks of one's own tenant.
    #[serde(rename = "tenant:admin")]
    TenantAdmin,
    /// Tenants and every queue; no tenant's payloads.
    #[serde(rename = "operator")]
    Operator,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [
        Self::JobsRead,
        Self::JobsWrite,
        Self::SchedulesWrite,
        Self::WebhooksWrite,
        Self::TenantAdmin,
        Self::Operator,
    ];

    /// Its name in tokens.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JobsRead => "jobs:read",
            Self::JobsWrite => "jobs:write",
            Self::SchedulesWrite => "schedules:write",
            Self::WebhooksWrite => "webhooks:write",
            Self::TenantAdmin => "tenant:admin",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| format!("{text:?} is not a scope"))
    }
}

/// Whoever showed a good token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The API key that was shown; `None` where another issuer's token was.
    pub key: Option<KeyId>,
    /// Whose key it is; `None` for an operator's.
    pub tenant: Option<Tenant>,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

impl Caller {
    /// Whether the token carries a scope.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

/// The token was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Unknown, expired or revoked; which of them is not told.
    #[error("the token is unknown, expired or revoked")]
    Refused,
    /// The database is away.
    #[error("failed to look the token up")]
    Database(#[from] DatabaseError),
}
