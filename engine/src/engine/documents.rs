//! What can be done with documents? On behalf of their tenant.

use super::Engine;
use crate::db::DatabaseError;
use crate::document::sink::{self, Rebuild, ServerError, Sink, SinkOptions};
use crate::document::{
    self, Document, DocumentFilter, DocumentPage, HitPage, Position, ReadError, SearchError, SearchOptions,
    Wanted,
};
use crate::id::DocumentId;
use crate::tenant::Tenant;

impl Engine {
    /// One document; `None` when the tenant has no such document.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn document(&self, tenant: &Tenant, id: DocumentId) -> Result<Option<Document>, ReadError> {
        document::read(&self.db, tenant, id).await
    }

    /// A page of documents, newest first.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn documents(
        &self,
        tenant: &Tenant,
        filter: &DocumentFilter,
        after: Option<DocumentId>,
        limit: u16,
    ) -> Result<DocumentPage, ReadError> {
        document::list(&self.db, tenant, filter, after, limit).await
    }

    /// Asks for the index of a tenant, or those of all, in the search server to be built anew; gives how many.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn ask_search_rebuild(&self, tenant: Option<&Tenant>) -> Result<u64, DatabaseError> {
        sink::ask_rebuild(&self.db, tenant).await
    }

    /// The tenants whose index in the search server is still to be built anew.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn search_rebuilds(&self) -> Result<Vec<Rebuild>, DatabaseError> {
        sink::rebuilds(&self.db).await
    }

    /// Notes nothing more for a search server, and forgets what was noted.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn stop_search_sink(&self) -> Result<(), DatabaseError> {
        sink::stop(&self.db).await
    }

    /// The search server, for a process that tells it by itself.
    ///
    /// # Errors
    /// See [`ServerError`].
    pub fn search_sink(&self, options: SinkOptions) -> Result<Sink, ServerError> {
        Sink::new(self.db.clone(), options)
    }

    /// What a tenant's documents say of what is asked for, best first.
    ///
    /// # Errors
    /// See [`SearchError`].
    pub async fn search(
        &self,
        tenant: &Tenant,
        options: &SearchOptions,
        wanted: &Wanted,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<HitPage, SearchError> {
        document::search(&self.db, &self.searches, tenant, options, wanted, after, limit).await
    }
}
