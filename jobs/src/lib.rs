//! The kinds of work that Esteira does: files in, files out. No SQL, no HTTP, no S3.

pub mod video;
