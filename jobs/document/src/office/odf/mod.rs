//! Stub.
pub mod text; pub mod spreadsheet; pub mod presentation;
