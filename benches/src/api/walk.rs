//! What does each page of the list cost, from the first to the last? One caller follows the cursor.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::http::connection::{Connection, get_request};
use crate::http::server::ApiProcess;
use crate::start::quantile;

/// Jobs of a page as long as pages get.
const LONGEST: usize = 200;
/// Jobs of a page where nobody says how many.
const USUAL: usize = 50;

/// A way through all pages.
#[derive(Debug)]
pub struct Walked {
    /// Milliseconds of each page, in their order.
    millis: Vec<f64>,
    /// The cursor of the hundredth page.
    pub page_100: String,
    /// The cursor of the last one.
    pub last: String,
}

impl Walked {
    /// The figures as JSON.
    pub fn told(&self) -> Value {
        let mut sorted = self.millis.clone();
        sorted.sort_by(f64::total_cmp);
        let rounded = |value: f64| (value * 100.0).round() / 100.0;
        let tenth = (self.millis.len() / 10).max(1);
        let mean = |of: &[f64]| rounded(of.iter().sum::<f64>() / of.len().max(1) as f64);
        let (first, rest) = self.millis.split_at(tenth.min(self.millis.len()));
        let last = rest.get(rest.len().saturating_sub(tenth)..).unwrap_or_default();
        json!({
            "pages": sorted.len(), "jobs_a_page": LONGEST,
            "p50_ms": rounded(quantile(&sorted, 0.5)), "p99_ms": rounded(quantile(&sorted, 0.99)),
            "max_ms": rounded(quantile(&sorted, 1.0)),
            "first_tenth_mean_ms": mean(first), "last_tenth_mean_ms": mean(last),
        })
    }
}

/// Follows the cursor through all jobs, of which there are so many.
pub async fn through_all(api: &ApiProcess, key: &str, jobs: usize) -> Result<Walked> {
    let mut pages = Pages { connection: Connection::open(api.address).await?, api, key, millis: Vec::new() };
    let mut cursor = None;
    for _ in 1..100 {
        cursor = pages.next(USUAL, cursor.as_deref()).await?.1;
    }
    let page_100 = cursor.context("there is a page 100")?;
    pages.millis.clear();

    let (mut seen, mut last, mut cursor) = (0, None, None);
    loop {
        let (count, next) = pages.next(LONGEST, cursor.as_deref()).await?;
        seen += count;
        let Some(next) = next else { break };
        last = Some(next.clone());
        cursor = Some(next);
    }
    ensure!(seen == jobs, "all pages have {seen} jobs, and there are {jobs}");
    let millis = std::mem::take(&mut pages.millis);
    let mut last = last.context("there is more than one page")?;
    while let (_, Some(next)) = pages.next(USUAL, Some(&last)).await? {
        last = next;
    }
    Ok(Walked { millis, page_100, last })
}

struct Pages<'a> {
    connection: Connection,
    api: &'a ApiProcess,
    key: &'a str,
    millis: Vec<f64>,
}

impl Pages<'_> {
    /// How many jobs a page has, and where the next one begins.
    async fn next(&mut self, limit: usize, cursor: Option<&str>) -> Result<(usize, Option<String>)> {
        let from = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let request = get_request(self.api.address, self.key, &format!("/v1/jobs?limit={limit}{from}"));
        let asked = Instant::now();
        let status = self.connection.ask(&request).await?;
        self.millis.push(asked.elapsed().as_secs_f64() * 1e3);
        ensure!(status == 200, "a page was answered by {status}");
        let page: Value = serde_json::from_slice(self.connection.body())?;
        let count = page.get("items").and_then(Value::as_array).map_or(0, Vec::len);
        Ok((count, page.get("next_cursor").and_then(Value::as_str).map(str::to_owned)))
    }
}

/// The instant at which the job in the middle of some came into being, as its id says.
pub fn middle_of(ids: &[String]) -> String {
    let id = ids.get(ids.len() / 2).map(String::as_str).unwrap_or_default();
    let digits: String = id.chars().filter(char::is_ascii_hexdigit).take(12).collect();
    let millis = i64::from_str_radix(&digits, 16).unwrap_or_default();
    let instant = chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default();
    instant.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
