//! `esteira document`: which documents did a tenant's jobs read?

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::client::{Target, percent};
use crate::{out, table};

/// The documents of a tenant.
const DOCUMENTS: &str = "/v1/documents";

/// List and show the documents that a tenant's jobs read.
#[derive(Debug, Args)]
pub struct Document {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List documents, newest first
    List {
        /// Only those of jobs of this kind
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// Only those in this language, as pt or en
        #[arg(long, value_name = "LANGUAGE")]
        language: Option<String>,
    },
    /// Show what is known of a document
    Get {
        /// The document's id
        id: String,
    },
}

impl Document {
    /// Reads it from the API.
    pub fn run(self) -> Result<ExitCode> {
        let client = self.target.as_tenant()?;
        match &self.verb {
            Verb::List { kind, language } => {
                let query = [("kind", kind), ("language", language)];
                let query: Vec<_> =
                    query.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect();
                let documents = client.all(DOCUMENTS, &query)?;
                if self.target.json {
                    out::json(&json!(documents));
                } else {
                    let fields = ["id", "kind", "language", "pages", "seconds", "title"];
                    let rows: Vec<_> =
                        documents.iter().map(|document| table::cells(document, &fields)).collect();
                    table::print(&["ID", "KIND", "LANGUAGE", "PAGES", "SECONDS", "TITLE"], &rows);
                }
            }
            Verb::Get { id } => {
                let document = client.get(&format!("{DOCUMENTS}/{}", percent(id)), &[])?;
                if self.target.json {
                    out::json(&document);
                } else {
                    table::record(&document);
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
