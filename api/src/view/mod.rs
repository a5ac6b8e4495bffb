//! What do callers see? One type a resource, with every key always there.

mod file;
mod job;
mod key;
mod kind;
mod limits;
mod page;
mod tenant;

pub(crate) use file::FileView;
pub(crate) use job::{JobView, state_schema};
pub(crate) use key::{KeyView, NewKeyView, scope_schema};
pub(crate) use kind::KindView;
pub(crate) use limits::LimitsView;
pub(crate) use page::Page;
pub(crate) use tenant::TenantView;
