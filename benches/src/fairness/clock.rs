//! How does time pass in the queue? As we say: the one clock of its SQL is replaced.
//!
//! The clock is a sequence, which is set outside of transactions and leaves no dead rows behind.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Where time begins, in microseconds since 1970: far in the future, since the other clocks of the database go on.
const BEGINNING: u128 = 4_000_000_000_000_000;

const REPLACE: &str = "create sequence esteira.simulated_clock;
grant select on esteira.simulated_clock to public;
create or replace function esteira.now() returns timestamptz language sql stable parallel safe
    as $$ select to_timestamp(last_value / 1000000.0) from esteira.simulated_clock $$;
";

/// The clock of one database.
pub struct Clock {
    psql: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    now: Option<Duration>,
}

impl Clock {
    /// Replaces the clock of a migrated database.
    pub async fn replace(database_url: &str) -> Result<Self> {
        let mut psql = Command::new("psql")
            .args(["-qXtA", "-v", "ON_ERROR_STOP=1", database_url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("failed to start psql")?;
        let input = psql.stdin.take().context("psql has an input")?;
        let output = BufReader::new(psql.stdout.take().context("psql has an output")?).lines();
        let mut clock = Self { psql, input, output, now: None };
        clock.input.write_all(REPLACE.as_bytes()).await?;
        clock.set(Duration::ZERO).await?;
        Ok(clock)
    }

    /// It is now so long after the beginning.
    pub async fn set(&mut self, now: Duration) -> Result<()> {
        if self.now == Some(now) {
            return Ok(());
        }
        let micros = BEGINNING + now.as_micros();
        let sql = format!("select setval('esteira.simulated_clock', {micros});\n");
        self.input.write_all(sql.as_bytes()).await?;
        let told = self.output.next_line().await?.context("psql has ended")?;
        ensure!(told == micros.to_string(), "the clock was not set");
        self.now = Some(now);
        Ok(())
    }

    /// Leaves the database as it is.
    pub async fn close(mut self) -> Result<()> {
        drop(self.input);
        let status = self.psql.wait().await?;
        ensure!(status.success(), "psql ended with {status}");
        Ok(())
    }
}
