//! How does a measurement look behind the engine's verbs? Through psql, as the superuser of its server.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use clap::Args;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// Who may look at everything.
#[derive(Debug, Clone, Args)]
pub struct Superuser {
    /// The same database for a superuser, who fills tables and looks into them
    #[arg(long)]
    pub superuser_url: String,
}

impl Superuser {
    /// Runs some statements, each in a transaction of its own; gives the lines of their results.
    pub async fn run(&self, sql: &str) -> Result<Vec<String>> {
        let mut psql = self.command().stdout(Stdio::piped()).spawn().context("failed to start psql")?;
        let mut stdin = psql.stdin.take().context("psql has an input")?;
        stdin.write_all(sql.as_bytes()).await?;
        drop(stdin);
        let output = psql.wait_with_output().await?;
        ensure!(output.status.success(), "psql refused: {sql}");
        Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
    }

    /// The one value that a query gives.
    pub async fn value(&self, sql: &str) -> Result<String> {
        self.run(sql).await?.into_iter().next().with_context(|| format!("no row: {sql}"))
    }

    /// Runs a statement in a session that stays as it is until it is dropped.
    pub async fn hold(&self, sql: &str) -> Result<Held> {
        let mut psql = self.command().stdout(Stdio::piped()).spawn().context("failed to start psql")?;
        let mut stdin = psql.stdin.take().context("psql has an input")?;
        stdin.write_all(format!("{sql};\nselect 'held';\n").as_bytes()).await?;
        let mut lines = BufReader::new(psql.stdout.take().context("psql has an output")?).lines();
        while let Some(line) = lines.next_line().await? {
            if line == "held" {
                return Ok(Held { _psql: psql, _stdin: stdin });
            }
        }
        anyhow::bail!("psql ended: {sql}")
    }

    fn command(&self) -> Command {
        let mut command = Command::new("psql");
        command.args(["-qXAt", "-v", "ON_ERROR_STOP=1", &self.superuser_url]);
        command.stdin(Stdio::piped()).kill_on_drop(true);
        command
    }
}

/// A session that is held open.
pub struct Held {
    _psql: Child,
    _stdin: ChildStdin,
}
