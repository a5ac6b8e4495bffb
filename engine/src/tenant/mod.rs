//! Tenants: who they are, what they may do, and the schema and role that hold what is theirs.

mod access;
mod key;
mod known;
mod limits;
mod migrate;
mod operator_key;
mod provision;
mod registry;
mod remove;
mod requests;
mod retention;
mod slug;
mod submitters;

use chrono::{DateTime, Utc};

use crate::id::TenantId;

pub use access::{AccessError, Caller, Scope};
pub use key::{ApiKey, KeyError, NewKey};
pub use limits::{Limits, LimitsChange};
pub use migrate::{MigrateOptions, MigrateProgress, migrate_all};
pub use operator_key::{RevokeOperatorError, operator_keys, valid_operator_keys};
pub use provision::CreateError;
pub use registry::TenantState;
pub use remove::RemoveError;
pub use requests::Granted;
pub use retention::Retention;
pub use slug::{BadSlug, Slug};

pub(crate) use key::{authenticate, create_key, ensure_key, list_keys, revoke_key};
pub(crate) use known::Known;
pub(crate) use operator_key::revoke_operator_key;
pub(crate) use provision::create;
pub(crate) use registry::{by_id, by_ids, by_slug, change_limits, known_by_slug, list, set_state};
pub(crate) use remove::remove;
pub(crate) use requests::take_requests;
pub(crate) use submitters::{grant_submit, revoke_submit};

/// A tenant, as everything that is done on its behalf needs it.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its number in the control schema.
    pub id: TenantId,
    /// Its name.
    pub slug: Slug,
    /// The role that owns its schema.
    pub role: String,
    /// Whether it may submit.
    pub state: TenantState,
    /// What it may use.
    pub limits: Limits,
    /// The version of its schema.
    pub schema_version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// The version of a tenant's schema that knows uploads which are announced, and the ledger of usage.
const WITH_UPLOADS_AND_USAGE: i32 = 5;
/// The version in which an attempt tells of itself while it runs.
const WITH_REPORTS: i32 = 6;
/// The version in which the ledger of usage tells the quarter of an hour.
const WITH_QUARTERS: i32 = 11;

impl Tenant {
    /// Whether its schema knows uploads that are announced; one that is not migrated yet does not.
    pub(crate) fn announces_uploads(&self) -> bool {
        self.schema_version >= WITH_UPLOADS_AND_USAGE
    }

    /// Whether its schema keeps what an attempt says while it runs.
    pub(crate) fn hears_attempts(&self) -> bool {
        self.schema_version >= WITH_REPORTS
    }

    /// Whether its ledger of usage tells the quarter of an hour.
    pub(crate) fn keeps_quarters(&self) -> bool {
        self.schema_version >= WITH_QUARTERS
    }

    /// Whether its schema has the ledger of usage.
    pub(crate) fn keeps_usage(&self) -> bool {
        self.schema_version >= WITH_UPLOADS_AND_USAGE
    }
}
