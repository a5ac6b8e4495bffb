//! What can be done with tenants and their keys?

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::Engine;
use crate::archive::{self, ArchiveError, Manifest};
use crate::db::DatabaseError;
use crate::id::{KeyId, TenantId};
use crate::queue::Signal;
use crate::tenant::{
    self, AccessError, ApiKey, Caller, CreateError, Granted, KeyError, LimitsChange, NewKey, RemoveError,
    Scope, Slug, Tenant, TenantState,
};
use crate::usage::{self, Usage, UsageError};

impl Engine {
    /// Who shows this token?
    ///
    /// # Errors
    /// [`AccessError::Refused`] when it is not good.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, AccessError> {
        self.caller(token, Duration::ZERO).await
    }

    /// The same, by what this process knows already if that is no older than `age`. Whatever changes is forgotten: at
    /// once here, and in other processes when they hear of it; `age` is for one that does not hear.
    ///
    /// # Errors
    /// As [`Engine::authenticate`].
    pub async fn caller(&self, token: &str, age: Duration) -> Result<Caller, AccessError> {
        tenant::authenticate(&self.db, &self.known, token, age).await
    }

    /// Makes a tenant.
    ///
    /// # Errors
    /// See [`CreateError`]; nothing is left behind then.
    pub async fn create_tenant(&self, slug: &Slug, limits: &LimitsChange) -> Result<Tenant, CreateError> {
        tenant::create(&self.db, slug, limits).await
    }

    /// The tenant of a slug.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn tenant(&self, slug: &str) -> Result<Option<Tenant>, DatabaseError> {
        tenant::by_slug(self.db.pool(), slug).await
    }

    /// The same, by what this process knows already, as [`Engine::caller`].
    ///
    /// # Errors
    /// When the database is away.
    pub async fn known_tenant(&self, slug: &str, age: Duration) -> Result<Option<Tenant>, DatabaseError> {
        tenant::known_by_slug(&self.db, &self.known, slug, age).await
    }

    /// Tenants by slug, after `after`, at most `limit`.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn tenants(&self, after: &str, limit: u16) -> Result<Vec<Tenant>, DatabaseError> {
        tenant::list(&self.db, after, i64::from(limit)).await
    }

    /// Suspends or resumes a tenant; `None` when there is none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn set_tenant_state(
        &self,
        slug: &Slug,
        state: TenantState,
    ) -> Result<Option<Tenant>, DatabaseError> {
        let tenant = tenant::set_state(&self.db, slug, state).await;
        self.known.forget(None);
        let tenant = tenant?;
        if tenant.is_some() && state == TenantState::Active {
            for entry in self.catalog.iter() {
                self.notifier.send(Signal::Queued(entry.info.name.to_owned()));
            }
        }
        Ok(tenant)
    }

    /// Changes a tenant's limits; `None` when there is none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn change_limits(
        &self,
        slug: &Slug,
        change: &LimitsChange,
    ) -> Result<Option<Tenant>, DatabaseError> {
        let tenant = tenant::change_limits(&self.db, slug, change).await;
        self.known.forget(None);
        tenant
    }

    /// Takes up to `wanted` requests of a tenant that may send `per_minute`, of what all processes share.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn take_requests(
        &self,
        tenant: TenantId,
        per_minute: u32,
        wanted: u32,
    ) -> Result<Granted, DatabaseError> {
        tenant::take_requests(&self.db, tenant, per_minute, wanted).await
    }

    /// Removes a tenant with schema, role, queue rows, keys and objects.
    ///
    /// # Errors
    /// See [`RemoveError`]; another call goes on from there.
    pub async fn remove_tenant(&self, slug: &Slug) -> Result<Tenant, RemoveError> {
        let removed = tenant::remove(&self.db, &self.store, slug).await;
        self.known.forget(None);
        removed
    }

    /// Gives a Postgres role the right to submit by SQL for a tenant, or for every one where `tenant` is `None`;
    /// `false` when there is no such role.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn grant_submit(&self, role: &str, tenant: Option<&Tenant>) -> Result<bool, DatabaseError> {
        tenant::grant_submit(&self.db, role, tenant).await
    }

    /// Takes one such right back; `false` when the role had none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn revoke_submit(&self, role: &str, tenant: Option<&Tenant>) -> Result<bool, DatabaseError> {
        tenant::revoke_submit(&self.db, role, tenant).await
    }

    /// Makes a key; an operator's where `tenant` is `None`.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn create_key(
        &self,
        tenant: Option<&Tenant>,
        name: &str,
        scopes: &[Scope],
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<NewKey, KeyError> {
        tenant::create_key(&self.db, tenant.map(|t| t.id), name, scopes, expires_at).await
    }

    /// Makes sure that a key of a given text works, for a data folder that remembers its keys.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn ensure_key(
        &self,
        tenant: Option<&Tenant>,
        name: &str,
        scopes: &[Scope],
        text: &str,
    ) -> Result<(), DatabaseError> {
        tenant::ensure_key(&self.db, tenant.map(|t| t.id), name, scopes, text).await
    }

    /// A tenant's keys, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn keys(&self, tenant: &Tenant) -> Result<Vec<ApiKey>, DatabaseError> {
        tenant::list_keys(&self.db, tenant).await
    }

    /// Revokes a key; `false` when the tenant has no such key that works.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn revoke_key(&self, tenant: &Tenant, key: KeyId) -> Result<bool, DatabaseError> {
        let revoked = tenant::revoke_key(&self.db, tenant, key).await;
        self.known.forget(Some(tenant.id));
        revoked
    }

    /// What a tenant used from a day (UTC) to another, both included, and what it keeps.
    ///
    /// # Errors
    /// See [`UsageError`].
    pub async fn usage(&self, tenant: &Tenant, from: NaiveDate, to: NaiveDate) -> Result<Usage, UsageError> {
        usage::usage(&self.db, tenant, from, to).await
    }

    /// Writes a tenant into one archive: settings, rows and objects. Jobs that are not over are left out.
    ///
    /// # Errors
    /// See [`ArchiveError`]; what is in `file` is then no archive.
    pub async fn export_tenant(&self, tenant: &Tenant, file: File) -> Result<Manifest, ArchiveError> {
        archive::export(&self.db, &self.store, tenant, file).await
    }

    /// Makes a tenant of an archive, suspended and without keys.
    ///
    /// # Errors
    /// See [`ArchiveError`]; nothing is left behind then.
    pub async fn import_tenant(&self, file: &Path, slug: &Slug) -> Result<Tenant, ArchiveError> {
        archive::import(&self.db, &self.store, file, slug).await
    }
}
