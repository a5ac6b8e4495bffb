//! `esteira doctor`: has a role what it needs? Each part is tried, and each lack told with its cure.

mod machine;
mod services;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use esteira_engine::config::Config;
use serde_json::json;

use super::options::SettingsOptions;
use crate::data_dir::{self, DataDir};
use crate::out;

/// Look whether a role has what it needs, and say how to mend it.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The role
    #[arg(long, value_enum, default_value_t = Role::Up)]
    role: Role,
    /// The data folder of the role `up`
    /// [env: ESTEIRA_DATA_DIR] [default: .esteira]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsOptions,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Role {
    /// Everything on one machine
    Up,
    /// The HTTP API
    Api,
    /// The worker
    Worker,
    /// The scheduler
    Scheduler,
    /// The migration
    Migrate,
}

/// What came of looking at one part.
pub struct Finding {
    part: &'static str,
    verdict: Verdict,
    text: String,
    cure: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fit,
    /// It works with less.
    Weak,
    Unfit,
}

impl Finding {
    fn fit(part: &'static str, text: impl Into<String>) -> Self {
        Self { part, verdict: Verdict::Fit, text: text.into(), cure: None }
    }

    fn weak(part: &'static str, text: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { part, verdict: Verdict::Weak, text: text.into(), cure: Some(cure.into()) }
    }

    fn unfit(part: &'static str, text: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { part, verdict: Verdict::Unfit, text: text.into(), cure: Some(cure.into()) }
    }
}

impl Doctor {
    /// Looks at every part; fails when one is unfit.
    #[tokio::main(flavor = "current_thread")]
    pub async fn run(self) -> Result<ExitCode> {
        let config = self.settings.sources()?.load()?;
        let findings = self.examine(&config).await;
        if self.json {
            out::json(&findings.iter().map(as_json).collect());
        } else {
            findings.iter().for_each(print);
        }
        let unfit = findings.iter().any(|finding| finding.verdict == Verdict::Unfit);
        Ok(if unfit { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    async fn examine(&self, config: &Config) -> Vec<Finding> {
        let is_up = self.role == Role::Up;
        let data_dir = data_dir::chosen(self.data_dir.as_deref());
        let runner = if is_up { DataDir::runner(&data_dir) } else { None };
        let mut findings = Vec::new();
        if let Some(pid) = &runner {
            findings.push(Finding::fit("up", format!("runs on {}, as process {pid}", data_dir.display())));
        }
        if is_up && config.database.url.is_none() {
            findings.push(machine::postgres_binaries());
        } else {
            findings.push(services::database(config, self.role == Role::Migrate).await);
        }
        if is_up && config.s3.bucket.is_none() {
            findings.push(Finding::fit("object store", "embedded"));
        } else if self.role != Role::Migrate {
            findings.push(services::store(config).await);
        }
        if is_up {
            findings.push(machine::folder("data folder", &data_dir));
        }
        // The address of one that runs is taken, by itself.
        if matches!(self.role, Role::Up | Role::Api) && runner.is_none() {
            findings.push(services::address(config).await);
        }
        if matches!(self.role, Role::Up | Role::Worker) {
            let work_dir = config.worker.work_dir.clone();
            let usual = if is_up { data_dir.join("work") } else { config.work_dir() };
            findings.push(machine::folder("work directory", &work_dir.unwrap_or(usual)));
            findings.push(machine::sandbox(config));
            findings.push(machine::fonts());
            findings.push(machine::speech());
            findings.push(machine::models(config));
        }
        findings
    }
}

fn print(finding: &Finding) {
    let mark = match finding.verdict {
        Verdict::Fit => "ok  ",
        Verdict::Weak => "weak",
        Verdict::Unfit => "BAD ",
    };
    out::line(format_args!("{mark}  {:<16} {}", finding.part, finding.text));
    if let Some(cure) = &finding.cure {
        out::line(format_args!("{:24}→ {cure}", ""));
    }
}

fn as_json(finding: &Finding) -> serde_json::Value {
    let verdict = match finding.verdict {
        Verdict::Fit => "fit",
        Verdict::Weak => "weak",
        Verdict::Unfit => "unfit",
    };
    json!({"part": finding.part, "verdict": verdict, "text": finding.text, "cure": finding.cure})
}
