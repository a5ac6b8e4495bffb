//! What becomes of a load in a line, if time passes from event to event?

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::line::Line;
use super::load::Load;
use super::story::Story;

/// Runs a load on workers that share `slots` evenly.
pub async fn simulate(load: &Arc<Load>, slots: usize, workers: usize, line: &mut dyn Line) -> Result<Story> {
    let mut story = Story::of(Arc::clone(load), slots);
    let mut free = vec![slots / workers; workers];
    let mut ends: BinaryHeap<Reverse<(Duration, usize, usize)>> = BinaryHeap::new();
    let mut asked = load.asked.iter().enumerate().peekable();
    loop {
        let end = ends.peek().map(|Reverse((at, ..))| *at);
        let ask = asked.peek().map(|(_, asked)| asked.at);
        let Some(now) = [end, ask].into_iter().flatten().min() else { break };
        if now >= load.until {
            break;
        }
        while ends.peek().is_some_and(|Reverse((at, ..))| *at <= now)
            && let Some(Reverse((_, worker, job))) = ends.pop()
        {
            line.end(now, worker, job).await?;
            *free.get_mut(worker).context("a worker is one of them")? += 1;
        }
        let mut joining = Vec::new();
        while let Some((job, _)) = asked.next_if(|(_, asked)| asked.at <= now) {
            joining.push(job);
        }
        if !joining.is_empty() {
            line.join(now, &joining).await?;
        }
        for (worker, free) in free.iter_mut().enumerate().filter(|(_, free)| **free > 0) {
            let next = line.next(now, worker, *free).await?;
            *free = free.checked_sub(next.len()).context("more jobs were given than there are slots")?;
            for job in next {
                let told = story.jobs.get_mut(job).context("a job is of the load")?;
                ensure!(told.began.is_none(), "a job was given twice");
                let takes = load.asked.get(job).context("a job is of the load")?.takes;
                (told.began, told.ended) = (Some(now), Some(now + takes));
                ends.push(Reverse((now + takes, worker, job)));
            }
        }
    }
    Ok(story)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fairness::fifo::Fifo;
    use crate::fairness::judge::judge;
    use crate::fairness::known::Known;
    use crate::fairness::load::{Durations, Size};

    fn load() -> Arc<Load> {
        let durations = Durations::LongAndShort;
        Arc::new(Load::draw(Size { durations, slots: 64, windows: 1, flood: 20_000, seed: 7 }))
    }

    #[tokio::test]
    async fn a_line_that_knows_all_costs_is_fair_and_lets_newcomers_start() {
        let load = load();
        let story = simulate(&load, 64, 2, &mut Known::new(Arc::clone(&load))).await.unwrap();
        let told = judge(&story);
        assert!(told["jain_least"].as_f64().unwrap() > 0.99, "{told}");
        assert!(told["newcomers"]["overtaken_by_jobs"]["p50"].as_f64().unwrap() <= 1.0, "{told}");
        assert_eq!((&told["max_running_passed"], &told["idle_slot_percent"]), (&0.into(), &0.0.into()));
    }

    #[tokio::test]
    async fn in_a_plain_line_whoever_came_first_has_everything() {
        let told = judge(&simulate(&load(), 64, 2, &mut Fifo::default()).await.unwrap());
        assert!(told["jain_least"].as_f64().unwrap() < 0.1, "{told}");
        assert_eq!(told["newcomers"]["never_began"], told["newcomers"]["count"]);
    }
}
