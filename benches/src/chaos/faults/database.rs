//! What can go wrong with Postgres itself?

use anyhow::Result;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep};

use super::Struck;
use crate::chaos::postgres::Stop;
use crate::chaos::site::Site;
use crate::chaos::{crowd, postgres};

/// An operator, or a script of one, ends sessions in the middle of what they do.
pub async fn terminate_backends(site: &Site) -> Result<Struck> {
    let statement = format!(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity
         where usename = '{}' and random() < 0.6",
        postgres::ROLE
    );
    site.cluster.lock().await.sql(&statement).await?;
    Ok(Struck::Hit)
}

/// Somebody else takes all connections that the server has, also those that we had.
pub async fn reach_connection_limit(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let server = site.cluster.lock().await.address();
    let mut crowd = crowd::gather(server).await?;
    for member in site.esteira.members() {
        member.database.cut();
    }
    crowd.extend(crowd::gather(server).await?);
    site.suffer(rng).await;
    drop(crowd);
    Ok(Struck::Hit)
}

/// The server dies and recovers from its log.
pub async fn crash(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let pause = site.spell(rng);
    site.cluster.lock().await.restart(Stop::Immediate, pause).await?;
    Ok(Struck::Hit)
}

/// The server is restarted as by an upgrade of its package, and is away for a minute in a long run.
pub async fn restart(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let pause = site.spell(rng).mul_f64(site.harshness);
    site.cluster.lock().await.restart(Stop::Fast, pause).await?;
    Ok(Struck::Hit)
}

/// The primary is lost, and the standby is promoted; then that gets a standby of its own.
pub async fn fail_over(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let mut cluster = site.cluster.lock().await;
    let address = cluster.fail_over(site.spell(rng)).await?;
    for member in site.esteira.members() {
        member.database.retarget(address);
    }
    cluster.add_standby().await?;
    Ok(Struck::Hit)
}

/// The disk of the write-ahead log has no room left: Postgres stops in the middle, and recovers once it has.
pub async fn fill_wal_disk(site: &Site, rng: &mut StdRng) -> Result<Struck> {
    let mut cluster = site.cluster.lock().await;
    if !cluster.primary.wal.is_mounted() {
        return Ok(Struck::Skipped("no disk can be mounted"));
    }
    cluster.primary.wal.fill()?;
    let until = Instant::now() + site.spell(rng);
    while Instant::now() < until {
        // Files that were made ahead are used up sooner so. It fails when they are, which is what is wanted.
        let _full = cluster.sql("select pg_switch_wal(), txid_current()").await;
        sleep(std::time::Duration::from_millis(50)).await;
    }
    cluster.primary.wal.free()?;
    if cluster.primary.has_ended()? {
        cluster.primary.start().await?;
    } else {
        cluster.primary.wait_until_ready().await?;
    }
    Ok(Struck::Hit)
}
