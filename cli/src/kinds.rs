//! Which kinds does this process know? Those that the binary named when it started.

use std::sync::OnceLock;

use esteira_engine::job::Kind;

/// Makes the kinds of a binary.
pub type List = fn() -> Vec<Box<dyn Kind>>;

static LIST: OnceLock<List> = OnceLock::new();

/// Names the kinds, before any command runs; the first call counts.
pub(crate) fn set(list: List) {
    LIST.get_or_init(|| list);
}

/// The kinds; none in a process that named none.
pub(crate) fn all() -> Vec<Box<dyn Kind>> {
    LIST.get().map(|list| list()).unwrap_or_default()
}
