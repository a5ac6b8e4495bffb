//! The kinds of work that Esteira does: files in, files out. No SQL, no HTTP, no S3.

pub mod video;

use esteira_engine::job::Kind;

/// Every kind that this build can run: one line each.
#[must_use]
#[rustfmt::skip]
pub fn catalog() -> Vec<Box<dyn Kind>> {
    vec![
        Box::new(video::VideoGenerate),
        Box::new(esteira_document::DocumentExtract),
        Box::new(esteira_transcribe::MediaTranscribe),
        Box::new(esteira_report::ReportGenerate),
    ]
}
