//! How fair was it? Figures of a story: Jain's index, shares by weight, newcomers, caps, idle slots.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use serde_json::{Value, json};

use super::story::Story;
use super::sweep::{Newcomer, Seen, sweep};

/// The figures.
pub fn judge(story: &Story) -> Value {
    let seen = sweep(story);
    let windows: Vec<BTreeMap<usize, f64>> =
        measured(story).into_iter().map(|window| shares(story, &seen, &window)).collect();
    let jain: Vec<f64> = windows.iter().map(|shares| jain(shares.values().copied())).collect();
    let capacity = story.slots as f64 * story.load.until.as_secs_f64();
    json!({
        "jain_least": rounded(jain.iter().copied().fold(1.0, f64::min), 4),
        "jain_mean": rounded(mean(jain.iter().copied()), 4),
        "windows": windows.len(),
        "tenants_compared": windows.iter().map(BTreeMap::len).min(),
        "share_error_percent": share_errors(story, &windows),
        "newcomers": newcomers(story, &seen.newcomers),
        "max_running_passed": seen.caps_passed,
        "idle_slot_percent": rounded(100.0 * seen.idle / capacity, 3),
        "jobs_begun": story.jobs.iter().filter(|job| job.began.is_some()).count(),
    })
}

/// The windows that are measured: all but the first, in which the tenants arrive.
fn measured(story: &Story) -> Vec<Range<Duration>> {
    let window = story.load.window;
    let mut from = window;
    let mut windows = Vec::new();
    while from + window <= story.load.until {
        windows.push(from..from + window);
        from += window;
    }
    windows
}

/// Seconds by weight of the backlogged tenants that had something waiting all through a window.
fn shares(story: &Story, seen: &Seen, window: &Range<Duration>) -> BTreeMap<usize, f64> {
    let overlaps = |dry: &Range<Duration>| dry.start.max(window.start) < dry.end.min(window.end);
    let consumed = story.consumed(window.start, window.end);
    let members = story.load.members.iter().zip(&seen.dry).zip(consumed).enumerate();
    members
        .filter(|(_, ((member, dry), _))| member.is_backlogged() && !dry.iter().any(overlaps))
        .map(|(tenant, ((member, _), seconds))| (tenant, seconds / member.weight))
        .collect()
}

/// R. Jain, D. Chiu, W. Hawe, «A Quantitative Measure of Fairness», DEC-TR-301, 1984: one where all have the
/// same, 1/n where one of n has everything.
fn jain(shares: impl Iterator<Item = f64>) -> f64 {
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for share in shares {
        count += 1.0;
        sum += share;
        squares += share * share;
    }
    if squares > 0.0 { sum * sum / (count * squares) } else { 1.0 }
}

/// How far each weight's tenants are from what everybody has in the mean, and the tenant that is farthest.
fn share_errors(story: &Story, windows: &[BTreeMap<usize, f64>]) -> Value {
    let all = mean(windows.iter().flat_map(BTreeMap::values).copied());
    let error = |shares: &[f64]| rounded(100.0 * (mean(shares.iter().copied()) / all - 1.0), 2);
    let (mut by_weight, mut by_tenant) = (BTreeMap::new(), BTreeMap::new());
    for (tenant, share) in windows.iter().flatten() {
        let weight = story.load.members.get(*tenant).map_or(0.0, |member| member.weight);
        by_weight.entry(format!("weight_{weight}")).or_insert_with(Vec::new).push(*share);
        by_tenant.entry(*tenant).or_insert_with(Vec::new).push(*share);
    }
    let mut errors: BTreeMap<String, f64> =
        by_weight.into_iter().map(|(weight, shares)| (weight, error(&shares))).collect();
    let worst = by_tenant.values().map(|shares| error(shares).abs()).fold(0.0, f64::max);
    errors.insert("worst_tenant".to_owned(), worst);
    json!(errors)
}

/// How long they waited. Who never began within the load has waited until its end, at least.
fn newcomers(story: &Story, newcomers: &[Newcomer]) -> Value {
    let until = story.load.until;
    let seconds = |from: Duration, to: Duration| to.saturating_sub(from).as_secs_f64();
    let waits = newcomers.iter().map(|one| seconds(one.asked, one.began.unwrap_or(until)));
    let slot = newcomers.iter().map(|one| seconds(one.asked, one.next_slot.unwrap_or(until)));
    let overtaken = newcomers.iter().map(|one| one.overtaken_by as f64);
    let at_once = newcomers.iter().filter(|one| one.began.is_some() && one.overtaken_by == 0).count();
    json!({
        "count": newcomers.len(),
        "never_began": newcomers.iter().filter(|one| one.began.is_none()).count(),
        "seconds": quantiles(waits.collect()),
        "seconds_to_next_free_slot": quantiles(slot.collect()),
        "overtaken_by_jobs": quantiles(overtaken.collect()),
        "at_next_slot_percent": rounded(100.0 * at_once as f64 / newcomers.len().max(1) as f64, 1),
        "mean_remaining_seconds": rounded(mean(newcomers.iter().map(|one| one.remaining.as_secs_f64())), 3),
    })
}

fn quantiles(mut values: Vec<f64>) -> Value {
    values.sort_by(f64::total_cmp);
    let at = |share| rounded(crate::start::quantile(&values, share), 3);
    json!({"p50": at(0.5), "p99": at(0.99)})
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut count, mut sum) = (0_u32, 0.0);
    for value in values {
        count += 1;
        sum += value;
    }
    sum / f64::from(count.max(1))
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shares_are_wholly_fair_and_one_who_has_all_is_not() {
        assert!((jain([3.0; 50].into_iter()) - 1.0).abs() < 1e-9);
        assert!((jain([9.0, 0.0, 0.0, 0.0].into_iter()) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn a_spread_of_a_seventh_is_what_the_goal_allows() {
        let shares = [1.0 - 1.0 / 7.0, 1.0 + 1.0 / 7.0];
        assert!((jain(shares.into_iter()) - 0.98).abs() < 1e-3);
    }
}
