//! Where does the server's time go? To statements, and to those inside of functions, as `pg_stat_statements` counts.

use std::collections::HashMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::queue::psql::Superuser;

/// One line a statement, its text cut short and its line breaks taken out.
const COUNTERS: &str = "
    select queryid, calls, total_exec_time, shared_blks_hit + shared_blks_read,
           query like '%from esteira.claim(%' and query not like '%pg_stat_statements%',
           left(regexp_replace(query, '[\\s|]+', ' ', 'g'), 120)
    from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database()) and queryid is not null and calls > 0";

/// All that was counted up to a moment.
#[derive(Default)]
pub struct Statements(HashMap<String, Counters>);

#[derive(Debug, Clone, Default)]
struct Counters {
    calls: f64,
    millis: f64,
    blocks: f64,
    is_claim: bool,
    text: String,
}

impl Statements {
    /// Reads the counters.
    pub async fn read(superuser: &Superuser) -> Result<Self> {
        let mut all: HashMap<String, Counters> = HashMap::new();
        for row in superuser.run(COUNTERS).await? {
            let mut fields = row.splitn(6, '|');
            let mut field = || fields.next().context("a statement has its counters");
            let id = field()?.to_owned();
            // The same text at the top and inside of a function is counted twice, and by several roles as well.
            let counters = all.entry(id).or_default();
            counters.calls += field()?.parse::<f64>()?;
            counters.millis += field()?.parse::<f64>()?;
            counters.blocks += field()?.parse::<f64>()?;
            counters.is_claim = field()? == "t";
            field()?.clone_into(&mut counters.text);
        }
        Ok(Self(all))
    }

    /// What was counted since.
    pub fn since(&self, before: &Self) -> Self {
        let nothing = Counters::default();
        let spent = self.0.iter().map(|(id, now)| {
            let then = before.0.get(id).unwrap_or(&nothing);
            let spent = Counters {
                calls: now.calls - then.calls,
                millis: now.millis - then.millis,
                blocks: now.blocks - then.blocks,
                ..now.clone()
            };
            (id.clone(), spent)
        });
        Self(spent.filter(|(_, spent)| spent.calls > 0.0).collect())
    }

    /// Milliseconds, and blocks that were looked at, of a claim.
    pub fn claim(&self) -> (f64, f64) {
        let claims = self.0.values().filter(|one| one.is_claim);
        let sum = claims.fold(Counters::default(), |sum, one| Counters {
            calls: sum.calls + one.calls,
            millis: sum.millis + one.millis,
            blocks: sum.blocks + one.blocks,
            ..sum
        });
        (sum.millis / sum.calls.max(1.0), sum.blocks / sum.calls.max(1.0))
    }

    /// The statements that took longest in all; a function's own time holds that of what is inside of it.
    pub fn costliest(&self, count: usize) -> Value {
        let mut all: Vec<&Counters> = self.0.values().collect();
        all.sort_by(|one, other| other.millis.total_cmp(&one.millis));
        let round = |value: f64| (value * 1e3).round() / 1e3;
        let lines = all.into_iter().take(count).map(|one| {
            json!({
                "calls": one.calls, "ms_a_call": round(one.millis / one.calls),
                "blocks_a_call": round(one.blocks / one.calls), "statement": one.text,
            })
        });
        lines.collect()
    }
}
