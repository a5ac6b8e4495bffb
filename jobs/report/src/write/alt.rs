//! What does a chart say to somebody who does not see it?

use crate::model::{Chart, Report};

/// Parts of a chart that are told.
const MOST: usize = 40;

/// A chart in words.
pub fn alt(chart: &Chart, report: &Report<'_>) -> String {
    let (title, parts): (&str, Vec<String>) = match chart {
        Chart::Columns(columns) => {
            let told = columns.labels.iter().enumerate().take(MOST).map(|(at, label)| {
                let values = columns.series.iter().filter_map(|series| {
                    let value = series.values.get(at).filter(|value| **value != 0.0)?;
                    Some(format!("{} {}", report.locale.decimal(*value, 0), series.name.to_lowercase()))
                });
                let values = values.collect::<Vec<_>>().join(", ");
                format!("{label}: {}", if values.is_empty() { "0" } else { &values })
            });
            (&columns.title, told.collect())
        }
        Chart::Bars { title, bars } => {
            (title, bars.iter().take(MOST).map(|bar| format!("{}: {}", bar.label, bar.text)).collect())
        }
    };
    format!("{title}. {}", parts.join("; "))
}
