//! How does the queue do at a moment? Throughput, latency, the cost of claims, and the size of the hot tables.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::load::Load;
use super::statements::Statements;
use crate::queue::backends::Cpu;
use crate::queue::psql::Superuser;

/// Bytes of the hot tables and of each of their indexes, how many dead rows the tables are believed to have, and how
/// many blocks were looked at so far.
const RELATIONS: &str = "
    select c.relname, pg_relation_size(c.oid), coalesce(pg_stat_get_dead_tuples(c.oid), 0),
           pg_stat_get_blocks_fetched(c.oid)
    from pg_class as c
    left join pg_index as i on i.indexrelid = c.oid
    where coalesce(i.indrelid, c.oid) = any ('{esteira.queue,esteira.lanes,esteira.virtual_times,esteira.workers}'::regclass[])
    order by 1";

/// Where samples come from.
pub struct Look<'a> {
    superuser: &'a Superuser,
    postmaster: u32,
    load: &'a Load,
    began: Instant,
    last: Instant,
    counts: (u64, u64),
    cpu: Cpu,
    statements: Statements,
    blocks: BTreeMap<String, u64>,
}

/// What was seen since the look before.
pub struct Sample {
    pub line: Value,
    pub offered_per_s: f64,
    pub begun_per_s: f64,
    pub postgres_us_per_job: f64,
    pub hot_bytes: u64,
    pub claim_ms: f64,
    pub claim_blocks: f64,
    pub probes: Vec<f64>,
    /// Blocks of each hot relation that were looked at for a job.
    pub blocks: BTreeMap<String, f64>,
}

impl<'a> Look<'a> {
    pub async fn start(superuser: &'a Superuser, postmaster: u32, load: &'a Load) -> Result<Self> {
        let now = Instant::now();
        let statements = Statements::read(superuser).await?;
        let cpu = Cpu::of_server(postmaster)?;
        let blocks = relations(superuser).await?.into_iter().map(|one| (one.name, one.blocks)).collect();
        let counts = load.counts();
        Ok(Self { superuser, postmaster, load, began: now, last: now, counts, cpu, statements, blocks })
    }

    /// Looks, and tells what happened since the look before.
    pub async fn take(&mut self, phase: &'static str) -> Result<Sample> {
        ensure!(!self.load.is_broken(), "the load or the worker ended");
        let (now, counts, cpu) = (Instant::now(), self.load.counts(), Cpu::of_server(self.postmaster)?);
        let seconds = (now - self.last).as_secs_f64();
        let (offered, begun) = (counts.0 - self.counts.0, counts.1 - self.counts.1);
        let statements = Statements::read(self.superuser).await?;
        let spent = statements.since(&self.statements);
        let probes = self.load.probes().await;
        let relations = relations(self.superuser).await?;
        let hot_bytes = relations.iter().map(|one| one.bytes).sum();
        let blocks: BTreeMap<_, _> = relations
            .iter()
            .map(|one| {
                let before = self.blocks.insert(one.name.clone(), one.blocks).unwrap_or(0);
                (one.name.clone(), one.blocks.saturating_sub(before) as f64 / begun.max(1) as f64)
            })
            .collect();
        let postgres_us_per_job = cpu.since(&self.cpu) as f64 / 1e3 / begun.max(1) as f64;
        let (claim_ms, claim_blocks) = spent.claim();
        let line = json!({
            "phase": phase, "minute": round((now - self.began).as_secs_f64() / 60.0),
            "offered_per_s": round(offered as f64 / seconds), "begun_per_s": round(begun as f64 / seconds),
            "behind": counts.0.saturating_sub(counts.1), "postgres_us_per_job": round(postgres_us_per_job),
            "probe_ms": crate::start::summary(probes.clone()),
            "claim": {"ms": round(claim_ms), "blocks": round(claim_blocks)},
            "costliest": spent.costliest(5), "relations": told(&relations, &blocks),
        });
        (self.last, self.counts, self.cpu, self.statements) = (now, counts, cpu, statements);
        Ok(Sample {
            line,
            offered_per_s: offered as f64 / seconds,
            begun_per_s: begun as f64 / seconds,
            postgres_us_per_job,
            hot_bytes,
            claim_ms,
            claim_blocks,
            probes,
            blocks,
        })
    }
}

/// A hot table or an index of one.
struct Relation {
    name: String,
    bytes: u64,
    dead: u64,
    blocks: u64,
}

async fn relations(superuser: &Superuser) -> Result<Vec<Relation>> {
    let mut all = Vec::new();
    for row in superuser.run(RELATIONS).await? {
        let [name, bytes, dead, blocks] = row.split('|').collect::<Vec<_>>()[..] else {
            bail!("four fields: {row}")
        };
        let (bytes, dead, blocks) = (bytes.parse()?, dead.parse()?, blocks.parse()?);
        all.push(Relation { name: name.to_owned(), bytes, dead, blocks });
    }
    Ok(all)
}

fn told(relations: &[Relation], blocks: &BTreeMap<String, f64>) -> Value {
    let mut told = Map::new();
    for one in relations {
        let per_job = round(blocks.get(&one.name).copied().unwrap_or(0.0));
        let mut line = json!({"kib": one.bytes / 1024, "blocks_a_job": per_job});
        if one.dead > 0 {
            line["dead"] = json!(one.dead);
        }
        told.insert(one.name.clone(), line);
    }
    Value::Object(told)
}

/// A phase in a few figures: means, and the extremes of what should not grow.
pub fn summary(samples: &[Sample]) -> Value {
    let of = |figure: fn(&Sample) -> f64| samples.iter().map(figure).collect::<Vec<f64>>();
    let most = |figure: fn(&Sample) -> f64| round(of(figure).into_iter().fold(0.0, f64::max));
    let ends = |figure: fn(&Sample) -> f64| {
        let all = of(figure);
        json!({"first": all.first().copied().map(round), "last": all.last().copied().map(round)})
    };
    let blocks_at = |sample: Option<&Sample>| -> BTreeMap<String, f64> {
        let all = sample.into_iter().flat_map(|sample| &sample.blocks);
        all.map(|(name, blocks)| (name.clone(), round(*blocks))).filter(|(_, blocks)| *blocks > 0.0).collect()
    };
    json!({
        "offered_per_s": round(mean(samples, |s| s.offered_per_s)), "begun_per_s": round(mean(samples, |s| s.begun_per_s)),
        "least_begun_per_s": round(of(|s| s.begun_per_s).into_iter().fold(f64::INFINITY, f64::min)),
        "postgres_us_per_job": ends(|s| s.postgres_us_per_job),
        "probe_ms": crate::start::summary(samples.iter().flat_map(|s| s.probes.iter().copied()).collect()),
        "claim_ms": ends(|s| s.claim_ms), "claim_blocks": ends(|s| s.claim_blocks),
        "hot_mib": ends(|s| s.hot_bytes as f64 / 1048576.0), "most_hot_mib": most(|s| s.hot_bytes as f64 / 1048576.0),
        "blocks_a_job": {"first": blocks_at(samples.first()), "last": blocks_at(samples.last())},
    })
}

/// The throughput of some samples beside that of others.
pub fn ratio(samples: &[Sample], others: &[Sample]) -> f64 {
    round(mean(samples, |s| s.begun_per_s) / mean(others, |s| s.begun_per_s))
}

fn mean(samples: &[Sample], figure: fn(&Sample) -> f64) -> f64 {
    samples.iter().map(figure).sum::<f64>() / samples.len().max(1) as f64
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
