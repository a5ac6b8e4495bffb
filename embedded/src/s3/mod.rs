//! How does an S3 server live inside this process? `s3s-fs` behind hyper, on loopback.

mod folder;
mod key;
mod mended;
mod server;
mod unsigned;
mod unverified;

pub use server::{EmbeddedS3, S3Credentials, S3Error};
