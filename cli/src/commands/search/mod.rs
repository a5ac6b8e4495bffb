//! `esteira search`: which documents say what, and how does a search server outside come to know them?

mod reindex;
mod show;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::options::SettingsOptions;
use crate::client::Target;
use crate::out;

/// Search a tenant's documents by what they say; build the index of a search server anew.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Search {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    target: Target,
}

/// What is asked for.
#[derive(Debug, Args)]
struct Question {
    /// What to look for: words, "words in this order", or, -without (after `--` where it begins with - or is the name of a command)
    #[arg(value_name = "QUERY")]
    query: Option<String>,
    /// In documents of jobs of this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// In documents of this language, as pt or en
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// How many hits, 200 at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: u16,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Build the tenants' indices in the search server anew (search.opensearch_url), and wait until they are
    Reindex {
        /// Only that of this tenant
        #[arg(long, value_name = "SLUG")]
        tenant: Option<String>,
        /// Leave it to the workers and wait for nothing
        #[arg(long)]
        no_wait: bool,
        #[command(flatten)]
        settings: SettingsOptions,
    },
    /// Note nothing more for a search server, once search.opensearch_url is gone from every worker's settings
    Stop {
        #[command(flatten)]
        settings: SettingsOptions,
    },
}

impl Search {
    /// Does it: a search by the API, the rest by the database.
    pub fn run(self) -> Result<ExitCode> {
        match &self.verb {
            Some(Verb::Reindex { tenant, no_wait, settings }) => {
                reindex::reindex(settings, tenant.as_deref(), !no_wait)
            }
            Some(Verb::Stop { settings }) => reindex::stop(settings),
            None => self.search(),
        }
    }

    fn search(&self) -> Result<ExitCode> {
        let Question { query, kind, language, limit } = &self.question;
        let query = query.clone().context("say what to look for: esteira search QUERY")?;
        let optional = [("kind", kind), ("language", language)];
        let mut asked = vec![("q", query), ("limit", limit.to_string())];
        asked.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        let page = self.target.as_tenant()?.get("/v1/search", &asked)?;
        if self.target.json {
            out::json(&page);
        } else {
            show::show(&page);
        }
        Ok(ExitCode::SUCCESS)
    }
}
