//! Reads lines of `cron text<TAB>zone<TAB>second since 1970`, and writes for each the next five due seconds, or `- why`.
//! `benches/run.sh cron` compares them with another implementation's.

use std::io::{BufRead, Write};

use chrono::DateTime;
use esteira_scheduler::Cron;

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut parts = line.split('\t');
        let (text, zone) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let start =
            parts.next().and_then(|text| text.parse().ok()).and_then(|at| DateTime::from_timestamp(at, 0));
        match (Cron::parse(text, zone), start) {
            (Ok(cron), Some(start)) => {
                let due: Vec<_> = cron.after(start).take(5).map(|at| at.timestamp().to_string()).collect();
                writeln!(out, "{}", due.join(" "))?;
            }
            (Err(error), _) => writeln!(out, "- {error}")?,
            (_, None) => writeln!(out, "- no start")?,
        }
    }
    out.flush()
}
