//! Documents: what jobs read, kept so that their tenant can search it.
//!
//! ```text
//! head      what a kind says of a document; what is not fit is refused
//! passage   a page, or some seconds, of a document: the lines that a child leaves
//! stage     the worker writes both, before the settle, in many small transactions
//! read      a document, and the list of them
//! search    what is asked for, a page of hits at a time
//! turns     whose search runs now
//! snippet   how a hit is shown: safe HTML
//! position  where the next page of hits begins
//! forget    documents go with their jobs
//! sink      a search server outside is told
//! ```
//!
//! A document of a thousand pages does not fit into a settle, and a settle is what makes it count. So the worker writes
//! it beforehand, under its lease, and nobody sees it: it is there for its tenant once the job has succeeded by that
//! very lease. The settle itself knows nothing of documents.

mod forget;
mod head;
mod language;
mod passage;
mod position;
mod read;
mod search;
pub mod sink;
mod snippet;
mod stage;
mod turns;

use crate::tenant::Tenant;

pub use head::DocumentHead;
pub use language::Language;
pub use passage::{PASSAGE_CHARACTERS, Passage, pieces};
pub use position::Position;
pub use read::{Document, DocumentFilter, DocumentPage, ReadError};
pub use search::{Hit, HitPage, SearchError, SearchOptions, Wanted};
pub use stage::DocumentLimits;

pub(crate) use forget::{forget, note};
pub(crate) use passage::PASSAGES;
pub(crate) use read::{list, read};
pub(crate) use search::search;
pub(crate) use stage::{Staging, drop_staged};
pub(crate) use turns::Searches;

/// The version of a tenant's schema that knows documents.
const SINCE_VERSION: i32 = 7;

/// Whether the tenant's schema knows documents; one that is not migrated yet does not.
pub(crate) fn are_kept_by(tenant: &Tenant) -> bool {
    tenant.schema_version >= SINCE_VERSION
}
