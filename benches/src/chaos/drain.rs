//! When is every job over? When the queue is empty; if it stands still for too long, it never will be.

use anyhow::{Result, bail};
use tokio::time::{Duration, Instant, sleep};

use super::client::Client;
use super::cluster::Cluster;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Jobs that are shown when the queue stands still.
const SHOWN: usize = 5;

/// Waits until no job is left; tells how long that took.
pub async fn wait_until_empty(cluster: &Cluster, tenants: &[(String, Client)]) -> Result<Duration> {
    let began = Instant::now();
    let (mut least, mut since) = (u64::MAX, Instant::now());
    loop {
        let left: u64 = cluster.sql("select count(*) from esteira.queue").await?.parse()?;
        if left == 0 {
            return Ok(began.elapsed());
        }
        if left < least {
            (least, since) = (left, Instant::now());
        }
        if since.elapsed() > super::HEALING {
            bail!("{left} jobs do not end:\n{}", describe(cluster, tenants).await?);
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Where they stand, and why some of them wait.
async fn describe(cluster: &Cluster, tenants: &[(String, Client)]) -> Result<String> {
    let mut text = cluster
        .sql("select state, count(*), min(started_at), max(ready_at) from esteira.queue group by state")
        .await?;
    let stuck =
        "select t.slug, q.job_id, q.state, q.worker_id, q.lease, q.started_at, w.lease_until, w.lost_at
                 from esteira.queue as q join esteira.tenants as t on t.id = q.tenant_id
                 left join esteira.workers as w on w.id = q.worker_id order by q.job_id limit 100";
    for row in cluster.sql(stuck).await?.lines().take(SHOWN) {
        text += &format!("\n{row}");
        let mut fields = row.split('|');
        if let (Some(slug), Some(job)) = (fields.next(), fields.next())
            && let Some((_, client)) = tenants.iter().find(|(name, _)| name == slug)
        {
            text += &format!("\n  {}", client.get(&format!("/v1/jobs/{job}/why")).await?);
        }
    }
    Ok(text)
}
