//! Texts of Word, in its newer and its older format.

pub mod doc;
pub mod docx;
pub mod role;
pub mod symbols;
