//! How did jobs end, day by day? The chart that two reports begin with.

use chrono::{Days, NaiveDate};

use crate::dataset::Outcomes;
use crate::model::{Chart, Columns, Series, Tone};
use crate::period::Span;
use crate::words::Locale;

/// Days that a chart shows; of a longer period the weeks, and of one that is longer still as many parts.
const MOST_COLUMNS: i64 = 62;

/// Columns of how jobs ended, one for each day of the period also where nothing happened; nothing where that is every day.
pub fn trend(period: &Span, days: impl Iterator<Item = Outcomes>, locale: Locale) -> Vec<Chart> {
    let count = period.days().max(1);
    let each = match count {
        1..=MOST_COLUMNS => 1,
        _ if count <= 7 * MOST_COLUMNS => 7,
        _ => (count + MOST_COLUMNS - 1) / MOST_COLUMNS,
    };
    let columns = usize::try_from((count + each - 1) / each).unwrap_or(1);
    let mut sums = vec![[0.0; 3]; columns];
    for day in days {
        let at = (day.day - period.first).num_days().div_euclid(each);
        let Some(sum) = usize::try_from(at).ok().and_then(|at| sums.get_mut(at)) else { continue };
        for (sum, part) in sum.iter_mut().zip([day.succeeded, day.failed, day.cancelled]) {
            *sum += part as f64;
        }
    }
    let first_of = |at: usize| first_day(period.first, at, each);
    let series = |at: usize, name: &str, tone| Series {
        name: name.to_owned(),
        tone,
        values: sums.iter().map(|sum| sum.get(at).copied().unwrap_or_default()).collect(),
    };
    let columns = Columns {
        title: match each {
            1 => locale.say("Trabalhos por dia", "Jobs by day").to_owned(),
            7 => locale.say("Trabalhos por semana", "Jobs by week").to_owned(),
            days => {
                locale.say("Trabalhos a cada {} dias", "Jobs every {} days").replace("{}", &days.to_string())
            }
        },
        labels: (0..columns).map(|at| locale.short_day(first_of(at))).collect(),
        series: vec![
            series(0, locale.say("Concluídos", "Succeeded"), Tone::Accent),
            series(1, locale.say("Falharam", "Failed"), Tone::Warn),
            series(2, locale.say("Cancelados", "Cancelled"), Tone::Quiet),
        ],
    };
    if columns.height() > 0.0 { vec![Chart::Columns(columns)] } else { Vec::new() }
}

fn first_day(first: NaiveDate, at: usize, each: i64) -> NaiveDate {
    let days = u64::try_from(each).unwrap_or(1).saturating_mul(at as u64);
    first.checked_add_days(Days::new(days)).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn every_day_of_the_period_has_its_column_and_a_year_has_weeks() {
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        let ends = [Outcomes { day: day(11, 7), succeeded: 2, failed: 3, cancelled: 0 }];
        for (first, last, columns) in [(day(11, 1), day(11, 30), 30), (day(1, 1), day(12, 31), 53)] {
            let span = Span { first, last, from: DateTime::UNIX_EPOCH, to: DateTime::UNIX_EPOCH };
            let charts = trend(&span, ends.iter().cloned(), Locale::PtBr);
            let Some(Chart::Columns(chart)) = charts.first() else { panic!("no columns") };
            assert_eq!((chart.labels.len(), chart.height()), (columns, 5.0));
        }
        let span = Span {
            first: day(11, 9),
            last: day(11, 10),
            from: DateTime::UNIX_EPOCH,
            to: DateTime::UNIX_EPOCH,
        };
        assert!(trend(&span, ends.into_iter(), Locale::PtBr).is_empty());
    }
}
